package sam

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
	"github.com/corsproxy/corsproxy/internal/smallfile"
)

// A Folder is that of a template. It reads what the template names: files of the
// project, which is the Git work tree that the folder is in, or without Git the
// folder above this one, and none outside of it, whatever paths and symbolic links
// there are.
//
// Names have slashes and are relative to the folder, so that they begin with ".."
// elsewhere in the project.
type Folder struct {
	Dir string // absolute

	real   string   // Dir without symbolic links, to which ".." is relative
	root   *os.Root // of the project
	prefix string   // of the folder, in root
}

// OpenFolder opens the folder at dir, which is absolute. It is all that is read
// where the project's folder cannot be.
func OpenFolder(dir string) (*Folder, error) {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, err
	}
	top := projectRoot(real)
	root, err := os.OpenRoot(top)
	if err != nil {
		top = real
		if root, err = os.OpenRoot(top); err != nil {
			return nil, err
		}
	}
	prefix, err := filepath.Rel(top, real)
	if err != nil {
		root.Close()
		return nil, err
	}
	return &Folder{Dir: dir, real: real, root: root, prefix: filepath.ToSlash(prefix)}, nil
}

// Path returns the absolute path of what has a name.
func (f *Folder) Path(name string) string {
	if path := filepath.FromSlash(name); !filepath.IsLocal(path) {
		return filepath.Join(f.real, path)
	}
	return filepath.Join(f.Dir, filepath.FromSlash(name))
}

// Name returns the name of what has an absolute path, whether the folder has it
// or not.
func (f *Folder) Name(path string) (string, error) {
	rel, err := filepath.Rel(f.Dir, path)
	if err != nil || !filepath.IsLocal(rel) {
		rel, err = filepath.Rel(f.real, path)
	}
	return filepath.ToSlash(rel), err
}

// projectRoot returns the folder of the project that dir is in. Stacks beside each
// other name each other's files; the root of the file system is nobody's project.
func projectRoot(dir string) string {
	for top := dir; ; top = filepath.Dir(top) {
		// It is a file in a submodule, and in a second work tree of one repository.
		if _, err := os.Lstat(filepath.Join(top, ".git")); err == nil {
			return top
		}
		if top == filepath.Dir(top) {
			break
		}
	}
	if above := filepath.Dir(dir); above != filepath.Dir(above) {
		return above
	}
	return dir
}

// Close closes the folder.
func (f *Folder) Close() error { return f.root.Close() }

// Clean returns the shortest form of a name, which is one name for one place. It
// is false for a place that is not read.
func (f *Folder) Clean(name string) (string, bool) {
	inRoot := f.inRoot(name)
	if !filepath.IsLocal(inRoot) {
		return "", false
	}
	rel, err := filepath.Rel(filepath.FromSlash(f.prefix), inRoot)
	return filepath.ToSlash(rel), err == nil
}

func (f *Folder) inRoot(name string) string {
	return filepath.FromSlash(path.Join(f.prefix, name))
}

// Beside returns the name of the folder to which paths in a template are relative.
// Like SAM CLI, it follows a template that is a symbolic link, and not folders that
// are.
func (f *Folder) Beside(name string) string {
	info, err := f.root.Lstat(f.inRoot(name))
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return path.Dir(name)
	}
	target, err := filepath.EvalSymlinks(f.Path(name))
	if err != nil {
		return path.Dir(name)
	}
	real, err := filepath.Rel(f.real, target)
	if err != nil {
		return path.Dir(name)
	}
	return path.Dir(filepath.ToSlash(real))
}

// Read returns the content of a regular file of at most [tree.MaxSize] bytes. The
// errors are those of [smallfile.Read].
func (f *Folder) Read(name string) ([]byte, error) {
	return smallfile.ReadIn(f.root, f.inRoot(name), tree.MaxSize)
}

// Sub returns the file system below the folder called name.
func (f *Folder) Sub(name string) (fs.FS, error) {
	return fs.Sub(f.root.FS(), filepath.ToSlash(f.inRoot(name)))
}
