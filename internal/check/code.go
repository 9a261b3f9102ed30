package check

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// The limits of what is read of functions' code.
const (
	maxCodeFiles = 200
	maxCodeSize  = 4 << 20 // bytes, of one function
)

// languages are the extensions of files that functions are written in.
var languages = []string{".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".tsx", ".py", ".rb", ".go", ".rs", ".java", ".kt", ".cs", ".fs", ".php"}

// code reads the source of functions, and nothing outside the template's
// folder.
type code struct {
	root *os.Root
	read map[string]string // by folder; "" where there is none to judge by
}

func newCode(v *view) *code {
	root, err := os.OpenRoot(v.Dir)
	if err != nil {
		root = nil
	}
	return &code{root: root, read: make(map[string]string)}
}

func (c *code) close() {
	if c.root != nil {
		c.root.Close()
	}
}

// of returns the source of a function in lower case. It returns false where
// the source is not at hand, or not all of it: code of layers counts, too.
func (c *code) of(function *resource) (string, bool) {
	if text, ok := function.get("InlineCode").local.Str(); ok {
		return strings.ToLower(text), true
	}
	uri, ok := function.get("CodeUri").local.Str()
	if !ok || c.root == nil || function.get("Layers").written.Truthy() || strings.Contains(uri, "://") || path.IsAbs(uri) {
		return "", false
	}
	dir := path.Join(path.Dir(function.stack.File), filepath.ToSlash(uri))
	if !filepath.IsLocal(filepath.FromSlash(dir)) {
		return "", false
	}
	text, ok := c.read[dir]
	if !ok {
		text = c.folder(dir)
		c.read[dir] = text
	}
	return text, text != ""
}

// has reports whether a function's source is at hand and has a word in lower
// case.
func (c *code) has(function *resource, word string) bool {
	text, ok := c.of(function)
	return ok && strings.Contains(text, word)
}

// lacks reports whether a function's source is at hand and does not have a word
// in lower case.
func (c *code) lacks(function *resource, word string) bool {
	text, ok := c.of(function)
	return ok && !strings.Contains(text, word)
}

// folder returns the source in a folder, in lower case, or "" if there is
// none, or too much.
func (c *code) folder(dir string) string {
	var b strings.Builder
	files := 0
	err := fs.WalkDir(c.root.FS(), dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != dir && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case !d.Type().IsRegular() || !slices.Contains(languages, path.Ext(name)):
			return nil
		}
		if files++; files > maxCodeFiles {
			return errTooMuch
		}
		f, err := c.root.Open(filepath.FromSlash(name))
		if err != nil {
			return err
		}
		defer f.Close()
		if n, err := io.Copy(&b, io.LimitReader(f, maxCodeSize)); err != nil || int64(b.Len()) >= maxCodeSize || n >= maxCodeSize {
			return errTooMuch
		}
		return nil
	})
	if err != nil {
		return ""
	}
	return strings.ToLower(b.String())
}

var errTooMuch = errors.New("more code than is read")
