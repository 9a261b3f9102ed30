package main

import (
	"context"
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
	wait := func(ctx context.Context) { go func() { answers <- g.await(ctx) }() }

	ctx, cancel := context.WithCancel(t.Context())
	wait(ctx)
	cancel()
	if d := <-answers; d == nil || d.Code != diagnosis.ChildNotReady {
		t.Errorf("who leaves gets %v", d)
	}
	wait(t.Context())
	g.set(true)
	if d := <-answers; d != nil {
		t.Errorf("an open gate says %v", d)
	}
	g.set(false)
	wait(t.Context())
	g.refuse(diagnosis.Diagnosis{Code: diagnosis.ChildEnded})
	g.refuse(diagnosis.Diagnosis{Code: diagnosis.ShuttingDown})
	if d := <-answers; d == nil || d.Code != diagnosis.ChildEnded {
		t.Errorf("after the end there is %v", d)
	}
	if d := g.await(t.Context()); d == nil || d.Code != diagnosis.ChildEnded {
		t.Errorf("after the end there is %v", d)
	}
	if n := g.held(); n != 0 {
		t.Errorf("%d requests wait", n)
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
	if d := testGate(time.Millisecond).await(t.Context()); d == nil || d.Code != diagnosis.ChildNotReady {
		t.Errorf("after the time that a request waits there is %v", d)
	}
}
