package proxy

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/pathpattern"
	"github.com/corsproxy/corsproxy/policy"
)

// gatewayRequest is the exchange's request, with the header of r, as package
// apigateway takes it.
func (x *exchange) gatewayRequest(r *http.Request) apigateway.Request {
	path, _, _ := strings.Cut(originForm(x.Method, x.Target), "?")
	return apigateway.Request{Method: x.Method, Path: pathpattern.Decode(path), Header: r.Header}
}

// followTemplate does what the deployed API would. It reports whether that has
// answered r; if not, r is to be forwarded.
func (x *exchange) followTemplate(r *http.Request) (answered bool) {
	a := x.rules.deployed.Answer(x.gatewayRequest(r))
	x.Decision = x.rule.Policy.Decide(r)
	if r.Method != http.MethodOptions {
		x.Decision.Allowed, x.Decision.Reason, x.Decision.Offender, x.Decision.Detail = true, "", "", ""
		x.deployed = &a
		return false
	}
	switch {
	case !a.Certain():
		d := diagnosis.TemplateUnclear(a)
		x.Deployed = &d
		x.answerOptions(r)
		return true
	case a.Forwarded():
		x.Decision = policy.Decision{}
		x.deployed = &a
		return false
	}
	x.answerAsDeployed(r, a)
	return true
}

// answerAsDeployed answers OPTIONS with the status and the CORS headers of the
// deployed API. A refusal says in its body, where API Gateway's own would be,
// what is behind it.
func (x *exchange) answerAsDeployed(r *http.Request, a apigateway.Answer) {
	x.Answered = true
	h := x.writer.Header()
	for name, values := range a.Header {
		h[name] = values
	}
	if a.ByOrigin {
		policy.AddVary(h, "Origin")
	}
	h["Date"] = x.proxy.clock.date()
	d, blocked := diagnosis.PreflightAsDeployed(x.rules.deployed, x.gatewayRequest(r), a)
	if blocked {
		path, _, _ := strings.Cut(originForm(x.Method, x.Target), "?")
		d = x.rules.explainer.WithoutRoute(d, path, r.Header).ForRoute(x.rules.pathOf(x.rule))
		d = x.rules.explainer.ForBuild(d, x.rules.deployed, x.gatewayRequest(r))
	}
	x.Decision.Allowed = !blocked
	x.Decision.Reason, x.Decision.Offender, x.Decision.Detail = "", "", ""
	if blocked {
		x.Diagnosis = &d
		h[diagnosis.HeaderName] = []string{d.Header()}
		if a.Status >= http.StatusBadRequest {
			x.writeProblem(r, d, a.Status)
			return
		}
	}
	body := []byte(a.Body)
	if len(body) > 0 && json.Valid(body) {
		h["Content-Type"] = []string{"application/json"}
	}
	if a.Status != http.StatusNoContent {
		h["Content-Length"] = []string{strconv.Itoa(len(body))}
	}
	x.writer.WriteHeader(a.Status)
	if a.Status != http.StatusNoContent {
		_, _ = x.writer.Write(body)
	}
}

// applyDeployed brings a response into the form in which the deployed API sends
// it. The headers of a REST API's function are left as they are. Where SAM local
// has put another API's in their place, those of the route's own API take it:
// what the function had sent is lost.
//
// Vary gains Origin where that decides, so that no cache gives one page the
// response to another.
func (x *exchange) applyDeployed(resp *http.Response) {
	if x.deployed != nil && x.rule.ResponseHeaders == KeepHeaders && x.deployed.Certain() {
		x.deployed.Apply(resp.Header)
		x.deployed.Mixed.Restore(resp.Header)
		if x.deployed.ByOrigin {
			policy.AddVary(resp.Header, "Origin")
		}
	}
}

// compare notes where the deployed API would answer differently from what is
// answered here. Upstream is the header of the upstream's response as it came,
// nil where it was not used.
func (x *exchange) compare(r *http.Request, status int, answer, upstream http.Header) {
	if x.rules.deployed == nil || x.Deployed != nil || x.Origin == "" {
		return
	}
	if r.Method != http.MethodOptions && x.rule.Policy.Decide(r).Kind != policy.Actual {
		return // a page of the same origin, which needs no permission
	}
	c := diagnosis.Comparison{Request: x.gatewayRequest(r), Target: originForm(x.Method, x.Target), Status: status, Header: answer, Upstream: upstream, Echo: x.rules.Known.Echo, Behind: x.rules.explainer.Behind(), Allows: x.allowance, Rule: x.rules.pathOf(x.rule)}
	if d, differs := diagnosis.Differs(x.rules.deployed, c); differs {
		d = x.rules.explainer.ForBuild(d.ForRoute(x.rules.pathOf(x.rule)), x.rules.deployed, c.Request)
		x.Deployed = &d
	}
}
