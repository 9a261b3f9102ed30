// Package smallfile reads files that people write by hand, such as a
// configuration. What lies at their path is whatever somebody has put there: a
// pipe that nobody writes, a link to a device that does not end, a file of
// gigabytes. None of these holds up the reader, or fills its memory.
package smallfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// ErrIrregular says that there is a pipe, a device, a socket or a folder.
var ErrIrregular = errors.New("it is not a regular file")

// folderError is the ErrIrregular of a folder.
type folderError struct{}

func (folderError) Error() string        { return "it is a folder" }
func (folderError) Is(target error) bool { return target == ErrIrregular }

// A SizeError says that a file is larger than its reader allows.
type SizeError struct {
	Limit int // bytes
}

func (e *SizeError) Error() string { return fmt.Sprintf("it has more than %d bytes", e.Limit) }

// Read returns the content of the regular file called name, which has at most
// limit bytes. The error is an [*fs.PathError], of ErrIrregular or a
// [*SizeError] among others.
func Read(name string, limit int) ([]byte, error) {
	return read(name, limit, os.Stat, os.OpenFile)
}

// ReadIn is [Read] for a file below root.
func ReadIn(root *os.Root, name string, limit int) ([]byte, error) {
	return read(name, limit, root.Stat, root.OpenFile)
}

func read(name string, limit int, stat func(string) (fs.FileInfo, error), open func(string, int, fs.FileMode) (*os.File, error)) ([]byte, error) {
	// To open a pipe lets go on whoever waits to write it, and some devices
	// act when they are opened.
	info, err := stat(name)
	if err != nil {
		return nil, err
	}
	if err := checkRegular(name, info); err != nil {
		return nil, err
	}
	// By now it may have become one. Without O_NONBLOCK, opening a pipe waits
	// for its writer, and nothing can end that.
	f, err := open(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return nil, err
	}
	if err := checkRegular(name, info); err != nil {
		return nil, err
	}
	// A file may grow while it is read, and those of /proc have no size.
	data, err := io.ReadAll(io.LimitReader(f, int64(limit)+1))
	if err != nil {
		return nil, err
	}
	if len(data) > limit {
		return nil, &fs.PathError{Op: "read", Path: name, Err: &SizeError{limit}}
	}
	return data, nil
}

func checkRegular(name string, info fs.FileInfo) error {
	switch {
	case info.Mode().IsRegular():
		return nil
	case info.IsDir():
		return &fs.PathError{Op: "read", Path: name, Err: folderError{}}
	}
	return &fs.PathError{Op: "read", Path: name, Err: ErrIrregular}
}
