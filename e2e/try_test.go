//go:build e2e

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"sync"
	"testing"
)

// part is how many of the exchanges of TestVerdicts there are to one that
// TestTry makes: each takes a process.
const part = 4

// TestTry has the built `corsproxy try` make exchanges that Chromium makes in
// TestVerdicts. It has to send the same requests, and to give each outcome the
// name that it has there.
func TestTry(t *testing.T) {
	s := newStage(t)
	for i, x := range matrix() {
		if i%part == 0 {
			s.script = append(s.script, x)
		}
	}
	outcomes := make([]string, len(s.script))
	each(len(s.script), func(i int) {
		x := s.script[i]
		args := []string{s.origins[x.to] + path(i, 0), "--origin", s.origins["P"], "--method", x.method}
		for _, f := range x.header {
			args = append(args, "--header", f[0]+": "+f[1])
		}
		if x.credentials {
			args = append(args, "--credentials")
		}
		outcomes[i] = try(args...)
	})
	agree := 0
	for i, x := range s.script {
		want, requests := s.expect(x, i)
		if outcomes[i] == want && slices.Equal(x.seen, requests) {
			agree++
			continue
		}
		t.Errorf("%d %s\n  try:      %s\n  browser:  %s\n  seen:     %q\n  expected: %q", i, x.name, outcomes[i], want, x.seen, requests)
	}
	t.Logf("%d of %d exchanges agree", agree, len(s.script))
}

// try returns the outcome of `corsproxy try`, as TestVerdicts writes it.
func try(args ...string) string {
	out, err := exec.Command(corsproxy, append([]string{"try", "--output", "json"}, args...)...).Output()
	exit := new(exec.ExitError)
	code := 0
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		return err.Error()
	}
	var verdict struct {
		Allowed                 bool
		Stage, Chrome, NetError *string
	}
	if err := json.Unmarshal(out, &verdict); err != nil {
		return fmt.Sprintf("exit code %d, %v: %s", code, err, exit.Stderr)
	}
	switch {
	case verdict.Allowed && code == 0 && verdict.Chrome == nil && verdict.Stage == nil:
		return readable
	case !verdict.Allowed && code == 1 && verdict.Stage != nil && verdict.Chrome != nil:
		return *verdict.Chrome
	case !verdict.Allowed && code == 1 && verdict.Stage != nil && verdict.NetError != nil:
		return *verdict.NetError
	}
	return fmt.Sprintf("exit code %d does not go with %s", code, out)
}

// each calls f for 0 to n-1, several at a time.
func each(n int, f func(int)) {
	const atOnce = 4
	var wg sync.WaitGroup
	for first := range atOnce {
		wg.Go(func() {
			for i := first; i < n; i += atOnce {
				f(i)
			}
		})
	}
	wg.Wait()
}
