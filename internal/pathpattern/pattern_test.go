package pathpattern_test

import (
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/pathpattern"
)

// parse parses a pattern that must be right.
func parse(t testing.TB, s string) pathpattern.Pattern {
	t.Helper()
	p, err := pathpattern.Parse(s)
	if err != nil {
		t.Fatalf("Parse(%q): %v", s, err)
	}
	return p
}

func TestMatch(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern string
		yes, no []string
	}{
		{"/", []string{"/"}, []string{"", "//", "/a", "*"}},
		{"/items", []string{"/items", "/items/"}, []string{"/", "/Items", "/items//", "//items", "/items/1", "/item", "items"}},
		{"/items/", []string{"/items", "/items/"}, []string{"/items/1", "/items//"}},
		{"//a//b", []string{"/a/b"}, []string{"/a//b"}},
		{"/items/{id}", []string{"/items/1", "/items/1/", "/items/a b", "/items/{id}", "/items/é"}, []string{"/items", "/items/", "/items//", "/items/1/2", "/x/1"}},
		{"/{user-id}/{a.b_C9}", []string{"/u/v"}, []string{"/u"}},
		{"/a/{x}/c", []string{"/a/b/c", "/a/b/c/"}, []string{"/a//c", "/a/b/d", "/a/b/c/d"}},
		{"/{proxy+}", []string{"/a", "/a/", "/a/b//c", "/a//"}, []string{"/", "", "//", "a"}},
		{"/p/{proxy+}", []string{"/p/a", "/p/a/", "/p/a/b/c", "/p//x"}, []string{"/p", "/p/", "/p//", "/q/a"}},
		{"/{y}.png", []string{"/a.png", "/a.png/", "/.png.png"}, []string{"/.png", "/a.PNG", "/apng", "/a/b.png"}},
		{"/e{id}", []string{"/e1", "/ee"}, []string{"/e", "/E1"}},
		{"/{a}-{b}", []string{"/x-y", "/---", "/x-y-z"}, []string{"/x-", "/-y", "/--", "/xy"}},
		{"/v{major}.{minor}.json", []string{"/v1.2.json", "/v1...json"}, []string{"/v1.json", "/v.2.json", "/v1..json"}},
		{"/{a}{b}", []string{"/xy", "/xyz", "/éx"}, []string{"/x", "/é", "/"}},
		{"/{a}bc{b}c", []string{"/xbcyc", "/bbcbcc"}, []string{"/xbcc", "/bcyc", "/xbc"}},
		{"$default", []string{"/", "/a", "/a/b", "", "*"}, nil},
		{"/$default", []string{"/$default"}, []string{"/", "/a"}},
		{"/a:batch", []string{"/a:batch"}, []string{"/a"}},
	}
	for _, tt := range tests {
		p := parse(t, tt.pattern)
		if p.String() != tt.pattern {
			t.Errorf("Parse(%q).String() = %q", tt.pattern, p)
		}
		for _, path := range tt.yes {
			if !p.Match(path) {
				t.Errorf("%q does not match %q", tt.pattern, path)
			}
		}
		for _, path := range tt.no {
			if p.Match(path) {
				t.Errorf("%q matches %q", tt.pattern, path)
			}
		}
	}
}

func TestZeroPatternMatchesNothing(t *testing.T) {
	t.Parallel()
	var zero pathpattern.Pattern
	var x pathpattern.Index[int]
	x.Insert(zero, 1)
	for _, path := range []string{"", "/", "/a"} {
		if zero.Match(path) {
			t.Errorf("the zero Pattern matches %q", path)
		}
		if v, ok := x.First(path); ok {
			t.Errorf("First(%q) = %d, of a zero Pattern", path, v)
		}
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	tests := []struct{ pattern, want string }{
		{"", `path pattern is empty; write "/" for the root, or "$default" for every path`},
		{"items", `path pattern "items" has no leading slash; write "/items"`},
		{"{proxy+}", `path pattern "{proxy+}" has no leading slash; write "/{proxy+}"`},
		{"$defualt", `path pattern "$defualt" has no leading slash; write "$default" for every path, or begin with a slash`},
		{"http://localhost:8080/items", `path pattern "http://localhost:8080/items" is a URL; write its path alone, such as /items/{id}`},
		{"/items?x=1", `path pattern "/items?x=1": '?' begins a query or fragment, and patterns see the path alone; write "/items"`},
		{"/items/{id", `path pattern "/items/{id": "{id" leaves a brace open; write {name}`},
		{"/items/{a/b}", `path pattern "/items/{a/b}": "{a" leaves a brace open; write {name}`},
		{"/items/id}", `path pattern "/items/id}": "id}" closes a brace that is not open; write {name}`},
		{"/{a}}", `path pattern "/{a}}": "{a}}" closes a brace that is not open; write {name}`},
		{"/items/{}", `path pattern "/items/{}": a parameter has no name; write {id}, or {proxy+} for the rest of the path`},
		{"/items/{+}", `path pattern "/items/{+}": a parameter has no name; write {id}, or {proxy+} for the rest of the path`},
		{"/{proxy+}/edit", `path pattern "/{proxy+}/edit": a greedy parameter such as {proxy+} must be the last segment; end the pattern there, or write {proxy} for one segment`},
		{"/{a+}/{b+}", `path pattern "/{a+}/{b+}": a greedy parameter such as {proxy+} must be the last segment; end the pattern there, or write {proxy} for one segment`},
		{"/x{rest+}", `path pattern "/x{rest+}": "x{rest+}" mixes a greedy parameter with other text; give {rest+} a segment of its own`},
		{"/{rest+}.png", `path pattern "/{rest+}.png": "{rest+}.png" mixes a greedy parameter with other text; give {rest+} a segment of its own`},
		{"/{a}{rest+}", `path pattern "/{a}{rest+}": "{a}{rest+}" mixes a greedy parameter with other text; give {rest+} a segment of its own`},
		{"/{user id}", `path pattern "/{user id}": parameter name "user id" holds ' '; use letters, digits, '.', '_' and '-'`},
		{"/{a{b}}", `path pattern "/{a{b}}": parameter name "a{b" holds '{'; use letters, digits, '.', '_' and '-'`},
		{"/admin/*", `path pattern "/admin/*": "*" is not a wildcard here; write {name} for one segment, or {proxy+} for the rest of the path`},
		{"/items/<id>", `path pattern "/items/<id>": "<id>" holds an angle bracket; parameters are written {name}, or {name+} for the rest of the path`},
	}
	for _, tt := range tests {
		p, err := pathpattern.Parse(tt.pattern)
		if err == nil {
			t.Errorf("Parse(%q) succeeded", tt.pattern)
			continue
		}
		if err.Error() != tt.want {
			t.Errorf("Parse(%q):\n got %s\nwant %s", tt.pattern, err, tt.want)
		}
		if p.String() != "" {
			t.Errorf("Parse(%q) returned %q beside an error", tt.pattern, p)
		}
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	tests := []struct{ raw, want string }{
		{"/", "/"},
		{"", ""},
		{"*", "*"},
		{"/items/1", "/items/1"},
		{"/a%2Fb%2fc", "/a/b/c"},
		{"/a+b", "/a+b"},
		{"/%7Bid%7D", "/{id}"},
		{"/%C3%A9", "/é"},
		{"/%FF", "/\uFFFD"},
		{"/\xc3\xa9", "/Ã©"},
		{"/%C3\xa9", "/\uFFFD©"},
		{"/100%", "/100%"},
		{"/%2", "/%2"},
		{"/%zz%41", "/%zzA"},
		{"/%%41", "/%A"},
		{"/%2541", "/%41"},
		{"/%00", "/\x00"},
		{"//a//b", "/a//b"},
		{"///", "/"},
		{"/%2Fa", "/a"},
		{"/a?x=1", "/a"},
		{"/a%3Fx", "/a?x"},
		{"/a#b", "/a"},
	}
	for _, tt := range tests {
		if got := pathpattern.Decode(tt.raw); got != tt.want {
			t.Errorf("Decode(%q) = %q, want %q", tt.raw, got, tt.want)
		}
	}
}

func TestDecodeAllocatesNothingForPlainPaths(t *testing.T) {
	path := "/items/" + strings.Repeat("a", 100)
	if n := testing.AllocsPerRun(100, func() { pathpattern.Decode(path) }); n != 0 {
		t.Errorf("Decode allocates %v times", n)
	}
}
