package main

import (
	"context"
	"sync"
	"time"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// A readyGate holds requests back until the upstream is ready.
type readyGate struct {
	timeout  time.Duration
	notReady func(waited time.Duration, left bool) diagnosis.Diagnosis // left: the client has

	mu      sync.Mutex
	open    bool
	refusal *diagnosis.Diagnosis // for all, from now on
	changed chan struct{}
	passed  int           // let through, and not over yet
	settled chan struct{} // closed when none is; nil where nobody waits for it
}

func newReadyGate(timeout time.Duration, notReady func(waited time.Duration, left bool) diagnosis.Diagnosis) *readyGate {
	return &readyGate{timeout: timeout, notReady: notReady, changed: make(chan struct{})}
}

// await returns once the gate is open, or why a request is not forwarded. It is a
// [proxy.Config.Await].
func (g *readyGate) await(ctx context.Context) (over func(), d *diagnosis.Diagnosis) {
	passes, refusal, changed := g.pass()
	if !passes && refusal == nil {
		began := time.Now()
		timeout := time.NewTimer(g.timeout)
		defer timeout.Stop()
		for !passes && refusal == nil {
			select {
			case <-changed:
			case <-timeout.C:
				d := g.notReady(time.Since(began), false)
				return nil, &d
			case <-ctx.Done():
				d := g.notReady(time.Since(began), true)
				d.Detail += "; the client left, or has closed its sending side"
				return nil, &d
			}
			passes, refusal, changed = g.pass()
		}
	}
	if refusal != nil {
		return nil, refusal
	}
	return g.leave, nil
}

// pass lets a request through an open gate, and counts it with that: who closes
// the gate misses none.
func (g *readyGate) pass() (passes bool, refusal *diagnosis.Diagnosis, changed <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	passes = g.open && g.refusal == nil
	if passes {
		g.passed++
	}
	return passes, g.refusal, g.changed
}

// leave notes that a request is over that was let through.
func (g *readyGate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.passed--
	if g.passed == 0 && g.settled != nil {
		close(g.settled)
		g.settled = nil
	}
}

// underWay returns how many requests were let through and are not over.
func (g *readyGate) underWay() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.passed
}

// admit opens the gate.
func (g *readyGate) admit() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = true
	g.announce()
}

// hold closes the gate for a while. The channel is closed once the requests are
// over that were let through before.
func (g *readyGate) hold() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = false
	settled := make(chan struct{})
	if g.passed == 0 {
		close(settled)
	} else {
		g.settled = settled
	}
	return settled
}

// refuse refuses all requests from now on, those that wait too.
func (g *readyGate) refuse(d diagnosis.Diagnosis) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.refusal == nil {
		g.refusal = &d
	}
	g.announce()
}

func (g *readyGate) announce() {
	close(g.changed)
	g.changed = make(chan struct{})
}
