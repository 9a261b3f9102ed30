package check

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// ignoreComment is "# corsproxy:ignore", with or without codes, at the end of
// a line or alone on it.
var ignoreComment = regexp.MustCompile(`^(.*?\s|)#\s*corsproxy:ignore(?:\s+(.*))?$`)

var codeWord = regexp.MustCompile(`^CP\d{4}$`)

// An ignore is a comment that silences findings on one line.
type ignore struct {
	pos   tree.Pos
	line  int    // whose findings it silences
	codes []Code // none means all
	used  map[Code]bool
}

// silence removes the findings that comments silence. It returns those left,
// and a finding for each comment, or code of one, that silences nothing.
func (s *sources) silence(found []placed, hasConfig bool) (left, unused []placed) {
	ignores := make(map[string][]*ignore)
	read := slices.Clone(s.names)
	for _, name := range read {
		ignores[name] = s.ignores(name)
	}
	for _, p := range found {
		if _, ok := ignores[p.pos.File]; !ok { // the source of a build, which may be older
			s.load(p.pos.File)
			ignores[p.pos.File] = s.ignores(p.pos.File)
		}
		if !silenced(ignores[p.pos.File], p) {
			left = append(left, p)
		}
	}
	info, _ := Lookup(ignoreUnused)
	for _, name := range read {
		for _, i := range ignores[name] {
			for _, what := range i.unused(hasConfig) {
				unused = append(unused, placed{info, problem{
					pos: i.pos, what: what,
					why: "a comment left behind may hide the next mistake",
					fix: "remove it",
				}})
			}
		}
	}
	return left, unused
}

func silenced(ignores []*ignore, p placed) (done bool) {
	for _, i := range ignores {
		if i.line == p.pos.Line && (len(i.codes) == 0 || slices.Contains(i.codes, p.Code)) {
			i.used[p.Code] = true
			done = true
		}
	}
	return done
}

// ignores reads the comments of a file. JSON has none.
func (s *sources) ignores(name string) []*ignore {
	if path.Ext(name) == ".json" {
		return nil
	}
	var all []*ignore
	lines := s.lines[name]
	for n, line := range lines {
		m := ignoreComment.FindStringSubmatch(strings.TrimRight(line, "\r "))
		if m == nil {
			continue
		}
		i := &ignore{pos: tree.Pos{File: name, Line: n + 1, Column: len(m[1]) + 1}, line: n + 1, used: make(map[Code]bool)}
		if strings.TrimSpace(m[1]) == "" {
			i.line = nextLine(lines, n) + 1 // alone on its line, it is about the next
		}
		for word := range strings.FieldsFuncSeq(m[2], func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
			if !codeWord.MatchString(word) {
				break // a reason follows
			}
			i.codes = append(i.codes, Code(word))
		}
		all = append(all, i)
	}
	return all
}

// nextLine returns the index of the first line after n that is more than a
// comment.
func nextLine(lines []string, n int) int {
	for n++; n < len(lines); n++ {
		if s := strings.TrimSpace(lines[n]); s != "" && !strings.HasPrefix(s, "#") {
			break
		}
	}
	return n
}

// unused says what of a comment silences nothing.
func (i *ignore) unused(hasConfig bool) []string {
	if len(i.codes) == 0 && len(i.used) == 0 {
		return []string{"there is no finding to ignore here"}
	}
	var all []string
	for _, c := range i.codes {
		at := slices.IndexFunc(rules(), func(r rule) bool { return r.Code == c })
		switch {
		case at < 0:
			all = append(all, fmt.Sprintf("%s is no code of a check", c))
		case !i.used[c] && (hasConfig || !rules()[at].needsConfig):
			all = append(all, fmt.Sprintf("there is no %s to ignore here", c))
		}
	}
	return all
}
