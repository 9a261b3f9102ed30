package main

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

func testGate(timeout time.Duration) *readyGate {
	return newReadyGate(timeout, func(time.Duration, bool) diagnosis.Diagnosis {
		return diagnosis.Diagnosis{Code: diagnosis.ChildNotReady}
	})
}

func TestGate(t *testing.T) {
	t.Parallel()
	g := testGate(time.Hour)
	answers := make(chan *diagnosis.Diagnosis)
	wait := func(ctx context.Context) {
		go func() {
			_, d := g.await(ctx)
			answers <- d
		}()
	}

	ctx, cancel := context.WithCancel(t.Context())
	wait(ctx)
	cancel()
	if d := <-answers; d == nil || d.Code != diagnosis.ChildNotReady {
		t.Errorf("who leaves gets %v", d)
	}
	wait(t.Context())
	g.admit()
	if d := <-answers; d != nil {
		t.Errorf("an open gate says %v", d)
	}
	g.hold()
	wait(t.Context())
	g.refuse(diagnosis.Diagnosis{Code: diagnosis.ChildEnded})
	g.refuse(diagnosis.Diagnosis{Code: diagnosis.ShuttingDown})
	if d := <-answers; d == nil || d.Code != diagnosis.ChildEnded {
		t.Errorf("after the end there is %v", d)
	}
	if _, d := g.await(t.Context()); d == nil || d.Code != diagnosis.ChildEnded {
		t.Errorf("after the end there is %v", d)
	}
}

// TestGateSettles waits for what was let through, whoever comes and goes meanwhile.
func TestGateSettles(t *testing.T) {
	t.Parallel()
	g := testGate(time.Hour)
	if settled := g.hold(); !isClosed(settled) {
		t.Error("nothing has been let through, and it is waited for")
	}
	g.admit()
	first, _ := g.await(t.Context())
	second, _ := g.await(t.Context())
	settled := g.hold()
	gone, leave := context.WithCancel(t.Context())
	leave()
	var others sync.WaitGroup
	for range 100 {
		others.Go(func() { g.await(gone) })
		others.Go(func() {
			if over, d := g.await(t.Context()); d == nil {
				over()
			}
		})
	}
	first()
	if n := g.underWay(); n != 1 || isClosed(settled) {
		t.Errorf("%d requests are under way, and the gate has settled: %v", n, isClosed(settled))
	}
	second()
	if n := g.underWay(); n != 0 || !isClosed(settled) {
		t.Errorf("%d requests are under way, and the gate has settled: %v", n, isClosed(settled))
	}
	g.refuse(diagnosis.Diagnosis{Code: diagnosis.ChildEnded})
	others.Wait()
	if n := g.underWay(); n != 0 {
		t.Errorf("%d requests that were refused are under way", n)
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// TestGateTellsWhoLeft has the reason know whether anybody waits for it.
func TestGateTellsWhoLeft(t *testing.T) {
	t.Parallel()
	said := make(chan bool, 1)
	g := newReadyGate(time.Millisecond, func(_ time.Duration, left bool) diagnosis.Diagnosis {
		said <- left
		return diagnosis.Diagnosis{Code: diagnosis.ChildNotReady}
	})
	g.await(t.Context())
	if <-said {
		t.Error("one whose time is up has left")
	}
	g.timeout = time.Hour
	gone, leave := context.WithCancel(t.Context())
	leave()
	g.await(gone)
	if !<-said {
		t.Error("one who has left waits")
	}
}

func TestGateTimeout(t *testing.T) {
	t.Parallel()
	if _, d := testGate(time.Millisecond).await(t.Context()); d == nil || d.Code != diagnosis.ChildNotReady {
		t.Errorf("after the time that a request waits there is %v", d)
	}
}
