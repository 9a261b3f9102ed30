package proxy

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/policy"
)

// answerOptions answers r by the policy of its path.
func (x *exchange) answerOptions(r *http.Request) {
	x.Answered = true
	h := x.writer.Header()
	decision, status := x.rule.Policy.Answer(h, r)
	x.Decision = decision
	x.compare(r, status, h, nil)
	h["Date"] = x.proxy.clock.date()
	if x.Diagnosis = x.refusedPreflight(decision, status); x.Diagnosis != nil {
		h[diagnosis.HeaderName] = []string{x.Diagnosis.Header()}
		x.writeProblem(r, *x.Diagnosis, status)
		return
	}
	if status != http.StatusNoContent {
		h["Content-Length"] = noBytes
	}
	x.writer.WriteHeader(status)
}

var noBytes = []string{"0"} // a Content-Length; not to be changed

// mostLookedAt is how many entries of a long list an explanation looks into.
const mostLookedAt = 100

// refusedPreflight explains a refusal; it is nil where there was none.
func (x *exchange) refusedPreflight(d policy.Decision, status int) *diagnosis.Diagnosis {
	if d.Allowed {
		return nil
	}
	refused, ok := x.refusal(d, d.Reason, status)
	if !ok {
		return nil
	}
	if d.Reason == policy.MethodNotAllowed && len(d.Refused) > 0 {
		also, _ := x.refusal(d, policy.HeaderNotAllowed, status)
		if len(refused.Hints) > 0 && len(also.Hints) > 0 { // the log has one
			refused.Hints[0] += "; " + also.Hints[0]
			also.Hints = also.Hints[1:]
		}
		refused.Hints = append(refused.Hints, also.Hints...)
	}
	return &refused
}

// refusal explains what was refused for one reason.
func (x *exchange) refusal(d policy.Decision, reason policy.Reason, status int) (diagnosis.Diagnosis, bool) {
	refused := []string{d.Offender}
	if reason == policy.HeaderNotAllowed {
		refused = d.Refused
	}
	return diagnosis.RefusedPreflight(diagnosis.Preflight{
		Reason:  string(reason),
		Refused: refused,
		Detail:  d.Detail,
		Allowed: x.rule.Policy.Listed(reason, mostLookedAt),
		Status:  status,
		Route:   x.rules.pathOf(x.rule),
		Given:   x.rule.Given[reason],
	})
}

// refuse answers a request that is not forwarded, and ends the connection: what
// follows on it is not to be trusted.
func (x *exchange) refuse(r *http.Request, d diagnosis.Diagnosis) {
	x.Answered = true
	x.diagnose(r, d, true)
}

// diagnose answers with d, readable for scripts of any origin that the policy
// allows. After Close no answer reaches a client, and none is given.
func (x *exchange) diagnose(r *http.Request, d diagnosis.Diagnosis, closes bool) {
	x.Diagnosis = &d
	if x.proxy.closed.Load() {
		panic(http.ErrAbortHandler)
	}
	h := x.writer.Header()
	clear(h)
	h["Date"] = x.proxy.clock.date()
	h["Cache-Control"] = []string{"no-store"}
	h[diagnosis.HeaderName] = []string{d.Header()}
	if len(d.Allow) > 0 {
		h["Allow"] = []string{strings.Join(slices.Sorted(slices.Values(d.Allow)), ", ")}
	}
	if closes {
		h["Connection"] = []string{"close"}
	}
	exposed := []string{diagnosis.HeaderName}
	if d.RetryAfter > 0 { // RFC 9110, section 10.2.3
		h["Retry-After"] = []string{strconv.Itoa(int(math.Ceil(d.RetryAfter.Seconds())))}
		exposed = append(exposed, "Retry-After")
	}
	x.rule.Policy.Apply(h, r, exposed...)
	x.allowCredentials(h)
	x.writeProblem(r, d, d.Status)
}

// allowCredentials has a page that may read an explanation read it where its
// request includes credentials, too: nothing in it depends on them.
func (x *exchange) allowCredentials(h http.Header) {
	if x.asked != nil && h.Get("Access-Control-Allow-Origin") == "*" {
		h["Access-Control-Allow-Origin"] = []string{x.Origin}
		h["Access-Control-Allow-Credentials"] = []string{"true"}
		policy.AddVary(h, "Origin")
	}
}

// pagePolicy lets a page show itself, and nothing more.
const pagePolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// writeProblem writes d as the body of the answer (RFC 9457), or as a page for
// a person who has opened the URL in a browser.
func (x *exchange) writeProblem(r *http.Request, d diagnosis.Diagnosis, status int) {
	if status == http.StatusNoContent || status == http.StatusResetContent {
		x.writer.WriteHeader(status)
		return
	}
	body, mediaType := d.Problem(x.ID), diagnosis.MediaType
	h := x.writer.Header()
	if r.Method != http.MethodOptions && diagnosis.WantsPage(r.Header) {
		body, mediaType = x.page(r, d), diagnosis.PageMediaType
		h["Content-Security-Policy"] = []string{pagePolicy}
	}
	h["Content-Type"] = []string{mediaType}
	h["X-Content-Type-Options"] = []string{"nosniff"}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	x.writer.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = x.writer.Write(body)
	}
}

// page returns d as a page.
func (x *exchange) page(r *http.Request, d diagnosis.Diagnosis) []byte {
	v := diagnosis.Visit{Method: r.Method, Target: x.Target, Host: r.Host, RequestID: x.ID}
	if d.Upstream != nil { // it is about a route
		v.Mounted = x.rules.explainer.MountedRoutes()
	}
	return d.Page(v)
}
