package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/childlog"
	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
	"github.com/corsproxy/corsproxy/internal/child"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/redact"
	"github.com/corsproxy/corsproxy/internal/shell"
	"github.com/corsproxy/corsproxy/proxy"
)

// An upstreamChild is the command behind --, which is the upstream.
type upstreamChild struct {
	command child.Command
	name    string // for texts that others may read
	line    string // as it was given, without secrets, for the log
	log     *logger
	proxy   *proxy.Proxy // set before it is started
	gate    *readyGate
	said    *childlog.Log
	routes  io.WriteCloser // learns routes from what it says
	isSAM   bool           // it counts as ready when it has mounted its routes
	given   string         // the upstream that the user named, "" where none
	told    string         // the address in its arguments, "" where there is none
	listen  string         // corsproxy's own address
	ports   *portWatch     // set before it is started
	restart chan struct{}
	ended   chan child.Exit // gets how it ended by itself
	leave   func()          // has it not started again any more; set by runChild

	mu          sync.Mutex
	process     *child.Process
	started     time.Time
	named       []string // the addresses of this machine in its log
	moved       string   // the last address in its log since it was ready, if it is another one
	elsewhere   string   // the first address in its log that is none of this machine
	stranger    string   // where somebody else takes connections
	address     string   // where it takes connections
	mounted     bool
	compared    bool           // its address with --upstream
	restarts    bool           // it is being started again
	interrupted *child.Process // to start it again; nil once it takes requests again
	exit        string         // how it ended by itself
}

// newUpstreamChild returns the command args, which is not started yet.
func newUpstreamChild(w world, loaded *config.Loaded, log *logger, args []string) *upstreamChild {
	c := &upstreamChild{
		name:    clean(childlog.Name(args)),
		line:    commandLine(args),
		log:     log,
		isSAM:   childlog.IsSAM(args),
		told:    toldAddress(w, args),
		restart: make(chan struct{}, 1),
		ended:   make(chan child.Exit, 1),
	}
	if loaded.Where("upstream").Layer != config.FromDefault {
		c.given = loaded.Upstream
	}
	c.said = &childlog.Log{Address: c.nameAddress}
	c.gate = newReadyGate(loaded.Child.ReadyTimeout, func(waited time.Duration, left bool) diagnosis.Diagnosis {
		s := c.known()
		if !left { // who is gone does not wait for the look, and its duration is the wait
			s = c.state()
		}
		s.Waited = waited
		return s.NotReady()
	})
	c.command = child.Command{
		Args: args, Env: w.environ, Dir: w.dir,
		Input:  child.NewInput(w.stdin),
		Output: log.weave,
		Copy:   writerFunc(c.read),
	}
	return c
}

// commandLine returns a command for the log, without secrets.
func commandLine(args []string) string {
	return clean(shell.Join(redact.Command(args)))
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// read reads what the command writes.
func (c *upstreamChild) read(p []byte) (int, error) {
	_, _ = c.routes.Write(p)
	return c.said.Write(p)
}

// start starts the command, unless ctx has ended: who ends the command after that
// finds the last process.
func (c *upstreamChild) start(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	p, err := c.command.Start()
	if err != nil {
		return err
	}
	c.process, c.started = p, time.Now()
	return nil
}

// state returns what can be found out about the command, for a diagnosis.
func (c *upstreamChild) state() diagnosis.Child {
	s := c.known()
	if s.Upstream == "" {
		s.Port, s.PortBy = c.likelyPort()
	}
	return s
}

// known returns what is known of the command, without a look at the system.
func (c *upstreamChild) known() diagnosis.Child {
	candidates := c.candidates()
	c.mu.Lock()
	defer c.mu.Unlock()
	s := diagnosis.Child{
		Command: c.name, Upstream: c.address, Taken: c.stranger, Elsewhere: c.elsewhere,
		Restarts: c.restarts, Ended: c.exit != "", Exit: c.exit,
	}
	for _, u := range append(candidates, c.given, c.told) {
		if s.Upstream == "" && (u == c.given || len(childlog.Here(u)) > 0) {
			s.Upstream = u
		}
	}
	if n := len(c.named); c.given != "" && c.address == "" && n > 0 && !slices.ContainsFunc(c.named, c.isGiven) {
		s.Says = c.named[n-1]
	}
	f, _ := c.said.Since(c.started)
	s.Trouble = f.Trouble
	return s
}

// run starts the command again where that is asked for, until it ends or ctx
// does.
func (c *upstreamChild) run(ctx context.Context) {
	for {
		starting, cancel := context.WithCancel(ctx)
		var probing sync.WaitGroup
		probing.Go(func() { c.probe(starting) })
		again := false
		select {
		case <-c.process.Done():
		case <-c.restart:
			again = true
		case <-ctx.Done():
		}
		cancel()
		probing.Wait()
		switch {
		case again && c.beginAgain(ctx):
			if !c.startAgain(ctx) {
				return
			}
		case ctx.Err() != nil:
			return
		default:
			c.finish(c.process.Exit())
			return
		}
	}
}

// ready opens the gate: the command is at address.
func (c *upstreamChild) ready(address string) {
	u, err := url.Parse(address)
	if err == nil {
		err = c.proxy.SetUpstream(u)
	}
	if err != nil { // cannot be: somebody listens there
		c.log.warn(clean(err.Error()))
		return
	}
	c.mu.Lock()
	took := time.Since(c.started)
	c.address, c.restarts, c.interrupted, c.moved = address, false, nil, ""
	c.mu.Unlock()
	c.gate.admit()
	c.log.banner("upstream   "+address+", ready after "+shortDuration(took), "the upstream is ready at "+address,
		zap.String("upstream", address), zap.Float64("durationMs", float64(took.Microseconds())/1000))
}

// readyAt returns where the command takes requests; "" where it does not yet, or
// no more.
func (c *upstreamChild) readyAt() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.exit != "" {
		return ""
	}
	return c.address
}

// finish says how the command ended by itself.
func (c *upstreamChild) finish(exit child.Exit) {
	c.said.End()
	words := exitWords(exit)
	c.mu.Lock()
	c.exit = words
	c.mu.Unlock()
	s := c.state()
	c.gate.refuse(s.Gone())
	detail := s.Gone().Detail
	if exit == (child.Exit{}) {
		c.log.info(detail)
	} else {
		c.log.diagnose(diagnosis.ChildEnded, detail, zap.Int("exitCode", exit.Code))
	}
	c.ended <- exit
}

// exitWords says how a command ended.
func exitWords(e child.Exit) string {
	if e.Signal != "" {
		return e.Signal
	}
	return fmt.Sprintf("exit code %d", e.Code)
}

// The times that a command is given to end when it is asked to.
const (
	gentleEnd = 10 * time.Second // after SIGINT
	firmEnd   = 5 * time.Second  // after SIGTERM
)

// end asks the command to end, more firmly as time goes by, and at once when
// now is closed. It returns when the whole tree is gone, and all that it has
// written has been passed on.
func (c *upstreamChild) end(now <-chan struct{}) child.Exit {
	c.mu.Lock()
	p, asked := c.process, c.process == c.interrupted
	c.mu.Unlock()
	if !asked { // SAM local would leave its containers behind at a second interrupt
		p.Interrupt()
	}
	endProcess(p, p.Done(), now)
	return p.Exit()
}

// endProcess asks a command that was interrupted to end, until done is closed.
func endProcess(p *child.Process, done, now <-chan struct{}) {
	firm, kill := time.After(gentleEnd), time.After(gentleEnd+firmEnd)
	for {
		select {
		case <-done:
			return
		case <-firm:
			p.Terminate()
		case <-kill:
			p.Kill()
		case <-now:
			now = nil
			p.Kill()
			p.Abandon()
		}
	}
}
