// Package fetch plays the browser over the network: it sends what a browser
// sends for a script's fetch, follows redirects as a browser does, and keeps
// each exchange with the verdict that [browser] gives on it.
//
// Only the browser's side of CORS is played. There is no cache, of preflights
// neither, no cookie that is not given, and no mixed-content or local-network
// check; [Notes] says where a browser would look at those.
package fetch

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/http1"
)

// UserAgent is what the requests say they come from. Some servers treat what
// does not begin like a browser differently.
const UserAgent = "Mozilla/5.0 (compatible; corsproxy)"

// Limits on what is kept of a response's body. A script gets a response before
// its body, which may never end.
const (
	maxBody  = 8192 // bytes
	bodyWait = 250 * time.Millisecond
)

// maxHead is what Chromium takes of a response's head, in bytes.
const maxHead = 256 << 10

// A Request is what a script gives to fetch, and what is sent with it.
type Request struct {
	browser.Request
	Body []byte // nil is none
}

// A Field is a field line of a request or a response.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// An Exchange is one request over the network and what came of it.
type Exchange struct {
	Stage    browser.Stage
	Method   string
	URL      string
	Own      []Field // of the request: those that CORS and the script put there
	Request  []Field // all that were sent
	Status   int     // 0 where there was no response
	Reason   string
	Response []Field // in the order received
	Body     []byte  // the first bytes
	Took     time.Duration
	Verdict  browser.Verdict
	Err      error // why there was no response
}

// A Result is what became of a fetch.
type Result struct {
	// Verdict is the browser's on the fetch as a whole. The zero Verdict, which
	// does not allow it, says that nothing is known; Err says why.
	Verdict   browser.Verdict
	Preflight bool // a preflight was sent
	Exchanges []Exchange
	Err       error // no verdict: time was up, or the caller gave up
}

// A Client sends requests. The zero Client verifies certificates as the system
// does and waits as long as its contexts let it.
type Client struct {
	TLS         *tls.Config
	DialTimeout time.Duration
}

// Do plays a script's fetch. With preflightOnly it ends where the browser would
// send the request itself.
func (c *Client) Do(ctx context.Context, r Request, preflightOnly bool) Result {
	run := run{client: c, ctx: ctx, page: r.Origin, body: r.Body, fetch: browser.Start(withBodyType(r))}
	run.result.Verdict.Allowed = true
	for {
		if run.fetch.NeedsPreflight() && !run.preflight() || preflightOnly || !run.actual() {
			return run.result
		}
	}
}

// withBodyType adds the Content-Type that fetch gives a string.
func withBodyType(r Request) browser.Request {
	if r.Body == nil {
		return r.Request
	}
	for name := range r.Header {
		if strings.EqualFold(name, "Content-Type") {
			return r.Request
		}
	}
	r.Header = r.Header.Clone()
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set("Content-Type", "text/plain;charset=UTF-8")
	return r.Request
}

// A run is a fetch on its way.
type run struct {
	client *Client
	ctx    context.Context
	page   string // origin
	body   []byte
	fetch  *browser.Fetch
	site   siteOf
	result Result
}

// preflight sends the preflight of this hop, and reports whether the browser
// goes on.
func (r *run) preflight() bool {
	p := r.fetch.Preflight()
	x := r.exchange(browser.StagePreflight, http.MethodOptions, p.Header(), nil)
	r.result.Preflight = r.result.Preflight || x.Request != nil
	x.Own = slices.DeleteFunc(x.Own, func(f Field) bool { return f.Name == "Accept" }) // as in every request
	if x.Err == nil {
		x.Verdict = p.Check(x.Status, Header(x.Response))
	}
	return r.take(x, true)
}

// actual sends the request of this hop, and reports whether there is another.
func (r *run) actual() bool {
	method, body := r.fetch.Method(), r.body
	if method == http.MethodGet || method == http.MethodHead {
		body = nil
	}
	x := r.exchange(browser.StageActual, method, r.fetch.Header(), body)
	follow := false
	if x.Err == nil {
		x.Verdict, follow = r.fetch.Receive(x.Status, Header(x.Response))
		x.Stage = x.Verdict.Stage
	}
	return r.take(x, follow)
}

// take keeps an exchange. It reports whether the fetch goes on.
func (r *run) take(x Exchange, goesOn bool) bool {
	if x.Err != nil {
		if r.ctx.Err() != nil {
			r.result.Err = context.Cause(r.ctx)
		} else if isTimeout(x.Err) {
			r.result.Err = x.Err
		}
		x.Verdict = browser.Failed(x.Stage, netError(x.Err), detail(x.Err))
	}
	r.result.Exchanges = append(r.result.Exchanges, x)
	r.result.Verdict = x.Verdict
	if r.result.Err != nil {
		r.result.Verdict = browser.Verdict{Stage: x.Stage}
	}
	return goesOn && x.Verdict.Allowed
}

// exchange sends one request and reads the head of its response, and the
// beginning of its body.
func (r *run) exchange(stage browser.Stage, method string, own http.Header, body []byte) Exchange {
	target := r.fetch.URL()
	if port := target.Port(); browser.BadPort(port) {
		return Exchange{Stage: stage, Method: method, URL: address(target), Err: &refusedError{"net::ERR_UNSAFE_PORT",
			"browsers call nothing on port " + port + ", which belongs to another protocol, so nothing was sent; serve on another port"}}
	}
	ctx, cancel := context.WithCancel(r.ctx)
	defer cancel()
	req := r.request(ctx, method, own, body)
	x := Exchange{Stage: stage, Method: method, URL: address(target), Own: fieldsOf(own), Request: append([]Field{{"Host", req.Host}}, fieldsOf(req.Header)...)}
	begun := time.Now()
	resp, err := r.client.transport(target).RoundTrip(req)
	x.Took = time.Since(begun)
	if err != nil {
		x.Err = err
		return x
	}
	defer func() { _ = resp.Body.Close() }()
	if head := http1.ResponseHead(resp); head != nil {
		for _, f := range head.Fields {
			x.Response = append(x.Response, Field{f.Name, f.Value})
		}
	}
	if x.Err = refused(resp, Header(x.Response)); x.Err != nil {
		return x
	}
	x.Status = resp.StatusCode
	_, x.Reason, _ = strings.Cut(resp.Status, " ")
	defer time.AfterFunc(bodyWait, cancel).Stop()
	// A body that ends early or is malformed fails later than the verdict.
	x.Body, _ = io.ReadAll(io.LimitReader(resp.Body, maxBody))
	return x
}

// request makes a request with the fields that a browser adds.
func (r *run) request(ctx context.Context, method string, own http.Header, body []byte) *http.Request {
	target := *r.fetch.URL()
	target.Fragment, target.RawFragment, target.User = "", "", nil
	req := (&http.Request{Method: method, URL: &target, Host: target.Host, Header: own.Clone()}).WithContext(ctx)
	r.addBrowsers(req)
	switch {
	case body != nil:
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	case method == http.MethodPost || method == http.MethodPut:
		req.Header.Set("Content-Length", "0")
	}
	return req
}

// transport returns what connects to a URL's origin. Each exchange has its
// own: a browser's connections are none of CORS.
func (c *Client) transport(target *url.URL) *http1.Transport {
	upstream := &url.URL{Scheme: target.Scheme, Host: target.Host}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.TLS != nil {
		config = c.TLS.Clone()
	}
	config.ServerName = target.Hostname()
	if name := strings.ToLower(strings.TrimSuffix(target.Hostname(), ".")); strings.HasSuffix(name, ".localhost") {
		// Browsers look no such name up (RFC 6761, section 6.3).
		upstream.Host = "localhost"
		if port := target.Port(); port != "" {
			upstream.Host += ":" + port
		}
	}
	return &http1.Transport{Upstream: upstream, TLS: config, DialTimeout: c.DialTimeout, MaxHeadBytes: maxHead, Forgiving: true}
}

// address writes a URL without what is not sent.
func address(u *url.URL) string {
	plain := *u
	plain.Fragment, plain.RawFragment, plain.User = "", "", nil
	return plain.String()
}

// A refusedError is a port or a response that a browser refuses whatever CORS says, by
// the name that Chromium has for it.
type refusedError struct{ name, why string }

func (e *refusedError) Error() string { return e.why }

// refused returns why a browser refuses a response: it says two things of one,
// or is a proxy's where there is none.
func refused(resp *http.Response, h http.Header) error {
	if resp.StatusCode == http.StatusProxyAuthRequired {
		return &refusedError{"net::ERR_UNEXPECTED_PROXY_AUTH", "the answer is 407, which is for proxies to give"}
	}
	for _, name := range []string{"Content-Length", "Content-Disposition", "Location"} {
		for _, v := range h[name] {
			if v != h[name][0] && (name != "Content-Length" || resp.TransferEncoding == nil) {
				return &refusedError{
					"net::ERR_RESPONSE_HEADERS_MULTIPLE_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_")),
					name + " stands twice in the answer, with different values",
				}
			}
		}
	}
	return nil
}

func isTimeout(err error) bool {
	var timeout *http1.TimeoutError
	return errors.As(err, &timeout) || errors.Is(err, context.DeadlineExceeded)
}
