package sam

import (
	"regexp"
	"strings"
)

var (
	// escapes are the terminal sequences that SAM, and the programs that
	// multiplex its log, colour and link lines with (ECMA-48 CSI and OSC).
	escapes = regexp.MustCompile(`\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])`)

	// mounting is the line that SAM local prints for each of its routes. The
	// host stands there as it was given to --host, an IPv6 address without
	// its brackets. $default has no slash before it.
	mounting = regexp.MustCompile(`\bMounting (.+?) at https?://\S+?:[0-9]+(/.*|\$default) \[([^\[\]]*)\]\s*$`)

	// The variables of a path as Werkzeug, SAM's router, writes them. Older
	// versions of SAM print them so.
	werkzeugGreedy   = regexp.MustCompile(`<path:([^<>/]+)>`)
	werkzeugVariable = regexp.MustCompile(`<([^<>/:]+)>`)
)

// ParseMounting reads the routes from a line that SAM local prints at
// start-up:
//
//	Mounting ScanRecords at http://127.0.0.1:3000/scanRecords [GET, POST]
//
// What stands before it (a time stamp, a container's name) and terminal
// colours are ignored. The function is empty where SAM prints None. The
// result is false if line is none of these lines; SAM's line about static
// files is none.
func ParseMounting(line string) ([]Route, bool) {
	m := mounting.FindStringSubmatch(PlainLine(line))
	if m == nil {
		return nil, false
	}
	function, path, methods := m[1], m[2], m[3]
	if function == "None" {
		function = ""
	}
	path = werkzeugGreedy.ReplaceAllString(path, "{$1+}")
	path = werkzeugVariable.ReplaceAllString(path, "{$1}")
	var routes []Route
	for method := range strings.SplitSeq(methods, ",") {
		if method = strings.TrimSpace(method); method != "" {
			routes = append(routes, Route{Method: strings.ToUpper(method), Path: path, Function: function})
		}
	}
	return routes, true
}

// PlainLine returns a line of a log without terminal sequences.
func PlainLine(line string) string { return escapes.ReplaceAllString(line, "") }
