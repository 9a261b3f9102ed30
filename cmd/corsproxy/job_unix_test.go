//go:build unix

package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"syscall"
	"testing"

	"github.com/corsproxy/corsproxy/internal/transcript"
)

// TestPause sends what Ctrl-Z does: corsproxy stops where a shell, here the test,
// can continue it, and goes on where nobody could.
func TestPause(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		group syscall.SysProcAttr
		stops bool
	}{
		"a job of a shell":     {syscall.SysProcAttr{Setpgid: true}, true},
		"a session of its own": {syscall.SysProcAttr{Setsid: true}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], "--listen", "0", "--template", "none", "--config", "none")
			cmd.Env = append(os.Environ(), beCorsproxy+"=1")
			cmd.SysProcAttr = &c.group
			log, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
			var url string
			lines := bufio.NewScanner(log)
			for url == "" && lines.Scan() {
				if m := regexp.MustCompile(`"address":"([0-9.:]+)"`).FindStringSubmatch(lines.Text()); m != nil {
					url = "http://" + m[1]
				}
			}
			go func() { _, _ = io.Copy(io.Discard, log) }()
			for range 2 {
				_ = cmd.Process.Signal(syscall.SIGTSTP) // nothing tells when one is not heeded
				if c.stops {
					var status syscall.WaitStatus
					if _, err := syscall.Wait4(cmd.Process.Pid, &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
						t.Fatalf("it has not stopped: %v, %v", status, err)
					}
					_ = cmd.Process.Signal(syscall.SIGCONT)
				}
				r, _ := http.NewRequestWithContext(t.Context(), http.MethodOptions, url, nil)
				client := http.Client{Timeout: transcript.Patience}
				resp, err := client.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				_ = resp.Body.Close()
			}
		})
	}
}
