package sam

import (
	"regexp"
	"strings"
)

var (
	// escapes are the terminal sequences that SAM, and the programs that
	// multiplex its log, colour and link lines with (ECMA-48 CSI and OSC).
	escapes = regexp.MustCompile(`\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])`)

	// logPrefix is what programs that pass a log on put before a line: a
	// container's name and a bar, brackets, time stamps, sam[123]: of the
	// system's log. Words are none: a function may print what it was sent.
	logPrefix = regexp.MustCompile(`^(?:\s*(?:[^"|]{0,64}\||\[[^\]]{0,64}\]|[0-9][0-9TZ:.,+/-]*|[^"]{0,80}\[[0-9]+\]:))*\s*`)

	// mounting is the line that SAM local prints for each of its routes. The
	// host stands there as it was given to --host, an IPv6 address without
	// its brackets. $default has no slash before it.
	mounting = regexp.MustCompile(`^Mounting (.+?) at https?://\S+?:([0-9]+)(/.*|\$default) \[([^\[\]]*)\]\s*$`)

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
// A time stamp or a container's name before it and terminal colours are
// ignored; with other words before it, it is none. The function is empty where
// SAM prints None. The catch-all $default takes each method, whatever SAM prints
// of it. The result is false if line is none of these lines; SAM's line about
// static files is none.
func ParseMounting(line string) (routes []Route, port string, ok bool) {
	m := mounting.FindStringSubmatch(BareLine(line))
	if m == nil {
		return nil, "", false
	}
	function, port, path, methods := m[1], m[2], m[3], m[4]
	if function == "None" {
		function = ""
	}
	path = werkzeugGreedy.ReplaceAllString(path, "{$1+}")
	path = werkzeugVariable.ReplaceAllString(path, "{$1}")
	if path == DefaultPath && strings.TrimSpace(methods) != "" {
		methods = strings.Join(anyMethods[:], ",")
	}
	for method := range strings.SplitSeq(methods, ",") {
		if method = strings.TrimSpace(method); method != "" {
			routes = append(routes, Route{Method: strings.ToUpper(method), Path: path, Function: function})
		}
	}
	return routes, port, true
}

// PlainLine returns a line of a log without terminal sequences.
func PlainLine(line string) string {
	if strings.IndexByte(line, '\x1b') < 0 { // most have none, and a log may be long
		return line
	}
	return escapes.ReplaceAllString(line, "")
}

// BareLine returns a line of a log without terminal sequences, and without what
// the programs that have passed it on put before it.
func BareLine(line string) string {
	line = PlainLine(line)
	return line[len(logPrefix.FindString(line)):]
}
