// Package inspect shows what a proxy does, as it does it: a web page with the
// last exchanges, each in full, and metrics for programs.
//
// An [Inspector] is fed by a [proxy.Proxy], through [Inspector.Begin] and
// [Inspector.Observe], and serves on a listener of its own. It keeps a bounded
// number of exchanges in memory and writes nothing to disk.
//
// Any site that a browser has open can send requests to a server on this
// machine. So the server answers only to names that cannot be another site's
// (DNS rebinding), gives the page a token that every call of its API needs,
// never sends a CORS header, and shows what came from outside as text, never as
// markup. Secrets are replaced before they leave the server, unless a person
// asks for one exchange's.
package inspect

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/corsproxy/corsproxy/proxy"
)

// The bounds that a [Config] has where it names none.
const (
	DefaultExchanges = 1000
	DefaultBytes     = 64 << 20
	MaxBody          = 256 << 10 // of one body, kept by the recorder
	maxUnderWay      = 32 << 20  // of all bodies of exchanges under way
)

// Config is what an [Inspector] is made of.
type Config struct {
	Exchanges int   // most exchanges to keep; 0 is DefaultExchanges
	Bytes     int64 // most bytes to keep; 0 is DefaultBytes

	// Listen is the address as it was configured. Its host is a name under
	// which the inspector may be reached.
	Listen string
	// ProxyURL is where the proxy is reached, for curl, archives and replays.
	ProxyURL string
	// Upstream returns the URL of the upstream as it is now, to be shown.
	Upstream func() string
	// Version is corsproxy's own.
	Version string

	// Ready reports whether the upstream accepts connections.
	Ready func(context.Context) error
}

// A Setting is a part of the configuration.
type Setting struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	From  string `json:"from"` // "--listen", "CORSPROXY_LISTEN", "corsproxy.yaml:4:12", "default"
	Help  string `json:"help"`
	Limit string `json:"limit"` // how far it is in use; "" is in full
}

// An Inspector keeps exchanges and serves the page that shows them.
type Inspector struct {
	config   Config
	ring     *ring
	metrics  *metrics
	replays  replays
	rules    atomic.Pointer[ruleBook]
	settings atomic.Pointer[[]Setting]
	token    string
	server   *http.Server
	ctx      context.Context // of whoever reads; ends with Shutdown
	cancel   context.CancelFunc

	replaying  context.Context // of replays; ends with EndReplays
	endReplays context.CancelFunc
}

// New returns an inspector.
func New(c Config) *Inspector {
	if c.Exchanges <= 0 {
		c.Exchanges = DefaultExchanges
	}
	if c.Bytes <= 0 {
		c.Bytes = DefaultBytes
	}
	in := &Inspector{
		config: c, ring: newRing(c.Exchanges, c.Bytes), metrics: newMetrics(), token: rand.Text(),
		replays: replays{from: make(map[string]string)},
	}
	in.ctx, in.cancel = context.WithCancel(context.Background())
	in.replaying, in.endReplays = context.WithCancel(in.ctx)
	in.server = &http.Server{
		Handler:           in,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		BaseContext:       func(net.Listener) context.Context { return in.ctx },
	}
	return in
}

// Recorder returns what the proxy is to record with.
func (in *Inspector) Recorder() *proxy.Recorder {
	return &proxy.Recorder{Begin: in.Begin, MaxBody: MaxBody, MaxBodies: maxUnderWay}
}

// SetRules has the rules of the proxy shown as they are now.
func (in *Inspector) SetRules(r proxy.Rules) { in.rules.Store(&ruleBook{rules: r}) }

// SetSettings has the configuration shown as it is now.
func (in *Inspector) SetSettings(s []Setting) { in.settings.Store(&s) }

// Begin shows an exchange that has begun.
func (in *Inspector) Begin(x proxy.Exchange) {
	in.ring.put(x, true, in.replays.original(x.RemoteAddr))
}

// Observe takes over an exchange that has ended.
func (in *Inspector) Observe(x proxy.Exchange) {
	e := in.ring.put(x, false, in.replays.original(x.RemoteAddr))
	in.metrics.observe(e)
}

// Serve serves on l until Shutdown.
func (in *Inspector) Serve(l net.Listener) error {
	if err := in.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// EndReplays ends the replays under way, and has no other begin. A proxy that
// ends would wait for them, and nobody waits for what they get.
func (in *Inspector) EndReplays() { in.endReplays() }

// Shutdown ends the server at once: nothing of it is worth waiting for.
func (in *Inspector) Shutdown() {
	in.cancel()
	_ = in.server.Close()
}
