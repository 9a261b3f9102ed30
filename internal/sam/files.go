package sam

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
	"github.com/corsproxy/corsproxy/internal/smallfile"
)

// maxRead bounds what is read for one application, in bytes. A template may
// name the same file again and again.
const maxRead = 8 * tree.MaxSize

var errOutside = errors.New("the file lies outside the project, which is the template's Git work tree, or without Git the folder above the template's")

// files reads the files of an application.
type files struct {
	*Folder
	from  string   // as seen from which places name files; "" is the folder
	names []string // absolute, all that were read or are not there
	size  int64

	sourceSize int64 // of what sam build has read

	repeats []tree.Repeat // in what was read; a file that was read again has them again
}

// openFiles opens the folder of the template at path and returns the
// template's name in it. What `sam build` writes refers to sources beside
// .aws-sam, so that the folder of such a template is the project's.
//
// Places name files as seen from the folder from, unless that is "".
func openFiles(name, from string) (*files, string, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return nil, "", err
	}
	dir := filepath.Dir(abs)
	if project, ok := projectOf(abs); ok {
		dir = project
	}
	rel, err := filepath.Rel(dir, abs)
	if err != nil {
		return nil, "", err
	}
	folder, err := OpenFolder(dir)
	if err != nil {
		return nil, "", err
	}
	return &files{Folder: folder, from: from}, filepath.ToSlash(rel), nil
}

// resolve returns the name of the file at location, which is absolute, a
// file: URL, or relative to the folder from.
func (f *files) resolve(from, location string) (string, error) {
	if u, err := url.Parse(location); err == nil && u.Scheme == "file" {
		location = filepath.FromSlash(u.Path)
	}
	name := path.Join(from, filepath.ToSlash(location))
	if filepath.IsAbs(location) {
		var err error
		if name, err = f.Name(location); err != nil {
			return "", errOutside
		}
	}
	name, ok := f.Clean(name)
	if !ok {
		return "", errOutside
	}
	return name, nil
}

// shown returns the name by which places call a file: its path as seen from where
// they are read, if that is in the same project.
func (f *files) shown(name string) string {
	if f.from == "" {
		return name
	}
	from, err := filepath.Abs(f.from)
	if err != nil {
		return name
	}
	if rel, err := filepath.Rel(from, f.Path(name)); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	// Where ".." begins is not told by a path with symbolic links.
	if from, err = filepath.EvalSymlinks(from); err != nil {
		return name
	}
	above, err := f.Name(from)
	if _, ok := f.Clean(above); err != nil || !ok {
		return name
	}
	rel, err := filepath.Rel(from, filepath.Join(f.real, filepath.FromSlash(name)))
	if err != nil {
		return name
	}
	return filepath.ToSlash(rel)
}

// parse reads and parses a file. The error is a *TemplateError for what is
// in it, errOutside, or an fs.ErrNotExist.
func (f *files) parse(name string) (*tree.Value, error) {
	data, err := f.Read(name)
	shown := f.shown(name)
	var size *smallfile.SizeError
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist):
		f.note(name)
		return nil, err
	case strings.Contains(err.Error(), "escapes"):
		return nil, errOutside
	case errors.As(err, &size):
		return nil, &tree.Error{Pos: tree.Pos{File: shown}, What: fmt.Sprintf("the file has more than %d bytes", size.Limit)}
	default:
		return nil, err
	}
	if f.size += int64(len(data)); f.size > maxRead {
		return nil, &tree.Error{Pos: tree.Pos{File: shown}, What: fmt.Sprintf("the template's files have more than %d bytes together", maxRead)}
	}
	f.note(name)
	v, err := tree.Parse(shown, data)
	repeats := v.Repeats()
	if (err != nil || len(repeats) > 0) && !tree.Declares(data) {
		repeats = nil
		if err != nil && utf8.Valid(data) { // what is said of another encoding repeats nothing
			return nil, tree.Undeclared(shown)
		}
	}
	f.repeats = append(f.repeats, repeats...)
	return v, err
}

// note remembers a file that the application depends on.
func (f *files) note(name string) {
	if path := f.Path(name); !slices.Contains(f.names, path) {
		f.names = append(f.names, path)
	}
}

// isRemote reports whether a location is one that SAM CLI does not load from
// the disk.
func isRemote(location string) bool {
	for _, prefix := range []string{"s3://", "http://", "https://"} {
		if strings.HasPrefix(location, prefix) {
			return true
		}
	}
	return false
}
