//go:build unix

package main

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/corsproxy/corsproxy/internal/transcript"
)

// TestTerminalCloses has corsproxy end with its terminal, wherever its output
// leads, unless that is what nobody wants.
func TestTerminalCloses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		stdin  bool // standard input is the terminal
		stderr bool // standard error, too
		nohup  bool
	}{
		{"on the terminal", true, true, false},
		{"output elsewhere", true, false, false},
		{"all elsewhere", false, false, false},
		{"nohup", true, false, true},
	}
	// Where the tests run under nohup, or as CI's do, their processes would ignore it
	// from the start.
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			master, slave, err := pty.Open()
			if err != nil {
				t.Skipf("NOT TESTED: no pseudo-terminal: %v", err)
			}
			defer master.Close()
			defer slave.Close()
			log, err := os.Create(filepath.Join(t.TempDir(), "log"))
			if err != nil {
				t.Fatal(err)
			}
			defer log.Close()
			var wrapper []string
			if tt.nohup {
				nohup, err := exec.LookPath("nohup")
				if err != nil {
					t.Skip("NOT TESTED: no nohup")
				}
				wrapper = []string{nohup}
			}
			cmd, url := process(t, samLocal(t), wrapper)
			write(t, cmd.Dir, "cors: {allow_origins: [http://any]}\n")
			cmd.Stdout, cmd.Stderr = log, log
			if tt.stdin {
				cmd.Stdin = slave
			}
			if tt.stderr {
				cmd.Stderr = slave
			}
			// The descriptor is the child's.
			cmd.ExtraFiles = []*os.File{slave}
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = cmd.Process.Kill() })
			awaitServing(t, url)
			slave.Close()
			master.Close() // the system sends SIGHUP
			ended := make(chan struct{})
			go func() {
				_ = cmd.Wait() // with a code or without
				close(ended)
			}()
			if tt.nohup {
				awaitText(t, log.Name(), "nothing to apply has changed") // SIGHUP is then for the configuration
				ask(t, url)
				_ = cmd.Process.Signal(syscall.SIGTERM)
			}
			select {
			case <-ended:
			case <-time.After(transcript.Patience):
				t.Error("it lives on")
			}
		})
	}
}

// awaitText waits until a file holds text.
func awaitText(t *testing.T, name, text string) {
	t.Helper()
	for deadline := time.Now().Add(transcript.Patience); ; time.Sleep(5 * time.Millisecond) {
		content, err := os.ReadFile(name)
		if err == nil && strings.Contains(string(content), text) {
			return
		}
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("no %q in %q, %v", text, content, err)
		}
	}
}
