package childlog

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var (
	// The host and the port of a URL, as in "Running on http://127.0.0.1:5000".
	hostPort = regexp.MustCompile(`^(\[[0-9a-fA-F:.]+\]|[\w.-]+|\*):([0-9]{2,5})\b`)

	// What follows where a URL has a user's name and password (RFC 3986, section 3.2.1).
	isUserinfo = regexp.MustCompile(`^[^/?#\s]*@`)

	// A port in words, as in "listening on port 3000" and "Listening on :::3000".
	linePort  = regexp.MustCompile(`(?i)\b(?:` + strings.Join(portWords, "|") + `)\b.*?(?:\bport\b[ :=#]*|\b(?:on|at)\b[ :]*(?:[\w.*:\[\]-]*:)?)([0-9]{2,5})\b`)
	portWords = []string{"listen", "listening", "running", "started", "serving", "ready", "server", "up"}

	// A place in a program, as in "server error at app.js:42:13".
	place = regexp.MustCompile(`\b[\w-]+\.(?:[cm]?[jt]sx?|py|rb|go|sh|bash|zsh|php|java|kt|cs|rs|lua|ex|exs|ya?ml|json|toml):[0-9]+\b(?::[0-9]+\b)?`)

	// What says that a URL is where the program listens.
	lineWords = regexp.MustCompile(`(?i)\b(?:listen|listening|running|started|starting|serving|serve|ready|server|available|local|now browse|now listening|mounting|up|on|at)\b`)

	// What says that it is something else.
	lineOther = regexp.MustCompile(`(?i)\bdebug|\binspector|\bdevtools|\bnetwork:|\bproxy\b|\bupstream\b|\bconnect(?:ed|ing)?\b|\bdatabase|\bGET /|\bPOST /`)
)

// FromLine returns the address that a line of a log says its program listens
// on, as a URL. The line has no terminal sequences.
//
// A program may write many lines, and is not to wait for what reads them: those
// that can name no address are told from the others without an expression.
func FromLine(line string) (string, bool) {
	if len(line) > 1000 {
		return "", false
	}
	if u, ok := findURL(line); ok && isPort(u.port) {
		return u.listening(line)
	}
	if !hasWord(line, portWords) || lineOther.MatchString(line) {
		return "", false
	}
	if m := linePort.FindStringSubmatch(place.ReplaceAllString(line, "")); m != nil && isPort(m[1]) {
		return URL("", m[1]), true
	}
	return "", false
}

// A lineURL is a URL with a port in a line.
type lineURL struct {
	scheme, host, port string // the scheme in lower case
	before, after      string // in the line; the path is after
}

// findURL returns the first one.
func findURL(line string) (lineURL, bool) {
	for start := 0; ; {
		i := strings.Index(line[start:], "://")
		if i < 0 {
			return lineURL{}, false
		}
		i += start
		start = i + len("://")
		begin := i
		for begin > 0 && isWordByte(line[begin-1]) {
			begin--
		}
		scheme := strings.ToLower(line[begin:i])
		if scheme != "http" && scheme != "https" {
			continue
		}
		if m := hostPort.FindStringSubmatchIndex(line[start:]); m != nil {
			rest := line[start:]
			return lineURL{scheme, rest[m[2]:m[3]], rest[m[4]:m[5]], line[:begin], rest[m[5]:]}, true
		}
	}
}

// listening returns the address that the line says its program listens on.
func (u lineURL) listening(line string) (string, bool) {
	if isUserinfo.MatchString(u.after) { // what looks like host and port are a user's name and password
		return "", false
	}
	// A line that is but the URL says it too.
	if strings.TrimSpace(u.before) != "" && strings.TrimSpace(u.after) != "" && !lineWords.MatchString(u.before) || lineOther.MatchString(line) {
		return "", false
	}
	address := URL(u.host, u.port)
	if u.scheme == "https" {
		address = "https" + strings.TrimPrefix(address, "http")
	}
	if _, err := url.Parse(address); err != nil {
		return "", false
	}
	return address, true
}

// hasWord reports whether one of words stands in line, whatever its case.
func hasWord(line string, words []string) bool {
	for i := 0; i < len(line); i++ {
		begin := i
		for i < len(line) && isWordByte(line[i]) {
			i++
		}
		word := line[begin:i]
		if slices.ContainsFunc(words, func(w string) bool { return len(w) == len(word) && strings.EqualFold(w, word) }) {
			return true
		}
	}
	return false
}

// isWordByte reports whether c is one of the characters that \w stands for.
func isWordByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
