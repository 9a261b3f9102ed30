// Package proxy is a reverse proxy for one upstream, meant to stand between a
// browser and `sam local start-api`.
//
// It answers OPTIONS by a CORS policy, turns the upstream's 403 Missing
// Authentication Token into an error that names its cause, and forwards
// everything else unchanged. For each request, in this order:
//
//	guard    refuse what would make it an open proxy or a loop
//	answer   OPTIONS, by the policy of its path or as the deployed API does
//	forward  through goproxy, with a transport that keeps the request's bytes
//	diagnose a failure to reach the upstream, or a Missing Authentication Token
//	apply    CORS headers, where they are the proxy's to apply
//	compare  with what the deployed API would answer, where a template is known
//	observe  report the [Exchange]
//
// A [Proxy] never logs; it reports each exchange to [Config.Observe].
package proxy

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/elazarl/goproxy"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/http1"
)

// Config is what a [Proxy] is made of. Only Rules and Upstream can change later.
type Config struct {
	// Upstream is where requests are forwarded to: scheme http or https, and a
	// host. Its path must be empty or "/".
	Upstream *url.URL
	// Rules say what is answered, and what becomes of answers.
	Rules Rules
	// Transport sends requests to the upstream. Nil, which is best, is one that
	// keeps the bytes of a request as they were received.
	Transport http.RoundTripper
	// Timeouts bound the waiting for the upstream and for idle clients.
	Timeouts Timeouts
	// InContainer says that a loopback address is the container itself; it only
	// changes what is advised.
	InContainer bool
	// Await, if it is set, is called before a request is forwarded. It returns
	// when the upstream is ready, or why the request is not forwarded. It has to
	// return when ctx ends, which the leaving of the client does too. Of a request
	// that is forwarded over is called when its exchange has ended and was observed,
	// or has become a WebSocket, which has no end to wait for.
	Await func(ctx context.Context) (over func(), d *diagnosis.Diagnosis)
	// Refine, if it is set, is given each diagnosis of why the upstream could not
	// be reached, did not answer, or not to the end, and returns one that knows more.
	Refine func(Exchange, diagnosis.Diagnosis) diagnosis.Diagnosis
	// Observe is called once for each exchange, after it has ended, from the
	// goroutine that served it. What it is given ends with the call.
	Observe func(*Exchange)
	// Exhausted, if it is set, is told now and then that no file descriptor is left,
	// so that clients' connections are refused.
	Exhausted func()
	// Panicked, if it is set, is told of a panic that ended an exchange, while its
	// stack is there.
	Panicked func(value any)
	// Record, if it is set, has each exchange carry a [Record].
	Record *Recorder
}

// Timeouts are durations; 0 is none.
type Timeouts struct {
	Dial           time.Duration // to connect to the upstream, TLS included
	ResponseHeader time.Duration // from a request's last byte to its response's head
	Idle           time.Duration // of a connection without a request, to either side
}

// A Proxy is an [http.Handler]. Behind [Proxy.Serve] it keeps all of a request
// and a response; behind net/http's server, what that keeps.
type Proxy struct {
	config   Config
	rules    atomic.Pointer[ruleSet]
	upstream atomic.Pointer[upstream]
	engine   *goproxy.ProxyHttpServer
	server   *http1.Server
	tunnels  tunnels
	loop     loop
	clock    clock
	judged   judged
	bodies   atomic.Int64 // bytes that recordings hold
	closed   atomic.Bool  // by Close: what fails from then on is the proxy's doing
}

// New returns a proxy. The error says what is wrong with c.
func New(c Config) (*Proxy, error) {
	p := &Proxy{config: c, loop: newLoop()}
	p.server = &http1.Server{
		Handler:     p,
		Refuse:      p.refuseMalformed,
		MakeRoom:    p.makeRoom,
		Exhausted:   c.Exhausted,
		Panicked:    c.Panicked,
		HeadTimeout: headTimeout,
		IdleTimeout: c.Timeouts.Idle,
	}
	p.engine = newEngine(p)
	if err := p.SetRules(c.Rules); err != nil {
		return nil, err
	}
	if err := p.SetUpstream(c.Upstream); err != nil {
		return nil, err
	}
	return p, nil
}

// headTimeout is how long a client may take to send a request's head.
const headTimeout = 10 * time.Second

// SetRules replaces the rules. Exchanges under way keep those that they began
// with. On an error the old rules stay.
func (p *Proxy) SetRules(r Rules) error {
	set, err := newRuleSet(r)
	if err != nil {
		return err
	}
	p.rules.Store(set)
	return nil
}

// Serve accepts connections on l until Shutdown or Close, and then returns
// [http.ErrServerClosed]. It may be called for several listeners.
func (p *Proxy) Serve(l net.Listener) error { return p.server.Serve(l) }

// Active returns the number of exchanges under way, without WebSockets, which have
// no end to wait for.
func (p *Proxy) Active() int { return max(0, p.server.Active()-p.tunnels.len()) }

// Shutdown stops accepting and waits for the exchanges under way, until ctx
// ends. WebSockets, which have no end to wait for, are closed.
func (p *Proxy) Shutdown(ctx context.Context) error {
	p.tunnels.close()
	err := p.server.Shutdown(ctx)
	p.CloseIdle()
	return err
}

// Close ends all listeners and connections at once.
func (p *Proxy) Close() error {
	p.closed.Store(true)
	p.tunnels.close()
	err := p.server.Close()
	p.CloseIdle()
	return err
}

// CloseIdle closes the connections to the upstream that are kept for reuse.
func (p *Proxy) CloseIdle() {
	p.upstream.Load().closeIdle()
}

// ServeHTTP answers or forwards one request.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rules := p.rules.Load()
	x := newExchange(p, rules, w, r)
	defer x.end()
	defer x.observe()
	if d := p.guard(r); d != nil {
		x.refuse(r, *d)
		return
	}
	if x.decide(r) {
		return
	}
	if d := x.await(r); d != nil {
		x.Answered = true
		x.diagnose(r, *d, r.ContentLength != 0)
		return
	}
	if now := p.rules.Load(); now != rules { // it was held until there was an upstream, which has other routes
		x.rules, x.deployed = now, nil
		if x.decide(r) {
			return
		}
	}
	x.forward(r)
}

// decide applies the rule for a request, and reports whether that has answered
// it.
func (x *exchange) decide(r *http.Request) (answered bool) {
	x.rule = x.rules.rule(r)
	switch ping := target(r) == "*"; {
	case x.rule.Source == FromTemplate && !ping:
		return x.followTemplate(r)
	case x.rule.Source == FromUpstream:
	case r.Method == http.MethodOptions:
		x.answerOptions(r)
		return true
	default:
		x.Decision = x.rule.Policy.Decide(r)
	}
	return false
}

// refuseMalformed answers what the server could not read as a request.
func (p *Proxy) refuseMalformed(w http.ResponseWriter, r *http.Request, err *http1.ProtocolError) {
	x := newExchange(p, p.rules.Load(), w, r)
	defer x.observe()
	x.Err = err
	x.refuse(r, diagnosis.Guard(diagnosis.GuardCode(err.Status), err.Reason))
}

// tunnels are the WebSockets that are open.
type tunnels struct {
	mu     sync.Mutex
	conns  map[net.Conn]*http1.Tunnel // by the client's
	closed bool
}

// add notes a tunnel; it is false where tunnels are not wanted any more.
func (t *tunnels) add(c net.Conn, upstream *http1.Tunnel) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	if t.conns == nil {
		t.conns = make(map[net.Conn]*http1.Tunnel)
	}
	t.conns[c] = upstream
	return true
}

func (t *tunnels) remove(c net.Conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.conns, c)
}

func (t *tunnels) len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.conns)
}

// close ends all, and has no other begin.
func (t *tunnels) close() {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	t.end()
}

// end ends all that are open.
func (t *tunnels) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for c, upstream := range t.conns {
		_ = c.Close()
		upstream.Abandon() // it may not take what the client has sent
	}
}
