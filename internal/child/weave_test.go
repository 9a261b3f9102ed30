package child_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/child"
	"github.com/corsproxy/corsproxy/internal/transcript"
)

// TestWeave weaves scripts of writes: "out", "err" and "log" say to which
// writer, "end" ends the child.
func TestWeave(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		script [][2]string
		want   string // of standard error
	}{
		{"whole lines", [][2]string{{"err", "a\n"}, {"log", "1\n"}, {"err", "b\n"}}, "a\n1\nb\n"},
		{"a line in two parts", [][2]string{{"err", "a"}, {"log", "1\n"}, {"err", "b\nc\n"}}, "ab\n1\nc\n"},
		{"several lines wait, in order", [][2]string{{"err", "a"}, {"log", "1\n"}, {"log", "2\n"}, {"err", "b\nc"}, {"log", "3\n"}, {"err", "\n"}}, "ab\n1\n2\nc\n3\n"},
		{"the child ends within a line", [][2]string{{"err", "a"}, {"log", "1\n"}, {"end", ""}, {"log", "2\n"}}, "a\n1\n2\n"},
		{"the child's bytes alone stay as they are", [][2]string{{"err", "a\r"}, {"err", "\x1b[31m\x00\xff"}, {"end", ""}}, "a\r\x1b[31m\x00\xff"},
		{"another stream's line does not matter", [][2]string{{"out", "a"}, {"log", "1\n"}}, "1\n"},
		{"nothing written is no line", [][2]string{{"err", ""}, {"log", "1\n"}}, "1\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out, errOut bytes.Buffer
			w := child.NewWeave(&out, &errOut, time.Hour)
			w.Begin()
			for _, step := range tt.script {
				var to io.Writer
				switch step[0] {
				case "out":
					to = w.Stdout()
				case "err":
					to = w.Stderr()
				case "log":
					to = w.Lines()
				default:
					w.End()
					continue
				}
				if n, err := io.WriteString(to, step[1]); n != len(step[1]) || err != nil {
					t.Errorf("write %q: %d, %v", step[1], n, err)
				}
			}
			if errOut.String() != tt.want {
				t.Errorf("standard error is %q, want %q", errOut.String(), tt.want)
			}
		})
	}
}

// TestWeaveHold has a line wait no longer than it may for a prompt to end.
func TestWeaveHold(t *testing.T) {
	t.Parallel()
	out := transcript.New()
	w := child.NewWeave(io.Discard, out, time.Millisecond)
	w.Begin()
	_, _ = io.WriteString(w.Stderr(), "name? ")
	_, _ = io.WriteString(w.Lines(), "log\n")
	out.AwaitText(t, "name? \nlog\n")
	_, _ = io.WriteString(w.Stderr(), "Ada\n")
	if got, want := out.String(), "name? \nlog\nAda\n"; got != want {
		t.Errorf("standard error is %q, want %q", got, want)
	}
}

// TestWeaveBound has lines wait only as long as there is room for them.
func TestWeaveBound(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := child.NewWeave(io.Discard, &out, time.Hour)
	w.Begin()
	_, _ = io.WriteString(w.Stderr(), "prompt")
	line := strings.Repeat("x", 1<<16) + "\n"
	for range 20 {
		_, _ = io.WriteString(w.Lines(), line)
	}
	if !strings.HasPrefix(out.String(), "prompt\n"+line) {
		t.Errorf("more than a megabyte waits; standard error has %d bytes", out.Len())
	}
}
