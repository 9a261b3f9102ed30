// Package pathpattern reads and matches path patterns as API Gateway and AWS
// SAM templates write them, with the meaning that "sam local start-api" gives
// them:
//
//	/items          that path
//	/items/{id}     {id} is exactly one segment, never empty
//	/{name}.json    text and parameters may share a segment
//	/admin/{rest+}  {rest+} is one or more characters, slashes included
//	$default        every path
//
// Matching is case-sensitive. One trailing slash is ignored, in the pattern
// and in the path, so /admin/{rest+} matches neither /admin nor /admin/.
//
// SAM local routes with Werkzeug; where API Gateway's documentation leaves a
// question open, Werkzeug's answer is the one given here.
package pathpattern

import (
	"strings"
	"unicode/utf8"
)

// Default is the pattern of an HTTP API's catch-all route. It matches every
// path.
const Default = "$default"

// A Pattern is a parsed path pattern. The zero Pattern matches nothing; use
// [Parse] to make one. Patterns are immutable.
type Pattern struct {
	text     string
	segments []segment
	greedy   bool // a {name+} follows the segments
	any      bool // $default
}

// String returns the pattern as it was given to [Parse].
func (p Pattern) String() string { return p.text }

// Match reports whether the pattern matches path, which begins with a slash
// and is decoded; see [Decode].
func (p Pattern) Match(path string) bool {
	if p.any {
		return true
	}
	rest, ok := trimPath(path)
	if !ok || p.text == "" {
		return false
	}
	for _, s := range p.segments {
		if rest == "" {
			return false
		}
		var name string
		name, rest = cutSegment(rest)
		if !s.match(name) {
			return false
		}
	}
	if p.greedy {
		return len(rest) > 1
	}
	return rest == ""
}

// trimPath removes the one trailing slash that matching ignores and reports
// whether path has the leading slash that it needs. The root becomes "".
func trimPath(path string) (string, bool) {
	if !strings.HasPrefix(path, "/") {
		return "", false
	}
	return strings.TrimSuffix(path, "/"), true
}

// cutSegment splits "/a/b/c" into "a" and "/b/c". The path must begin with a
// slash.
func cutSegment(path string) (name, rest string) {
	path = path[1:]
	if i := strings.IndexByte(path, '/'); i >= 0 {
		return path[:i], path[i:]
	}
	return path, ""
}

// A segment is one segment of a pattern, held as the texts around its
// parameters: "items" is ["items"], "{id}" is ["", ""], "{a}-{b}.png" is
// ["", "-", ".png"].
type segment []string

func (s segment) literal() bool  { return len(s) == 1 }
func (s segment) variable() bool { return len(s) == 2 && s[0] == "" && s[1] == "" }

func (s segment) prefix() string { return s[0] }
func (s segment) suffix() string { return s[len(s)-1] }

// key tells segments apart that match differently: the names of parameters
// make no difference. Texts cannot contain braces.
func (s segment) key() string { return strings.Join(s, "{}") }

// match reports whether the segment matches name. Each parameter takes at
// least one character. Taking the first occurrence of each inner text leaves the
// most to the texts that follow, so there is nothing to backtrack to and the
// time is linear in len(name) for each text.
func (s segment) match(name string) bool {
	if s.literal() {
		return name == s[0]
	}
	if len(name) <= len(s.prefix())+len(s.suffix()) ||
		!strings.HasPrefix(name, s.prefix()) || !strings.HasSuffix(name, s.suffix()) {
		return false
	}
	name = name[len(s.prefix()) : len(name)-len(s.suffix())]
	for _, text := range s[1 : len(s)-1] {
		_, taken := utf8.DecodeRuneInString(name)
		i := strings.Index(name[taken:], text)
		if taken == 0 || i < 0 {
			return false
		}
		name = name[taken+i+len(text):]
	}
	return name != ""
}

// compare orders two segments with parameters as Werkzeug weighs them: more
// pieces of text first, then longer pieces, then more parameters. It returns
// a negative number if s goes first and 0 if neither does.
func (s segment) compare(t segment) int {
	a, b := s.texts(), t.texts()
	if len(a) != len(b) {
		return len(b) - len(a)
	}
	for i := range a {
		if len(a[i]) != len(b[i]) {
			return len(b[i]) - len(a[i])
		}
	}
	return len(t) - len(s)
}

// texts returns the pieces of text that are not empty.
func (s segment) texts() []string {
	var texts []string
	for _, text := range s {
		if text != "" {
			texts = append(texts, text)
		}
	}
	return texts
}
