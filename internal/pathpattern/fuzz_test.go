package pathpattern_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/pathpattern"
)

// A naive is a pattern as a regular expression, with the list of its segments.
type naive struct {
	text     string
	re       *regexp.Regexp
	segments []string // parameters are "{}" and "{+}"
}

var parameter = regexp.MustCompile(`\{[^}+]*(\+?)\}`)

func newNaive(text string) naive {
	if text == pathpattern.Default {
		return naive{text: text, re: regexp.MustCompile(``), segments: []string{text}}
	}
	n := naive{text: text}
	expr := "^"
	for part := range strings.SplitSeq(text, "/") {
		if part == "" {
			continue
		}
		part = parameter.ReplaceAllString(part, "{$1}")
		n.segments = append(n.segments, part)
		part = regexp.QuoteMeta(part)
		part = strings.ReplaceAll(part, `\{\}`, `[^/]+`)
		part = strings.ReplaceAll(part, `\{\+\}`, `.+`)
		expr += "/" + part
	}
	n.re = regexp.MustCompile(`(?s)` + expr + `$`)
	return n
}

func (n naive) match(path string) bool {
	if n.text == pathpattern.Default {
		return true
	}
	path, rooted := strings.CutPrefix(path, "/")
	return rooted && n.re.MatchString(strings.TrimSuffix("/"+path, "/"))
}

// rank orders a segment among others that match the same text.
func rank(segment string) (class, texts int) {
	switch {
	case segment == pathpattern.Default:
		return 4, 0
	case segment == "{+}":
		return 3, 0
	case segment == "{}":
		return 2, 0
	case !strings.Contains(segment, "{"):
		return 0, 0
	}
	for _, text := range strings.Split(segment, "{}") {
		if text != "" {
			texts++
		}
	}
	return 1, -texts
}

// better compares patterns that match the same path.
func better(a, b naive) int {
	for i := range min(len(a.segments), len(b.segments)) {
		ac, at := rank(a.segments[i])
		bc, bt := rank(b.segments[i])
		if ac != bc {
			return ac - bc
		}
		if at != bt {
			return at - bt
		}
		if a.segments[i] != b.segments[i] {
			return 0 // both mixed; the recorded cases of Werkzeug cover these
		}
	}
	return 0
}

// FuzzIndex compares Index and Match with regular expressions in a list.
func FuzzIndex(f *testing.F) {
	f.Add("/a\n/{x}\n/{x+}", "/a")
	f.Add("/a/{x}/c\n/{y}.png\n/{a}-{b}.png\n$default", "/x-y.png/")
	f.Add("/{a}{b}\n/{a}bc{b}c\n//a//b", "/xbcyc")
	f.Add("/p/{proxy+}\n/p/\n/", "/p//")
	f.Add("/{a+}/b\n/{a.b-c_d}", "//")
	f.Fuzz(func(t *testing.T, list, path string) {
		if len(list) > 500 || len(path) > 500 {
			t.Skip()
		}
		list, path = strings.ToValidUTF8(list, "?"), strings.ToValidUTF8(path, "?") // as Decode leaves a path
		var x pathpattern.Index[int]
		var matching []int
		var all []naive
		for text := range strings.SplitSeq(list, "\n") {
			p, err := pathpattern.Parse(text)
			if err != nil {
				if !strings.HasPrefix(err.Error(), "path pattern ") {
					t.Errorf("Parse(%q): %v", text, err)
				}
				continue
			}
			n := newNaive(text)
			if got, want := p.Match(path), n.match(path); got != want {
				t.Errorf("%q matches %q: %v, want %v", text, path, got, want)
			} else if got {
				matching = append(matching, len(all))
			}
			x.Insert(p, len(all))
			all = append(all, n)
		}
		got := slices.Collect(x.Matches(path))
		for i := range got[min(1, len(got)):] {
			if better(all[got[i]], all[got[i+1]]) > 0 {
				t.Errorf("Matches(%q) has %q before %q", path, all[got[i]].text, all[got[i+1]].text)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, matching) {
			t.Errorf("Matches(%q) of %q = %v, want %v", path, list, got, matching)
		}
		first, ok := x.First(path)
		if ok != (len(matching) > 0) || ok && first != matching[0] {
			t.Errorf("First(%q) of %q = %d, %v; want the first of %v", path, list, first, ok, matching)
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"/a%2Fb", "//%zz", "/\xc3%A9", "/%", "/%4", "/a?b", "%2f%2f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got := pathpattern.Decode(raw)
		if strings.HasPrefix(got, "//") {
			t.Errorf("Decode(%q) = %q begins with two slashes", raw, got)
		}
		plain := !strings.ContainsFunc(raw, func(r rune) bool { return r >= 0x80 || strings.ContainsRune("%?#", r) })
		if plain && strings.TrimLeft(raw, "/") != strings.TrimLeft(got, "/") {
			t.Errorf("Decode(%q) = %q, want it as it is", raw, got)
		}
		if !strings.ContainsAny(raw, "?#") && len([]rune(got)) > len(raw) {
			t.Errorf("Decode(%q) = %q is longer", raw, got)
		}
	})
}
