package main

import (
	"context"
	"errors"
	"time"

	"github.com/corsproxy/corsproxy/internal/child"
)

// askRestart has the command started again.
func (c *upstreamChild) askRestart() {
	select {
	case c.restart <- struct{}{}:
	default: // it is about to be
	}
}

// beginAgain notes that the command is to be started again, unless it has ended
// by itself, or ctx has.
func (c *upstreamChild) beginAgain(ctx context.Context) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.process.Done():
		return false
	case <-ctx.Done():
		return false
	default:
	}
	c.restarts, c.address, c.mounted, c.named = true, "", false, nil
	c.elsewhere, c.stranger, c.moved = "", "", ""
	return true
}

// lastRequests is how long a restart waits for the requests that were forwarded
// already.
const lastRequests = 5 * time.Second

// lastOutput is how long a restart waits for who reads what the command has
// written. Later, it still is passed on.
const lastOutput = time.Second

// startAgain ends the command and starts it anew. Requests wait meanwhile.
func (c *upstreamChild) startAgain(ctx context.Context) bool {
	settled := c.gate.hold()
	c.log.info("what SAM local reads has changed: starting " + c.line + " again")
	select {
	case <-settled:
	case <-time.After(lastRequests):
	case <-ctx.Done():
	}
	if ctx.Err() != nil { // those under way are waited for, and then it ends
		return false
	}
	p := c.current()
	c.mu.Lock()
	c.interrupted = p
	c.mu.Unlock()
	c.proxy.Disconnect() // or the command waits for it, where it ends in order
	p.Interrupt()
	endProcess(p, p.Over(), nil)
	select {
	case <-p.Done():
	case <-time.After(lastOutput): // a terminal may be stopped, and requests wait
	}
	p.Leave() // what comes late is not the new command's
	_ = c.routes.Close()
	c.said.Clear()
	err := c.start(ctx)
	if ctx.Err() != nil {
		return false
	}
	if err != nil {
		c.log.warn(clean(err.Error()))
		code := child.ExitCannotRun
		if e := new(child.StartError); errors.As(err, &e) {
			code = e.Code
		}
		c.finish(child.Exit{Code: code})
		return false
	}
	return true
}
