//go:build unix

package main

import (
	"os"
	"syscall"

	"github.com/corsproxy/corsproxy/internal/child"
)

// jobSignals are what a terminal sends beside requests to end.
var jobSignals = []os.Signal{syscall.SIGTSTP, syscall.SIGCONT, syscall.SIGWINCH}

// jobControl handles a signal that a terminal sends beside requests to end. It
// is false for any other.
func (s *service) jobControl(signal os.Signal) bool {
	s.child.echo(signal)
	switch signal {
	case syscall.SIGTSTP: // Ctrl-Z: the command stops with corsproxy
		if child.CanBeContinued() {
			s.child.suspend()
			_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		}
	case syscall.SIGCONT:
		s.child.resume()
	case syscall.SIGWINCH:
		s.child.resize()
	default:
		return false
	}
	return true
}
