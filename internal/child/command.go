package child

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// A Command says what to start and where its output goes.
type Command struct {
	Args []string // the program, which is looked up as a shell does, and its arguments
	Env  []string // as [os.Environ] returns it
	Dir  string   // "" is the working directory
	// Input is what the command reads; nil is nothing.
	Input *Input
	// Output is where it writes to.
	Output *Weave
	// Copy is given all that it writes to standard output and standard error,
	// each byte after it was passed on, or a moment later where nobody reads. It
	// is called by one goroutine at a time.
	Copy io.Writer
	// Grace is how long what the command has left behind may take to end after
	// it, and the tree after the program was killed; 0 is [DefaultGrace].
	Grace Grace
}

// A StartError says why a command could not be started. Its text is about the
// program, which it does not name.
type StartError struct {
	Program string
	Code    int // as shells exit: 127 where there is no such program, 126 where it cannot be run
	Err     error
}

// The exit codes of a command that could not be started (POSIX, Shell Command
// Language, section 2.8.2).
const (
	ExitCannotRun = 126
	ExitNotFound  = 127
)

func (e *StartError) Error() string { return fmt.Sprintf("start %q: %v", e.Program, e.Err) }

func (e *StartError) Unwrap() error { return e.Err }

// find returns the path of the program called name, as a shell in dir finds it.
func find(name, dir string, env []string) (string, error) {
	if strings.ContainsRune(name, '/') || strings.ContainsRune(name, os.PathSeparator) {
		path := name
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		return runnable(name, path)
	}
	var denied error
	for _, folder := range filepath.SplitList(Variable(env, "PATH")) {
		if folder == "" {
			folder = "."
		}
		if !filepath.IsAbs(folder) {
			folder = filepath.Join(dir, folder)
		}
		for _, path := range candidates(filepath.Join(folder, name), env) {
			found, err := runnable(name, path)
			if err == nil {
				return found, nil
			}
			if e := new(StartError); errors.As(err, &e) && e.Code == ExitCannotRun {
				denied = err
			}
		}
	}
	if denied != nil {
		return "", denied
	}
	return "", &StartError{name, ExitNotFound, fs.ErrNotExist}
}

// candidates returns the names that a program may have: on Windows it has one
// of PATHEXT's extensions.
func candidates(path string, env []string) []string {
	if runtime.GOOS != "windows" || filepath.Ext(path) != "" {
		return []string{path}
	}
	extensions := Variable(env, "PATHEXT")
	if extensions == "" {
		extensions = ".com;.exe;.bat;.cmd"
	}
	var out []string
	for e := range strings.SplitSeq(extensions, ";") {
		out = append(out, path+e)
	}
	return out
}

func runnable(name, path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", &StartError{name, ExitNotFound, fs.ErrNotExist}
	case err != nil:
		var p *fs.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return "", &StartError{name, ExitCannotRun, err}
	case info.IsDir():
		return "", &StartError{name, ExitCannotRun, errIsFolder}
	case runtime.GOOS != "windows" && info.Mode()&0o111 == 0:
		return "", &StartError{name, ExitCannotRun, fs.ErrPermission}
	}
	return filepath.Abs(path)
}

var errIsFolder = errors.New("it is a folder")

// Variable returns the value of an environment variable; the last one counts.
func Variable(env []string, name string) string {
	value := ""
	for _, e := range env {
		key, v, _ := strings.Cut(e, "=")
		if key == name || runtime.GOOS == "windows" && strings.EqualFold(key, name) {
			value = v
		}
	}
	return value
}
