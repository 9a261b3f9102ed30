package proxy

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/http1"
	"github.com/corsproxy/corsproxy/policy"
)

// An Exchange is a request and what became of it.
type Exchange struct {
	ID       string // also in the problem body, if there is one
	Start    time.Time
	Ready    time.Time     // when there was an upstream for it; zero without [Config.Await]
	Duration time.Duration // to the last byte of the answer

	Method     string // as received; empty where the request line could not be read
	Target     string // as received: path and query
	Host       string
	Origin     string
	Foreign    bool   // a page of another origin sent it, and browsers ask for permission
	RemoteAddr string // of the client

	Decision policy.Decision // of the CORS policy; zero where the upstream decides
	Answered bool            // by the proxy itself; nothing of an upstream's answer was used
	Replaced bool            // by the proxy: the client got Diagnosis in place of the upstream's answer
	Upgraded bool            // to a WebSocket

	Status   int   // of the answer; 0 where none could be given
	BytesIn  int64 // of a WebSocket, from the client
	BytesOut int64 // of the answer's body

	UpstreamStatus int                  // 0 where the upstream did not answer
	Diagnosis      *diagnosis.Diagnosis // nil where nothing is wrong
	Deployed       *diagnosis.Diagnosis // where the deployed API would answer differently; nil where it would not, or it is not known
	Verdict        *Verdict             // of a browser on the answer; nil where none asks for permission
	Applied        *Applied             // nil where no Access-Control field was changed
	Err            error                // of forwarding, or of reading the request

	Record *Record // nil where [Config.Record] asks for none
}

// An exchange is an Exchange under way.
type exchange struct {
	Exchange
	proxy *Proxy
	rules *ruleSet
	rule  *Rule
	asked *http.Request // what was received; nil where it has no Origin

	upstream *upstream // that the request was forwarded to
	over     func()    // of [Config.Await]; nil where nobody waits for the end

	head   *http1.Head          // of the upstream's response
	body   *upstreamBody        // of the upstream's response
	tunnel *http1.Tunnel        // after a 101
	offer  http.Header          // of an upgrade, by a response that is no 101
	answer *diagnosis.Diagnosis // what is answered in place of the upstream's response
	writer responseWriter       // where the answer goes

	suspected *diagnosis.Evidence // nil where nothing is to be told of the answer's body
	deployed  *apigateway.Answer  // the deployed API's, where the rule is to follow it

	recording *recording // nil where nothing is recorded
}

type exchangeKey struct{}

func newExchange(p *Proxy, rules *ruleSet, w http.ResponseWriter, r *http.Request) *exchange {
	x := &exchange{proxy: p, rules: rules, rule: &rules.Default}
	x.writer = responseWriter{ResponseWriter: w, exchange: x}
	x.ID = newID()
	x.Start = time.Now()
	x.Method, x.Target, x.Host, x.RemoteAddr = r.Method, r.RequestURI, r.Host, r.RemoteAddr
	if x.Origin = r.Header.Get("Origin"); x.Origin != "" {
		x.asked = r
		x.Foreign = policy.CrossOrigin(r)
	}
	x.record(r)
	return x
}

// newID returns an identifier that is unlikely to be given twice within a log.
func newID() string {
	const digits = 8
	s := strconv.FormatUint(rand.Uint64()|1<<63, 36)
	return s[len(s)-digits:]
}

// end has whoever waits for the exchange wait no more.
func (x *exchange) end() {
	if x.over != nil {
		x.over()
		x.over = nil
	}
}

// observe reports the exchange. It is deferred, and so runs for one that is
// aborted by a panic too.
func (x *exchange) observe() {
	record, held := x.recorded()
	// What was held counts until whoever observes has taken it over.
	defer x.proxy.bodies.Add(-held)
	if x.proxy.config.Observe == nil {
		return
	}
	x.explainVerdict()
	if x.UpstreamStatus >= http.StatusInternalServerError && x.Status != 0 && x.Err == nil {
		x.writer.finish() // who observes may wait for the cause of an error to show
	}
	x.Duration = time.Since(x.Start)
	x.Record = record
	x.proxy.config.Observe(&x.Exchange)
}
