package main

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/childlog"
	"github.com/corsproxy/corsproxy/internal/child"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/http1"
	"github.com/corsproxy/corsproxy/proxy"
)

// evidencePatience is how long the command's log, which comes another way than
// its answer, is waited for. Only what has failed waits for it.
const evidencePatience = 300 * time.Millisecond

// refine adds to d what is known of the command. It is a
// [proxy.Config.Refine].
func (c *upstreamChild) refine(x proxy.Exchange, d diagnosis.Diagnosis) diagnosis.Diagnosis {
	switch {
	case d.Code == diagnosis.UpstreamTimeout || d.Code == diagnosis.ClientGone && x.UpstreamStatus == 0:
		return c.unanswered(x, d)
	case d.Code != diagnosis.UpstreamRefused && d.Code != diagnosis.UpstreamClosed && d.Code != diagnosis.UpstreamBodyCut:
		return d
	case c.cuts(), errors.Is(x.Err, http1.ErrTransportClosed): // the latter is told when the client reads on
		s := c.known()
		s.Cut, s.Trouble = true, nil // what it says of its own end is no cause
		return s.Refine(d)
	case d.Code == diagnosis.UpstreamBodyCut:
		return d
	}
	ended, exit := c.awaitEnd()
	s := c.state()
	if ended {
		s.Ended, s.Exit = true, exitWords(exit)
	}
	if !s.Ended {
		// What is long past explains nothing.
		f, _ := c.said.Since(x.Ready)
		s.Trouble = f.Trouble
		if d.Code == diagnosis.UpstreamRefused {
			s.Moved = c.movedTo()
		}
	}
	return s.Refine(d)
}

// unanswered adds to d, which says that a request was given up, why SAM local has not
// answered it although its log has the line about the answer.
func (c *upstreamChild) unanswered(x proxy.Exchange, d diagnosis.Diagnosis) diagnosis.Diagnosis {
	f, _ := c.said.Since(x.Ready)
	if f.Trouble == nil || !slices.ContainsFunc(f.Answers, func(r childlog.Request) bool { return isRequest(r, &x) }) {
		return d
	}
	return f.Trouble.Unanswered(d, len(f.Answers) == 1)
}

// cuts reports whether the command has been interrupted, to be started again: what
// fails now is cut by that, since no request goes to the new process yet.
func (c *upstreamChild) cuts() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.interrupted != nil
}

// awaitEnd waits a while for the command to end by itself, since it may be about
// to.
func (c *upstreamChild) awaitEnd() (ended bool, exit child.Exit) {
	p := c.current()
	select {
	case <-p.Done():
	case <-time.After(evidencePatience):
	}
	select {
	case <-p.Over(): // if not its output, which may wait for its reader
	default:
		return false, child.Exit{}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.restarts && c.process == p, p.Exit()
}

// explain adds the cause that SAM local's log has to an exchange that it
// answered with an error of its own. What a function answers says itself what it
// is to say, whatever its log has.
func (c *upstreamChild) explain(x *proxy.Exchange) {
	failed := x.Status == x.UpstreamStatus && (x.Status == http.StatusInternalServerError || x.Status == http.StatusNotImplemented || x.Status == http.StatusBadGateway)
	c.mu.Lock()
	isSAM := c.isSAM || c.mounted
	c.mu.Unlock()
	if !failed || !isSAM || x.Diagnosis == nil || !x.Diagnosis.Code.IsSAMs() {
		return
	}
	f := c.findingFor(x)
	if f.Trouble == nil {
		return
	}
	certain := len(f.Answers) == 1 && c.gate.underWay() == 1 // this one, which is not over yet
	d := f.Trouble.Explain(*x.Diagnosis, certain)
	x.Diagnosis = &d
}

// findingFor returns what the log has from when x was sent on to its line about
// the answer, which SAM local prints before it sends it.
func (c *upstreamChild) findingFor(x *proxy.Exchange) childlog.Finding {
	late := time.After(evidencePatience)
	for {
		f, more := c.said.Since(x.Ready)
		for _, r := range f.Answers {
			if isAnswer(r, x) {
				return f
			}
		}
		select {
		case <-more:
		case <-late:
			return f
		}
	}
}

// isAnswer reports whether a line of an access log is about the answer of x.
func isAnswer(r childlog.Request, x *proxy.Exchange) bool {
	return r.Status == strconv.Itoa(x.Status) && isRequest(r, x)
}

// isRequest reports whether a line of an access log is about the request of x.
// Werkzeug decodes the path that it prints.
func isRequest(r childlog.Request, x *proxy.Exchange) bool {
	if r.Method != x.Method {
		return false
	}
	plain := func(target string) string {
		path, _, _ := strings.Cut(target, "?")
		if p, err := url.PathUnescape(path); err == nil {
			path = p
		}
		return path
	}
	return plain(r.Target) == plain(x.Target)
}
