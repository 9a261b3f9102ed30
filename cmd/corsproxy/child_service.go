package main

import (
	"context"
	"errors"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/samlog"
	"github.com/corsproxy/corsproxy/internal/child"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// startChild starts the command behind --. The error has the exit code that a
// shell would give.
func (s *service) startChild(ctx context.Context, at net.Addr) error {
	c := s.child
	c.ports = watchPorts(ctx, c.told, c.given)
	if err := c.checkPort(); err != nil {
		return err
	}
	c.proxy, c.listen = s.proxy, at.String()
	f := &samlog.Follower{Once: c.startsSAM(), Learnt: func(routes []sam.Route, mounted time.Time) {
		s.learnt(routes, mounted)
		c.mount()
	}}
	c.routes = f.Writer(c.name)
	if s.config.Child.RestartOnTemplateChange {
		s.sam.changed = c.askRestart
	}
	err := c.start(ctx)
	var start *child.StartError
	if errors.As(err, &start) {
		return &exitError{start.Code, startFailure(start, s.world, c.command.Args)}
	}
	return err
}

// runChild runs beside the proxy what belongs to the command. The channel gets
// how it ended by itself; it is nil where there is no command.
func (s *service) runChild(ctx context.Context) <-chan child.Exit {
	if s.child == nil {
		return nil
	}
	ctx, s.child.leave = context.WithCancel(ctx)
	s.tasks.Go(func() { s.child.run(ctx) })
	return s.child.ended
}

// lastAnswers is how long the answers to requests may take that were forwarded
// to a command that has ended.
const lastAnswers = 2 * time.Second

// afterChild ends the proxy after the command has ended by itself.
func (s *service) afterChild(exit child.Exit) error {
	ctx, cancel := context.WithTimeout(context.Background(), lastAnswers)
	defer cancel()
	s.inspector.endReplays()
	if err := s.proxy.Shutdown(ctx); err != nil {
		_ = s.proxy.Close() // what it cannot close ends with the process
	}
	return exitOf(exit)
}

func exitOf(exit child.Exit) error {
	if exit.Code == exitOK {
		return nil
	}
	return &exitError{code: exit.Code}
}

// endNotice is how long the command may take to end before it is said that it is
// waited for. SAM local removes its containers meanwhile.
const endNotice = 2 * time.Second

// end ends the proxy, and after it the command. Stop ends what runs beside the
// proxy, so that the end of the command is nobody else's news.
func (s *service) end(signals <-chan os.Signal, stop func()) error {
	if s.child == nil {
		return s.drain(signals)
	}
	s.child.leave()
	s.child.gate.refuse(diagnosis.Guard(diagnosis.ShuttingDown, ""))
	err := s.drain(signals)
	stop()
	if err != nil {
		s.killChild()
		return err
	}
	now := make(chan struct{})
	ended := make(chan child.Exit, 1)
	go func() { ended <- s.child.end(now) }()
	notice := time.After(endNotice)
	for {
		select {
		case exit := <-ended:
			return exitOf(exit)
		case <-notice:
			s.log.info("waiting for " + s.child.name + " to end; press Ctrl-C again to end it at once")
		case signal := <-signals:
			if signal == syscall.SIGHUP || s.jobControl(signal) || s.asked.again(signal) {
				continue
			}
			s.log.warn("ended " + s.child.name + " at once")
			close(now)
			<-ended
			return &exitError{code: signalCode(signal)}
		}
	}
}

// killChild ends the command at once, if there is one.
func (s *service) killChild() {
	if s.child == nil {
		return
	}
	s.child.kill()
}

// current returns the process that runs; nil where there is none.
func (c *upstreamChild) current() *child.Process {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.process
}

func (c *upstreamChild) pid() int { return c.current().PID() }

func (c *upstreamChild) kill() {
	c.leave()
	p := c.current()
	p.Kill()
	p.Abandon()
	<-p.Done()
}

func (c *upstreamChild) suspend() {
	if p := c.current(); p != nil {
		p.Suspend()
		c.command.Input.Suspend()
	}
}

// echo shows the key that has sent a signal.
func (c *upstreamChild) echo(signal os.Signal) {
	if c != nil {
		c.command.Input.Echo(signal)
	}
}

func (c *upstreamChild) resume() {
	if p := c.current(); p != nil {
		c.command.Input.Resume()
		p.Continue()
		p.Resize() // who is in the background is not told of it
	}
}

func (c *upstreamChild) resize() {
	if p := c.current(); p != nil {
		p.Resize()
	}
}
