package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"go.uber.org/zap/zapcore"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/samlog"
	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/samtemplate"
	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/watch"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/proxy"
)

// A service is the proxy at work, with all that runs beside it.
type service struct {
	world     world
	log       *logger
	config    *config.Loaded
	rules     *ruleBook
	proxy     *proxy.Proxy
	sam       *templateWatch
	child     *upstreamChild // nil where corsproxy starts none
	inspector *inspection    // nil where it is off
	terminal  tie
	hangup    chan struct{} // tells the watcher of SIGHUP
	served    atomic.Int64  // exchanges
	asked     askedToEnd
	tasks     sync.WaitGroup
}

// serve serves until a signal or ctx ends it. Where there is a command, it is
// started as the upstream.
func serve(ctx context.Context, w world, in config.Input, command []string) error {
	loaded, err := config.Load(in)
	if err != nil {
		return err
	}
	if len(command) > 0 && loaded.SAM.Log == samlog.Stdin {
		return &exitError{exitUsage, errors.New("standard input is for the command behind --, and its routes are learned anyway; leave out --sam-log -")}
	}
	l, err := listen(ctx, loaded)
	if err != nil {
		return err
	}
	return serveOn(ctx, w, loaded, l, newKnown(servedChoice(w, loaded, command)), command...)
}

// serveOn serves on l, which it closes. The template is that of k until the
// configuration names another.
func serveOn(ctx context.Context, w world, loaded *config.Loaded, l net.Listener, k known, command ...string) error {
	terminal := newTie(w)
	signals, stop := w.signals()
	defer stop()
	log := newLogger(w, loaded.Log)
	defer log.close()
	s := &service{world: w, log: log, config: loaded, terminal: terminal, hangup: make(chan struct{}, 1)}
	if len(command) > 0 {
		s.child = newUpstreamChild(w, loaded, log, command)
		k.child, k.restarts = true, loaded.Child.RestartOnTemplateChange
	}
	var err error
	if s.inspector, err = openInspector(ctx, loaded, l.Addr(), &upstreamNow{loaded.Upstream, s.child}); err != nil {
		return errors.Join(err, l.Close())
	}
	defer s.inspector.close()
	if s.proxy, err = s.newProxy(k); err != nil {
		return errors.Join(withPlace(err, loaded), l.Close())
	}
	s.rules = &ruleBook{config: loaded, known: k, set: s.inspector.setRules(s.proxy.SetRules)}
	s.sam = newTemplateWatch(log, s.rules, k.template)
	if s.child != nil {
		if err := s.startChild(ctx, l.Addr()); err != nil {
			return errors.Join(err, l.Close())
		}
	}
	return s.run(ctx, l, signals)
}

// newProxy returns a proxy for an upstream of which k is known.
func (s *service) newProxy(k known) (*proxy.Proxy, error) {
	c := s.config
	upstream, err := url.Parse(c.Upstream)
	if err != nil {
		return nil, err
	}
	rules, err := rulesOf(c, k)
	if err != nil {
		return nil, err
	}
	pc := proxy.Config{
		Upstream: upstream,
		Rules:    rules,
		Timeouts: proxy.Timeouts{
			Dial:           c.Timeouts.Dial,
			ResponseHeader: c.Timeouts.ResponseHeader,
			Idle:           c.Timeouts.Idle,
		},
		InContainer: s.world.inContainer,
		Exhausted: func() {
			s.log.diagnose(diagnosis.TooManyOpenFiles, "no file descriptor is left, and connections are refused; raise the limit (ulimit -n 4096)")
		},
		Panicked: s.log.panicked,
		Observe: func(x *proxy.Exchange) {
			s.served.Add(1)
			s.log.exchange(x)
		},
	}
	s.inspector.begin(&pc, c)
	pc.Refine = s.elsewhere
	if s.child != nil {
		pc.Await, pc.Refine = s.child.gate.await, s.child.refine
		observe := pc.Observe
		pc.Observe = func(x *proxy.Exchange) {
			s.child.explain(x)
			observe(x)
		}
	}
	return proxy.New(pc)
}

// run serves on l until a signal or ctx ends it. What runs beside the proxy
// has ended when run returns, apart from the reading of standard input, which
// nothing can end.
func (s *service) run(ctx context.Context, l net.Listener, signals <-chan os.Signal) error {
	ctx, cancel := context.WithCancel(ctx)
	defer s.tasks.Wait()
	defer cancel()
	failed := make(chan error, 1)
	defer runtime.KeepAlive(newBallast())
	s.tasks.Go(func() { failed <- s.proxy.Serve(l) })
	if s.inspector != nil {
		// It shows the exchanges that a shutdown waits for, and then ends.
		defer s.inspector.close()
		s.tasks.Go(func() { s.inspector.serve(s.log) })
	}
	first := s.sam.last
	s.tasks.Go(func() { s.announce(ctx, l.Addr(), first) })
	s.tasks.Go(func() { giveBack(ctx, &s.served) })
	s.watch(ctx)
	s.learn(ctx)
	s.tasks.Go(func() { s.sam.run(ctx) })
	ended := s.runChild(ctx)
	for {
		select {
		case err := <-failed:
			s.killChild()
			return fmt.Errorf("serving on %s failed: %w", l.Addr(), err)
		case exit := <-ended:
			return s.afterChild(exit)
		case <-ctx.Done():
			return s.end(signals, cancel)
		case signal := <-signals:
			switch {
			case s.jobControl(signal):
			case signal != syscall.SIGHUP || s.terminal.cut():
				if signal == syscall.SIGHUP {
					s.log.info("the terminal is gone, and corsproxy ends with it; nohup corsproxy … would go on")
				}
				s.asked = askedToEnd{signal, time.Now()}
				return s.end(signals, cancel)
			default:
				select {
				case s.hangup <- struct{}{}:
				default: // one is waiting already
				}
			}
		}
	}
}

// drainNotice is how long requests may take to end before it is said that
// they are waited for.
const drainNotice = 100 * time.Millisecond

// drain ends the proxy after the exchanges under way, or at once at a second
// signal.
func (s *service) drain(signals <-chan os.Signal) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s.inspector.endReplays()
	drained := make(chan error, 1)
	go func() { drained <- s.proxy.Shutdown(ctx) }()
	wait := time.After(drainNotice)
	for {
		select {
		case err := <-drained:
			return err
		case <-wait:
			if n := s.proxy.Active(); n > 0 {
				s.log.info(fmt.Sprintf("waiting for %s; press Ctrl-C again to end at once", plural(n, "request")))
			}
		case signal := <-signals:
			if signal == syscall.SIGHUP || s.jobControl(signal) || s.asked.again(signal) {
				continue
			}
			if n := s.proxy.Active(); n > 0 {
				s.log.warn(fmt.Sprintf("ended %s", plural(n, "request")))
			}
			_ = s.proxy.Close() // what it cannot close ends with the process
			return &exitError{code: signalCode(signal)}
		}
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// watch applies changes of the configuration file.
func (s *service) watch(ctx context.Context) {
	if s.config.File == config.NoFile {
		return
	}
	var command []string
	if s.child != nil {
		command = s.child.command.Args
	}
	choice := func(l *config.Loaded) samtemplate.Choice { return servedChoice(s.world, l, command) }
	r := &reloader{log: s.log, started: s.config, current: s.config, rules: s.rules, choice: choice, choose: s.sam.choose, applied: s.inspector.setConfig}
	w := &watch.Watcher{Path: s.config.Path(), Limit: config.MaxFile, Force: s.hangup, Report: r.content}
	known := watch.Content{Data: s.config.Content}
	if !s.config.Found {
		known.Err = fs.ErrNotExist
	}
	s.tasks.Go(func() {
		w.Run(ctx, known, func(err error) {
			s.log.info("no file system events (" + clean(err.Error()) + "); " + s.config.File + " is looked at every two seconds instead")
		})
	})
}

// learn learns routes from SAM's log, if one is named.
func (s *service) learn(ctx context.Context) {
	f := &samlog.Follower{
		Note:   func(text string) { s.log.info(clean(text)) },
		Learnt: s.learnt,
	}
	switch name := s.config.SAM.Log; name {
	case "":
	case samlog.Stdin:
		go func() {
			if err := f.Read(s.world.stdin, s.world.stderr); err != nil {
				s.log.warn(clean(err.Error()))
			}
		}()
	default:
		if !filepath.IsAbs(name) {
			name = filepath.Join(s.world.dir, name)
		}
		s.tasks.Go(func() { f.Follow(ctx, name) })
	}
}

// learnt takes over routes that SAM local says it has mounted.
func (s *service) learnt(routes []sam.Route, mounted time.Time) {
	if err := s.rules.learn(func(k *known) { k.mount(routes, mounted) }); err != nil {
		s.log.warn("the routes in SAM's log cannot be used: " + clean(err.Error()))
		return
	}
	s.log.say(zapcore.DebugLevel, fmt.Sprintf("learned %s from SAM's log", plural(len(routes), "route")))
}
