package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
	"github.com/corsproxy/corsproxy/internal/child"
	"github.com/corsproxy/corsproxy/internal/redact"
)

// startFailure says why the command behind -- cannot be started, and what to
// do.
func startFailure(e *child.StartError, w world, args []string) error {
	what := fmt.Sprintf("cannot start %q: ", clean(strings.Join(redact.Command([]string{e.Program}), " ")))
	_, isErrno := e.Err.(syscall.Errno) // it was found, and could not be run
	isPath := strings.ContainsRune(e.Program, filepath.Separator)
	switch {
	case e.Code == child.ExitNotFound && isErrno:
		return errors.New(what + "its first line names an interpreter that is not there; check the line that begins with #!")
	case e.Code == child.ExitNotFound && strings.ContainsRune(e.Program, ' '):
		return errors.New(what + "the whole command is in quotes; write it without them: corsproxy -- " + clean(strings.Join(redact.Command(args), " ")))
	case e.Code == child.ExitNotFound && isPath:
		return errors.New(what + "there is no such file; check the path, which begins at the working directory")
	case e.Code == child.ExitNotFound:
		text := what + "there is no such program in PATH"
		if e.Program == "sam" {
			return errors.New(text + "; install the AWS SAM CLI, activate the environment that has it, or name it by its path")
		}
		if near := config.Nearest(e.Program, programs(child.Variable(w.environ, "PATH"))); near != "" {
			return errors.New(text + "; did you mean " + near + "?")
		}
		return errors.New(text + "; install it, or name it by its path")
	case errors.Is(e.Err, fs.ErrPermission):
		return errors.New(what + "it may not be executed; run chmod +x" + cmp.Or(argument(e.Program), " on it") + ", or name the program that runs it, such as node or python3")
	case errors.Is(e.Err, syscall.ENOEXEC):
		return errors.New(what + "it is no program for this machine; a script needs a first line such as #!/bin/sh")
	}
	return fmt.Errorf("%s%w; name a program and its arguments", what, e.Err)
}

// programs lists the names of the programs in PATH.
func programs(path string) []string {
	var names []string
	for _, folder := range filepath.SplitList(path) {
		entries, _ := os.ReadDir(folder) // one that cannot be read has nothing to suggest
		for _, entry := range entries {
			if !entry.IsDir() {
				names = append(names, entry.Name())
			}
		}
	}
	return names
}
