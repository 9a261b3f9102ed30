package proxy

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"github.com/elazarl/goproxy"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/http1"
)

// newEngine returns the goproxy server that moves requests and responses. All
// that it would add, remove or decide by itself is turned off.
func newEngine(p *Proxy) *goproxy.ProxyHttpServer {
	engine := goproxy.NewProxyHttpServer()
	engine.KeepHeader = true
	engine.KeepAcceptEncoding = true
	engine.Logger = discard{}
	send := goproxy.RoundTripperFunc(p.roundTrip)
	engine.Tr = nil // never dialled: each request names its own RoundTripper
	engine.OnRequest().DoFunc(func(r *http.Request, ctx *goproxy.ProxyCtx) (*http.Request, *http.Response) {
		x, _ := r.Context().Value(exchangeKey{}).(*exchange)
		ctx.UserData = x
		ctx.RoundTripper = send
		return r, nil
	})
	engine.OnResponse().DoFunc(func(resp *http.Response, ctx *goproxy.ProxyCtx) *http.Response {
		return ctx.UserData.(*exchange).respond(resp, ctx)
	})
	return engine
}

// discard is goproxy's log: what matters of it comes back as an error.
type discard struct{}

func (discard) Printf(string, ...any) {}

// forward sends r to the upstream and its response to the client.
func (x *exchange) forward(r *http.Request) {
	ctx := context.WithValue(r.Context(), exchangeKey{}, x)
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{Got1xxResponse: x.interim})
	out := r.WithContext(ctx)
	x.upstream = x.proxy.upstream.Load()
	out.URL = upstreamURL(x.upstream.url, target(r))
	out.Header = http1.EndToEnd(r.Header)
	x.tapRequest(out)
	x.proxy.engine.ServeHTTP(&x.writer, out)
	switch {
	case x.answer != nil:
		x.writer.muted = false
		x.Replaced = x.UpstreamStatus != 0
		// What is left of a request that was not read to its end would have to
		// be waited for.
		x.diagnose(r, *x.answer, x.Err != nil && r.ContentLength != 0)
	case x.tunnel != nil:
		x.runTunnel()
	case x.body != nil && x.body.err != nil:
		x.abort()
	case x.suspected != nil && x.Diagnosis == nil:
		x.explainSuspect()
	}
}

// upstreamURL is where a request for target goes. Opaque keeps its bytes.
func upstreamURL(upstream *url.URL, target string) *url.URL {
	return &url.URL{Scheme: upstream.Scheme, Host: upstream.Host, Opaque: target}
}

// interim passes an interim response on (RFC 9110, section 15.2).
func (x *exchange) interim(status int, fields textproto.MIMEHeader) error {
	h := x.writer.Header()
	for k, vv := range http1.EndToEnd(http.Header(fields)) {
		h[k] = vv
	}
	x.writer.ResponseWriter.WriteHeader(status)
	clear(h)
	return nil
}

// roundTrip is what goproxy calls to reach the upstream.
func (p *Proxy) roundTrip(r *http.Request, ctx *goproxy.ProxyCtx) (*http.Response, error) {
	x := ctx.UserData.(*exchange)
	p.loop.begin(r.Header)
	resp, err := x.upstream.transport.RoundTrip(r)
	p.loop.end()
	if err != nil {
		return nil, err
	}
	x.UpstreamStatus = resp.StatusCode
	x.head = http1.ResponseHead(resp)
	x.tunnel = http1.TunnelOf(resp)
	x.recordUpstream(resp)
	resp.Header = http1.EndToEnd(resp.Header)
	if x.tunnel != nil {
		return resp, nil
	}
	x.offer = takeUpgrade(resp.Header)
	// goproxy takes a body that differs from this one for an edited one, and
	// drops its length; so what is wrapped is wrapped here.
	x.body = &upstreamBody{ReadCloser: resp.Body, out: &x.writer, want: resp.ContentLength}
	resp.Body = x.body
	x.keepBare(r, resp)
	x.suspect(r, resp)
	if x.rules.MissingToken != KeepMissingToken {
		x.lookForMissingToken(r, resp)
	}
	return resp, nil
}

// takeUpgrade removes from h, the header of a response that is no 101, an upgrade
// that it offers (RFC 9110, section 7.8), and returns it: goproxy would take the
// response for the upgrade itself, and drop its body.
func takeUpgrade(h http.Header) http.Header {
	if _, ok := h["Upgrade"]; !ok {
		return nil
	}
	offer := http.Header{"Upgrade": h["Upgrade"], "Connection": h["Connection"]}
	delete(h, "Upgrade")
	delete(h, "Connection")
	return offer
}

// keepBare keeps a server from adding what the response does not have: net/http
// takes a nil list for a field that is not to be made up. A response without a
// body keeps the coding that it names.
func (x *exchange) keepBare(r *http.Request, resp *http.Response) {
	for _, key := range [...]string{"Content-Type", "Date"} {
		if _, ok := resp.Header[key]; !ok {
			resp.Header[key] = nil
		}
	}
	if len(resp.TransferEncoding) > 0 && (r.Method == http.MethodHead || resp.StatusCode == http.StatusNotModified) {
		resp.Header["Transfer-Encoding"] = resp.TransferEncoding
	}
}

// respond is what goproxy calls with the upstream's response, or with nil where
// there is none. A response that is not to be used is replaced by an empty one,
// which is not written.
func (x *exchange) respond(resp *http.Response, ctx *goproxy.ProxyCtx) *http.Response {
	if resp == nil {
		x.Err = ctx.Error
		x.answer = x.explain(ctx.Error)
	}
	if x.answer != nil {
		if resp != nil && ctx.Req.Method == http.MethodOptions {
			x.compare(ctx.Req, resp.StatusCode, resp.Header, nil)
		}
		x.writer.muted = true
		return &http.Response{StatusCode: http.StatusBadGateway, Header: http.Header{}, Body: http.NoBody}
	}
	var upstream http.Header
	if x.rules.deployed != nil && x.Origin != "" {
		upstream = resp.Header.Clone()
	}
	x.applyDeployed(resp)
	x.applyPolicy(resp, ctx.Req)
	x.compare(ctx.Req, resp.StatusCode, resp.Header, upstream)
	return resp
}

// explain says why there is no response.
func (x *exchange) explain(err error) *diagnosis.Diagnosis {
	if x.proxy.closed.Load() {
		return x.shuttingDown()
	}
	var body *http1.RequestBodyError
	if errors.As(err, &body) && http1.IsMalformed(body.Err) {
		d := diagnosis.MalformedBody(body.Err.Error())
		return &d
	}
	return x.refine(diagnosis.UpstreamError(err, x.upstream.url, x.proxy.config.InContainer))
}

// refine adds to d what others know.
func (x *exchange) refine(d diagnosis.Diagnosis) *diagnosis.Diagnosis {
	if x.proxy.config.Refine != nil {
		d = x.proxy.config.Refine(x.Exchange, d)
	}
	return &d
}

// shuttingDown says that the exchange ends because the proxy does.
func (x *exchange) shuttingDown() *diagnosis.Diagnosis {
	path, _, _ := strings.Cut(x.Target, "?")
	return refusal(diagnosis.ShuttingDown, x.Method+" "+path)
}

// applyPolicy sets the Access-Control fields of a response where the rule asks
// for it.
func (x *exchange) applyPolicy(resp *http.Response, r *http.Request) {
	mode := x.rule.ResponseHeaders
	if mode == KeepHeaders {
		return
	}
	before := make(http.Header)
	for name, lines := range resp.Header {
		if strings.HasPrefix(name, accessControl) {
			before[name] = lines
		}
	}
	if mode == FillHeaders {
		x.rule.Policy.Fill(resp.Header, r)
	} else {
		x.rule.Policy.Apply(resp.Header, r)
	}
	x.noteApplied(mode, before, resp.Header)
}

// noteApplied notes which Access-Control fields are not what they were before.
func (x *exchange) noteApplied(mode ResponseHeaders, before, after http.Header) {
	var changed []string
	for name, lines := range after {
		if strings.HasPrefix(name, accessControl) && !slices.Equal(before[name], lines) {
			changed = append(changed, name)
		}
	}
	for name := range before {
		if _, stays := after[name]; !stays {
			changed = append(changed, name)
		}
	}
	if changed != nil {
		slices.Sort(changed)
		x.Applied = &Applied{Mode: mode, Fields: changed}
	}
}

// left notes that an answer could not be written: the client has gone, if it is
// not the proxy that ends.
func (x *exchange) left(err error) {
	x.Err = err
	switch {
	case x.Diagnosis != nil || x.body == nil:
	case x.proxy.closed.Load():
		x.Diagnosis = x.shuttingDown()
	default:
		d := diagnosis.BodyCut(fmt.Errorf("%w: %w", http1.ErrClientLeft, err), x.upstream.url, x.body.n, x.body.want)
		x.Diagnosis = &d
	}
}

// abort ends the answer as the upstream's ended: before its end. The client
// must not take it for complete.
func (x *exchange) abort() {
	x.Err = x.body.err
	if x.proxy.closed.Load() {
		x.Diagnosis = x.shuttingDown()
	} else {
		x.Diagnosis = x.refine(diagnosis.BodyCut(x.Err, x.upstream.url, x.body.n, x.body.want))
	}
	x.recordWrite(nil, x.Err)
	x.writer.Flush()
	panic(http.ErrAbortHandler)
}

// runTunnel moves the bytes of a WebSocket until both sides have ended.
func (x *exchange) runTunnel() {
	client, rw, err := http.NewResponseController(x.writer.ResponseWriter).Hijack()
	if err != nil {
		x.Err = err
		x.tunnel.Abandon()
		panic(http.ErrAbortHandler)
	}
	x.Upgraded = true
	defer x.proxy.tunnels.remove(client)
	if !x.proxy.tunnels.add(client, x.tunnel) {
		_ = client.Close()
	}
	x.end()
	x.BytesIn, x.BytesOut = x.tunnel.Run(client, rw.Reader)
}
