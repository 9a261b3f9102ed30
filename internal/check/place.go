package check

import (
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/transform"
)

// A place is where code says what a rule looks for. Functions may share a file,
// or import one, so that what it says need not be so of each of them.
type place struct {
	file   sourceFile
	line   int         // from 1
	owners []*resource // the functions whose code it is, as far as that can be told
}

// A codeKey is what has been looked for, and in which code.
type codeKey struct {
	expression *regexp.Regexp
	dir        string
	function   *resource // whose code is in the template
}

// places returns where a function's source has what an expression matches: the
// first line of each declaration that has, those of the fewest functions first.
func (c *code) places(function *resource, expression *regexp.Regexp) []place {
	found, ok := c.of(function)
	if !ok {
		return nil
	}
	key := codeKey{expression: expression, function: function}
	if dir, ok := c.folderOf(function); ok {
		key.dir, key.function = dir, nil
	}
	if all, ok := c.found[key]; ok {
		return all
	}
	var all []place
	for _, f := range found {
		text := outline{text: f.text}
		seen := make(map[string]bool) // by declaration
		for _, at := range expression.FindAllStringIndex(f.text, -1) {
			text.read(at[0])
			if !seen[text.inside] {
				seen[text.inside] = true
				all = append(all, place{f, text.line, c.owners(function, f, text.inside, text.decorated)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b place) int { return len(a.owners) - len(b.owners) })
	c.found[key] = all
	return all
}

// owned returns the first place in a function's source that is its own, if only
// among others, and that counts. It is false where there is none.
func (c *code) owned(function *resource, expression *regexp.Regexp, counts func(place) bool) (place, bool) {
	for _, p := range c.places(function, expression) {
		if slices.Contains(p.owners, function) && counts(p) {
			return p, true
		}
	}
	return place{}, false
}

// owners returns the functions that a declaration in a file belongs to. Of those
// whose folder has the file, it is not that of functions whose handlers are in
// other files, where it is the file of some handler, and inside of a handler it
// is that handler's. What stands beside the handlers is everybody's, unless nothing
// names it.
func (c *code) owners(function *resource, f sourceFile, inside string, decorated bool) []*resource {
	if f.name == "" {
		return []*resource{function}
	}
	var all []*resource
	ofFile, ofHandler := false, false
	for _, r := range c.functions {
		if dir, ok := c.folderOf(r); ok && within(dir, f.name) {
			all = append(all, r)
			h := c.handlerOf(r)
			ofFile = ofFile || h.file == stem(f.name)
			ofHandler = ofHandler || h == handler{stem(f.name), inside}
		}
	}
	unused := inside != "" && !ofHandler && !decorated && !c.uses(function, inside)
	return slices.DeleteFunc(all, func(r *resource) bool {
		h := c.handlerOf(r)
		if unused && h.file != "" {
			return true
		}
		return h.file != "" && ofFile && (h.file != stem(f.name) || ofHandler && h.symbol != inside)
	})
}

// within reports whether a folder has the file called name, somewhere.
func within(dir, name string) bool {
	rel, err := filepath.Rel(filepath.FromSlash(dir), filepath.FromSlash(name))
	return err == nil && filepath.IsLocal(rel)
}

// word is a name in code, and none in a path or a media type.
var word = regexp.MustCompile(`(?:^|[^\w$/-])([\w$]+)`)

// uses reports whether a function's source names a declaration anywhere but where
// it is declared.
func (c *code) uses(function *resource, name string) bool {
	dir, _ := c.folderOf(function)
	words, ok := c.words[dir]
	if !ok {
		words = make(map[string]int)
		for _, f := range c.folder(dir) {
			for _, m := range word.FindAllStringSubmatch(f.text, -1) {
				words[m[1]]++
			}
		}
		c.words[dir] = words
	}
	return words[name] > 1
}

// stem returns a file's name in lower case, without its extension.
func stem(name string) string { return strings.ToLower(strings.TrimSuffix(name, path.Ext(name))) }

// A handler is where a function's code begins: a file without its extension, and
// a name in it, in lower case as its source. It is empty where that cannot be
// told.
type handler struct{ file, symbol string }

// handlerOf reads a function's Handler as Node.js does and as Python does, which
// end the name of the file at another point, and looks which of them is there.
func (c *code) handlerOf(function *resource) handler {
	if h, ok := c.handlers[function]; ok {
		return h
	}
	var found handler
	dir, _ := c.folderOf(function)
	text, _ := function.get("Handler").local.Str()
	text = strings.ToLower(text)
	base := 1 + strings.LastIndexByte(text, '/')
	first, last := base+strings.IndexByte(text[base:], '.'), strings.LastIndexByte(text, '.')
	if files := c.folder(dir); first >= base {
		for _, h := range []handler{{text[:first], text[first+1:]}, {strings.ReplaceAll(text[:last], ".", "/"), text[last+1:]}} {
			h.file = stem(path.Join(dir, h.file) + ".")
			if slices.ContainsFunc(files, func(f sourceFile) bool { return stem(f.name) == h.file }) {
				found = h
				break
			}
		}
	}
	c.handlers[function] = found
	return found
}

// An outline is a file as far as it has been read, and which declaration of its
// top level that is in: what no other line at the margin has ended.
type outline struct {
	text   string
	at     int // where the line after the last one that was looked at begins
	line   int // the number of that last one
	inside string

	decorated bool // what is above the declaration may make use of it
}

// declaration is the beginning of a function at the top level of a file in
// Python, JavaScript, TypeScript or Ruby.
var declaration = regexp.MustCompile(`^(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:(?:def|function\s*\*?|const|let|var)\s+|(?:module\.)?exports\.)([\w$]+)`)

// read goes on to the line of an offset.
func (o *outline) read(offset int) {
	for o.at <= offset {
		line, _, _ := strings.Cut(o.text[o.at:], "\n")
		o.at += len(line) + 1
		o.line++
		if strings.HasPrefix(line, "@") {
			o.inside, o.decorated = "", true
			continue
		}
		if strings.Trim(line[:min(1, len(line))], " \t\r)]}{#/*") == "" {
			continue // inside, or nothing by itself
		}
		decorator := o.inside == "" && o.decorated
		o.inside, o.decorated = "", false
		if m := declaration.FindStringSubmatch(line); m != nil {
			o.inside, o.decorated = m[1], decorator
		}
	}
}

// mentions says which functions' code it is, and where: what is in it may be of
// one of them alone.
func (p place) mentions(owners []*resource) string {
	names := make([]string, len(owners))
	for i, r := range owners {
		names[i] = quote(r.id)
	}
	at := ""
	if p.file.name != "" {
		at = fmt.Sprintf(" (%s:%d)", p.file.name, p.line)
	}
	if len(p.owners) > 1 {
		if len(names) > 1 {
			return "code that functions " + firstOf(names, 4) + " share" + at
		}
		return "code that function " + names[0] + " shares with others" + at
	}
	return "the code of function " + names[0] + at
}

// eachOwned states one problem for those functions of an API that have a place
// in common where their code has what an expression matches. A place does not
// count that is also of a function that does not.
func (v *view) eachOwned(code *code, expression *regexp.Regexp, looks func(*api) bool, counts func(*resource) bool, state func(*route, place, []*resource) problem) []problem {
	var all []problem
	for _, a := range v.apis {
		if !looks(a) {
			continue
		}
		said := make(map[*resource]bool)
		for _, r := range a.all {
			if r.function == nil || r.function.kind != transform.Function || said[r.function] {
				continue
			}
			p, ok := code.owned(r.function, expression, func(p place) bool {
				return !slices.ContainsFunc(p.owners, func(f *resource) bool { return !counts(f) })
			})
			if !ok {
				continue
			}
			var owners []*resource
			for _, other := range a.all {
				if f := other.function; f != nil && slices.Contains(p.owners, f) && !said[f] {
					said[f] = true
					owners = append(owners, f)
				}
			}
			all = append(all, state(r, p, owners))
		}
	}
	return all
}
