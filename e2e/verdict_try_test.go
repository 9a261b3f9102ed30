//go:build e2e

package e2e

import (
	"cmp"
	"encoding/json"
	"os/exec"
	"slices"
	"sync"
	"testing"
)

// stride is how much of the matrix is left out: all but every fourth.
const stride = 4

// TestTryVerdicts has `corsproxy try` make exchanges of the matrix, and compares
// what it says, and what the servers saw, with internal/browser, which
// TestVerdicts compares with Chromium. It takes every fourth, to be short.
func TestTryVerdicts(t *testing.T) {
	s := newStage(t)
	s.script = matrix()
	type outcome struct{ name, output string }
	outcomes := make([]outcome, len(s.script))
	next := make(chan int)
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for i := range next {
				outcomes[i].name, outcomes[i].output = s.try(i)
			}
		})
	}
	for i := 0; i < len(s.script); i += stride {
		next <- i
	}
	close(next)
	workers.Wait()
	agree, made := 0, 0
	for i := 0; i < len(s.script); i += stride {
		made++
		x := s.script[i]
		want, requests := s.expect(x, i)
		if outcomes[i].name == want && slices.Equal(x.seen, requests) {
			agree++
			continue
		}
		t.Errorf("%d %s\n  try:      %s\n  browser:  %s\n  seen:     %q\n  expected: %q\n  %s %s %v credentials %t %+v\n%s",
			i, x.name, outcomes[i].name, want, x.seen, requests, x.to, x.method, x.header, x.credentials, x.visits, outcomes[i].output)
	}
	t.Logf("%d of %d exchanges agree", agree, made)
}

// try runs corsproxy try, and returns the name of its verdict.
func (s *stage) try(i int) (name, output string) {
	x := s.script[i]
	args := []string{"try", s.origins[x.to] + path(i, 0), "--origin", s.origins["P"], "--method", x.method, "--output", "json"}
	for _, f := range x.header {
		args = append(args, "--header", f[0]+": "+f[1])
	}
	if x.credentials {
		args = append(args, "--credentials")
	}
	cmd := exec.Command(corsproxy, args...)
	cmd.Env = environment()
	out, err := cmd.Output()
	var said struct {
		Allowed          bool
		Chrome, NetError string
	}
	if json.Unmarshal(out, &said) != nil {
		return "no verdict", errorOf(err)
	}
	if said.Allowed {
		return readable, string(out)
	}
	return cmp.Or(said.Chrome, said.NetError), string(out)
}

func errorOf(err error) string {
	if exit, ok := err.(*exec.ExitError); ok {
		return string(exit.Stderr)
	}
	return "no error"
}
