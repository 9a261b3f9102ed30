package check

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/transform"
)

// The limits of what is read of functions' code.
const (
	maxCodeFiles = 200
	maxCodeSize  = 4 << 20  // bytes, of one function
	maxAllCode   = 32 << 20 // bytes, of all of a template's; of what follows nothing is known
)

// languages are the extensions of files that functions are written in.
var languages = []string{".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".tsx", ".py", ".rb", ".go", ".rs", ".java", ".kt", ".cs", ".fs", ".php"}

// settingsFile is the name of a file that frameworks of Java read beside the code,
// which may have them send CORS headers.
var settingsFile = regexp.MustCompile(`^application[\w.-]*\.(properties|ya?ml)$`)

// notRun are folders and files beside a function's code that it does not run: tests,
// and the configuration of tools.
var notRun = regexp.MustCompile(`^(?:\..*|node_modules|tests?|__tests__|spec)/$|^test_.*\.py$|_test\.(?:py|go|rb)$|[.-](?:test|spec)\.[cm]?[jt]sx?$|\.config\.[cm]?[jt]s$`)

// code reads the source of functions.
type code struct {
	template  *sam.Folder // nil if it cannot be opened
	functions []*resource
	folders   map[*resource]string // of their code, as far as looked for; "" where none is known
	read      map[string]source    // by folder; empty where there is none to judge by
	walked    []walked             // the folders of these, each once
	size      int                  // bytes read
	found     map[codeKey][]place
	handlers  map[*resource]handler
	words     map[string]map[string]int // by folder: how often it has a name
}

// walked is a folder that has been read, to which links of other names may lead.
type walked struct {
	info  fs.FileInfo
	found source // with names relative to the folder
}

// source is the code of a function: the files of its folder, in lower case and without
// comments.
type source []sourceFile

type sourceFile struct {
	name string // relative to the template's folder; "" of InlineCode
	text string
}

func newCode(v *view) *code {
	folder, err := sam.OpenFolder(v.Dir)
	if err != nil {
		folder = nil
	}
	return &code{template: folder, functions: v.ofKind(transform.Function), folders: make(map[*resource]string), read: make(map[string]source), found: make(map[codeKey][]place), handlers: make(map[*resource]handler), words: make(map[string]map[string]int)}
}

func (c *code) close() {
	if c.template != nil {
		c.template.Close()
	}
}

// of returns the source of a function. It returns false where the source is not
// at hand, or not all of it: code of layers counts, too.
func (c *code) of(function *resource) (source, bool) {
	if text, ok := function.get("InlineCode").local.Str(); ok {
		runtime, _ := function.get("Runtime").local.Str()
		return source{{text: syntaxOf(runtime).withoutComments(strings.ToLower(text))}}, true
	}
	dir, ok := c.folderOf(function)
	if !ok || function.get("Layers").written.Truthy() {
		return nil, false
	}
	found := c.folder(dir)
	return found, slices.ContainsFunc(found, func(f sourceFile) bool { return !settingsFile.MatchString(path.Base(f.name)) })
}

// folderOf returns the name of the folder of a function's code. It is false where
// the template does not name one that is read.
func (c *code) folderOf(function *resource) (string, bool) {
	dir, ok := c.folders[function]
	if !ok { // which asks the file system
		dir = c.findFolder(function)
		c.folders[function] = dir
	}
	return dir, dir != ""
}

func (c *code) findFolder(function *resource) string {
	uri, ok := function.get("CodeUri").local.Str()
	if !ok || c.template == nil || function.get("InlineCode").isSet() || strings.Contains(uri, "://") || path.IsAbs(uri) {
		return ""
	}
	dir, _ := c.template.Clean(path.Join(c.template.Beside(function.stack.File), filepath.ToSlash(uri)))
	return dir
}

// shared reports whether two functions have one folder, with code in it that was
// read for both.
func (c *code) shared(a, b *resource) bool {
	dir, ok := c.folderOf(a)
	other, ok2 := c.folderOf(b)
	_, whole := c.of(a)
	_, both := c.of(b)
	return ok && ok2 && dir == other && whole && both
}

// has reports whether a source has one of several words, in lower case.
func (s source) has(words ...string) bool {
	return slices.ContainsFunc(s, func(f sourceFile) bool {
		return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(f.text, word) })
	})
}

// lacks reports whether a function's source is at hand and does not have a word
// in lower case.
func (c *code) lacks(function *resource, word string) bool {
	found, ok := c.of(function)
	return ok && !found.has(word)
}

// folder returns the source in a folder, or nothing if there is none, or too
// much.
func (c *code) folder(dir string) source {
	if dir == "" { // of a function whose folder is not known
		return nil
	}
	if found, ok := c.read[dir]; ok {
		return found
	}
	found := c.readFolder(dir)
	c.read[dir] = found
	return found
}

// readFolder reads a folder, unless it has been by another name.
func (c *code) readFolder(dir string) source {
	files, err := c.template.Sub(dir)
	if err != nil {
		return nil
	}
	info, err := fs.Stat(files, ".")
	if err != nil {
		return nil
	}
	i := slices.IndexFunc(c.walked, func(w walked) bool { return os.SameFile(w.info, info) })
	if i < 0 {
		i = len(c.walked)
		c.walked = append(c.walked, walked{info, c.walk(files)})
	}
	all := slices.Clone(c.walked[i].found)
	for i := range all {
		all[i].name, _ = c.template.Clean(path.Join(dir, all[i].name))
	}
	return all
}

func (c *code) walk(files fs.FS) source {
	var all source
	size := 0
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && notRun.MatchString(d.Name()+"/"):
			return fs.SkipDir
		case notRun.MatchString(d.Name()):
			return nil
		case !d.Type().IsRegular() || !slices.Contains(languages, path.Ext(name)) && !settingsFile.MatchString(path.Base(name)):
			return nil
		}
		if len(all) == maxCodeFiles || c.size >= maxAllCode {
			return errTooMuch
		}
		f, err := files.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		text, err := io.ReadAll(io.LimitReader(f, maxCodeSize))
		c.size += len(text)
		if size += len(text); err != nil || size >= maxCodeSize {
			return errTooMuch
		}
		all = append(all, sourceFile{name, syntaxes[path.Ext(name)].withoutComments(strings.ToLower(string(text)))})
		return nil
	})
	if err != nil {
		return nil
	}
	return all
}

var errTooMuch = errors.New("more code than is read")
