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
	waiting int
}

func newReadyGate(timeout time.Duration, notReady func(waited time.Duration, left bool) diagnosis.Diagnosis) *readyGate {
	return &readyGate{timeout: timeout, notReady: notReady, changed: make(chan struct{})}
}

// await returns nil once the gate is open, or why a request is not forwarded.
// It is a [proxy.Config.Await].
func (g *readyGate) await(ctx context.Context) *diagnosis.Diagnosis {
	g.mu.Lock()
	open, refusal, changed := g.open, g.refusal, g.changed
	g.mu.Unlock()
	if open || refusal != nil {
		return refusal
	}
	g.count(1)
	defer g.count(-1)
	began := time.Now()
	timeout := time.NewTimer(g.timeout)
	defer timeout.Stop()
	for !open && refusal == nil {
		select {
		case <-changed:
		case <-timeout.C:
			d := g.notReady(time.Since(began), false)
			return &d
		case <-ctx.Done():
			d := g.notReady(time.Since(began), true)
			d.Detail += "; the client left, or has closed its sending side"
			return &d
		}
		g.mu.Lock()
		open, refusal, changed = g.open, g.refusal, g.changed
		g.mu.Unlock()
	}
	return refusal
}

func (g *readyGate) count(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting += n
}

// held returns how many requests wait.
func (g *readyGate) held() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.waiting
}

// set opens the gate, or closes it for a while.
func (g *readyGate) set(open bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = open
	g.announce()
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
