// Command corsproxy stands between a browser and `sam local start-api`: it
// answers every OPTIONS itself, turns 403 Missing Authentication Token into an
// error that names its cause, and forwards everything else unchanged.
//
// Results go to standard output, the log to standard error. The exit code is
// 0 where all went well, 1 where a server failed, 2 where a flag or the
// configuration is wrong, and 128 and the signal's number where a second
// signal ended requests that the first one waited for: 130 after Ctrl-C twice.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/corsproxy/corsproxy/internal/child"
)

// The version that was built. The linker sets both; without it they come from
// what the Go tool knows of the build.
var (
	version  string
	revision string
)

func main() {
	if child.IsGuard(os.Args) {
		os.Exit(child.Guard(os.Args))
	}
	os.Exit(run(context.Background(), world{
		stdin:       os.Stdin,
		stdout:      os.Stdout,
		stderr:      os.Stderr,
		environ:     os.Environ(),
		signals:     osSignals,
		inContainer: inContainer(),
	}, os.Args[1:]))
}

// A world is all that a command sees of the outside, apart from the network.
type world struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	environ        []string
	dir            string // where file names begin; "" is the working directory
	// signals begins to catch signals, until the function that it returns is
	// called.
	signals     func() (<-chan os.Signal, func())
	inContainer bool
}

func osSignals() (<-chan os.Signal, func()) {
	// A log that nobody reads any more must not end the program.
	signal.Ignore(syscall.SIGPIPE)
	c := make(chan os.Signal, 8)
	signal.Notify(c, append([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}, jobSignals...)...)
	return c, func() { signal.Stop(c) }
}

// inContainer reports whether loopback is the container's own. Docker and
// Podman leave these files.
func inContainer() bool {
	for _, name := range []string{"/.dockerenv", "/run/.containerenv"} {
		if _, err := os.Stat(name); err == nil {
			return true
		}
	}
	return false
}
