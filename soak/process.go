package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// A process is the corsproxy that is looked at.
type process struct {
	cmd       *exec.Cmd
	dir       string
	url       string
	inspector string
	lines     atomic.Int64 // of its log
	ended     chan struct{}
}

// A sample is what it holds at a time.
type sample struct {
	memory     int64 // bytes that are resident
	files      int
	goroutines int
}

// startProcess builds corsproxy and starts it as users do: with a template, a
// configuration that is watched, the inspector and a log.
func startProcess(upstream string) (*process, error) {
	dir, err := os.MkdirTemp("", "soak")
	if err != nil {
		return nil, err
	}
	p := &process{dir: dir, ended: make(chan struct{})}
	binary := filepath.Join(dir, "corsproxy")
	if out, err := exec.CommandContext(context.Background(), "go", "build", "-o", binary, "./cmd/corsproxy").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, out)
	}
	if err := p.configure(0); err != nil {
		return nil, err
	}
	if p.inspector, err = freeAddress(); err != nil {
		return nil, err
	}
	p.cmd = exec.CommandContext(context.Background(), binary, "--listen", "127.0.0.1:0", "--upstream", upstream, "--inspect", p.inspector)
	p.cmd.Dir = dir
	log, err := p.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 1<<20)
	for p.url == "" && lines.Scan() {
		if m := regexp.MustCompile(`"address":"([^"]*)"`).FindStringSubmatch(lines.Text()); m != nil {
			p.url = "http://" + m[1]
		}
	}
	if p.url == "" {
		return nil, fmt.Errorf("it does not say where it listens: %w", lines.Err())
	}
	go func() {
		defer close(p.ended)
		for lines.Scan() {
			p.lines.Add(1)
		}
	}()
	return p, p.quiet()
}

func freeAddress() (string, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String(), nil
}

// configure writes the nth configuration and template. One in five is wrong.
func (p *process) configure(n int) error {
	age := strconv.Itoa(n%100+1) + "s"
	if n%5 == 4 {
		age = "soon"
	}
	config := "cors:\n  allow_origins: [\"http://localhost:*\"]\n  max_age: " + age + "\n"
	var template strings.Builder
	template.WriteString("Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Runtime: python3.13\n      Handler: app.handler\n      CodeUri: .\n      Events:\n")
	for i := range 20 + n%20 {
		fmt.Fprintf(&template, "        E%d: {Type: Api, Properties: {Path: /r%d, Method: get}}\n", i, i)
	}
	for name, content := range map[string]string{"corsproxy.yaml": config, "template.yaml": template.String()} {
		next := filepath.Join(p.dir, "."+name)
		if err := os.WriteFile(next, []byte(content), 0o600); err != nil {
			return err
		}
		if err := os.Rename(next, filepath.Join(p.dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// quiet waits until it has nothing to do and has given back what it can.
func (p *process) quiet() error {
	last, err := p.sample()
	for same := 0; same < 3 && err == nil; {
		time.Sleep(3 * time.Second)
		var now sample
		now, err = p.sample()
		if now.files == last.files && now.goroutines == last.goroutines && now.memory >= last.memory-(1<<20) {
			same++
		} else {
			same = 0
		}
		last = now
	}
	return err
}

func (p *process) sample() (s sample, err error) {
	proc := fmt.Sprintf("/proc/%d/", p.cmd.Process.Pid)
	status, err := os.ReadFile(proc + "status")
	if err != nil {
		return s, fmt.Errorf("corsproxy is gone: %w", err)
	}
	kib, err := number(string(status), `(?m)^VmRSS:\s+(\d+)`)
	if err != nil {
		return s, err
	}
	files, err := os.ReadDir(proc + "fd")
	if err != nil {
		return s, err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://"+p.inspector+"/metrics", nil)
	if err != nil {
		return s, err
	}
	resp, err := client.Do(r)
	if err != nil {
		return s, err
	}
	defer func() { _ = resp.Body.Close() }()
	metrics, err := io.ReadAll(resp.Body)
	if err != nil {
		return s, err
	}
	goroutines, err := number(string(metrics), `(?m)^go_goroutines (\d+)`)
	return sample{kib << 10, len(files), int(goroutines)}, err
}

func number(text, pattern string) (int64, error) {
	m := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("there is no %s", pattern)
	}
	return strconv.ParseInt(m[1], 10, 64)
}

// end stops it as a user does, and removes what it was given.
func (p *process) end() error {
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	<-p.ended
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("corsproxy ended with %w", err)
	}
	return nil
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = os.RemoveAll(p.dir)
}
