package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/corsproxy/corsproxy/internal/transcript"
)

// A gate is a writer that holds each write until it is opened.
type gate struct {
	entered chan struct{}
	open    chan struct{}
	*transcript.Transcript
}

func (g *gate) Write(p []byte) (int, error) {
	select {
	case g.entered <- struct{}{}:
	default:
	}
	<-g.open
	return g.Transcript.Write(p)
}

func TestSinkDropsWhatFindsNoRoom(t *testing.T) {
	t.Parallel()
	g := &gate{entered: make(chan struct{}, 1), open: make(chan struct{}), Transcript: transcript.New()}
	s := newSink(g, func(n int64) string { return fmt.Sprintf("%d lost\n", n) })
	write := func(line string) {
		if _, err := s.Write([]byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	write("first\n")
	<-g.entered // the first line is with the writer, and the queue is empty
	for range maxQueued {
		write("queued\n")
	}
	for range 3 {
		write("dropped\n")
	}
	close(g.open)
	s.close(transcript.Patience)
	want := "first\n3 lost\n" + strings.Repeat("queued\n", maxQueued)
	if got := g.String(); got != want {
		t.Errorf("got %.100s…", got)
	}
}

// full is a writer like a file on a full disk.
type full struct{ tries atomic.Int32 }

func (f *full) Write([]byte) (int, error) {
	f.tries.Add(1)
	return 0, syscall.ENOSPC
}

func TestSinkSurvivesErrors(t *testing.T) {
	t.Parallel()
	f := &full{}
	s := newSink(f, nil)
	for range 2 {
		before := f.tries.Load()
		if _, err := s.Write([]byte("line\n")); err != nil {
			t.Errorf("Write: %v", err)
		}
		for f.tries.Load() == before {
			runtime.Gosched()
		}
	}
	s.close(transcript.Patience)
}

// subprocess starts corsproxy as a process of its own, and returns the reader of
// its standard error after the line that says where it listens.
func subprocess(t *testing.T) (cmd *exec.Cmd, url string, stderr io.ReadCloser) {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command(executable, "--listen", "0", "--upstream", samLocal(t))
	cmd.Env = append(os.Environ(), beCorsproxy+"=1")
	cmd.Dir = t.TempDir()
	stderr, err = cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	first, err := bufio.NewReaderSize(stderr, 16).ReadString('\n')
	m := regexp.MustCompile(`"address":"([^"]*)"`).FindStringSubmatch(first)
	if err != nil || m == nil {
		t.Fatalf("the first line is %q, %v", first, err)
	}
	return cmd, "http://" + m[1], stderr
}

// terminate ends the child and expects that all is well.
func terminate(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		t.Errorf("corsproxy ended with %v", exit)
	}
}

func ask(t *testing.T, url string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodOptions, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	if response.Body.Close(); response.StatusCode != http.StatusOK {
		t.Fatal(response.Status)
	}
}

// TestClosedLog closes the reader of the log, as `corsproxy 2>&1 | head` does.
func TestClosedLog(t *testing.T) {
	t.Parallel()
	cmd, url, stderr := subprocess(t)
	stderr.Close()
	for range 20 {
		ask(t, url)
	}
	terminate(t, cmd)
}

// TestStalledLog does not read the log, and neither closes it.
func TestStalledLog(t *testing.T) {
	t.Parallel()
	cmd, url, _ := subprocess(t)
	path := strings.Repeat("/long", 80)
	// Far more than a pipe holds, and what waits within corsproxy besides.
	for range maxQueued + 500 {
		ask(t, url+path)
	}
	terminate(t, cmd)
}
