package inspect

import (
	"fmt"
	"strings"

	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/policy"
	"github.com/corsproxy/corsproxy/proxy"
)

// A step is one part of the reasoning about an exchange, in the order in which
// things happened.
type step struct {
	By   string `json:"by"`   // browser, corsproxy, or upstream
	Mark string `json:"mark"` // yes, no, needless, or note
	Text string `json:"text"`
	More string `json:"more"` // the value that was looked at
}

// steps tells what happened: the request, the policy, the answer, and the
// browser's checks of it.
func steps(e *entry, hide redactor) []step {
	out := reasoning(e, hide)
	for i := range out {
		out[i].Text, out[i].More = hide.text(out[i].Text), hide.text(out[i].More)
	}
	return out
}

func reasoning(e *entry, hide redactor) []step {
	out := []step{{"browser", "note", askedFor(e, hide.value("Origin", e.Origin)), ""}}
	if d := e.Decision; d.Kind != policy.NonCORS || d.Origin != "" || e.Answered {
		out = append(out, decided(e)...)
	}
	out = append(out, answered(e)...)
	v := e.Verdict
	if v == nil {
		if !e.pending {
			out = append(out, step{"browser", "note", notJudged(e), ""})
		}
		return out
	}
	mode := "without credentials, as far as can be told"
	if v.Included {
		mode = "with credentials, since it came with a cookie"
	}
	out = append(out, step{"browser", "note", "The browser checks the answer to a request " + mode, ""})
	out = append(out, checks(v.Decisive(), hide)...)
	if outcome(v) == "plain" {
		out = append(out, step{"browser", "note", "With credentials it would be blocked: " + v.Credentials.Detail, v.Credentials.Name()})
	}
	return out
}

// askedFor says what the request is in terms of CORS.
func askedFor(e *entry, origin string) string {
	switch kindOf(e) {
	case policy.Preflight.String():
		asked := fmt.Sprintf("A preflight: %s asks whether it may send %s", origin, askedMethod(e))
		if names := fieldOf(requestOf(e), "Access-Control-Request-Headers"); names != "" {
			asked += " with " + strings.Join(splitNames(names), ", ")
		}
		return asked
	case policy.Options.String():
		return "An OPTIONS request that is no preflight"
	case policy.Actual.String():
		return fmt.Sprintf("An actual request from %s to another origin", origin)
	}
	if e.Origin != "" {
		return fmt.Sprintf("A request from %s to itself: CORS does not apply", origin)
	}
	return "A request without Origin: CORS does not apply"
}

// decided says what the policy made of the request.
func decided(e *entry) []step {
	if e.Decision.Origin == "" {
		return nil
	}
	which := "The policy"
	if e.Record != nil && e.Record.Route != "" {
		which += " of " + e.Record.Route
	}
	if e.Decision.Allowed {
		return []step{{"corsproxy", "yes", which + " allows it", e.Decision.Detail}}
	}
	return []step{{"corsproxy", "no", which + " does not allow it: " + e.Decision.Detail, string(e.Decision.Reason)}}
}

// answered says where the answer came from.
func answered(e *entry) []step {
	var out []step
	if e.UpstreamStatus != 0 {
		out = append(out, step{"upstream", "note", fmt.Sprintf("The upstream answered %d", e.UpstreamStatus), ""})
	}
	if a := e.Applied; a != nil && len(a.Fields) > 0 {
		mode := "The policy filled in the CORS headers that were missing (cors.response_headers: fill)"
		if a.Mode == proxy.ReplaceHeaders {
			mode = "The policy's CORS headers stand in place of the upstream's (cors.response_headers: replace)"
		}
		out = append(out, step{"corsproxy", "note", mode, strings.Join(a.Fields, ", ")})
	}
	switch d := e.Diagnosis; {
	case e.pending:
		return append(out, step{"upstream", "note", "The upstream has not answered yet", ""})
	case e.Upgraded:
		return append(out, step{"upstream", "yes", fmt.Sprintf("A WebSocket: %d bytes from the client, %d to it", e.BytesIn, e.BytesOut), ""})
	case d != nil && e.Replaced:
		out = append(out, step{"corsproxy", "no", fmt.Sprintf("Answered with %d in place of that: %s", e.Status, d.Detail), d.Header()})
	case d != nil && (e.Verdict == nil || d != e.Verdict.Blocked): // the browser's checks say that
		out = append(out, step{"corsproxy", "no", upperFirst(d.Detail), d.Header()})
	case e.Answered:
		out = append(out, step{"corsproxy", "yes", fmt.Sprintf("corsproxy answered %d; the upstream was not asked", e.Status), ""})
	case e.Err != nil && d == nil:
		out = append(out, step{"corsproxy", "no", e.Err.Error(), ""})
	}
	return out
}

// notJudged says why there is no verdict.
func notJudged(e *entry) string {
	switch {
	case e.Origin == "":
		return "The browser checks nothing: the request has no Origin"
	case e.Upgraded:
		return "The browser checks nothing: CORS does not apply to WebSockets"
	case e.Status == 0:
		return "The browser checks nothing: there was no answer"
	}
	return "The browser checks nothing: the request stays within its origin, or opens a page"
}

// checks words the browser's checks, and what it does after them.
func checks(v browser.Verdict, hide redactor) []step {
	var out []step
	for _, c := range v.Steps() {
		s := step{"browser", "yes", upperFirst(c.Check), hide.value(c.Header, strings.Join(c.Values, ", "))}
		if c.Header != "" && len(c.Values) > 0 {
			s.More = c.Header + ": " + s.More
		}
		switch {
		case !c.Passed:
			s.Mark, s.Text = "no", upperFirst(v.Detail)
		case c.Needless != "":
			s.Mark, s.Text = "needless", c.Header+" is not needed: "+c.Needless
		case len(c.Values) == 0:
			continue // nothing depends on a field that is not there
		}
		out = append(out, s)
	}
	done := consequences[v.Stage]
	if v.Allowed {
		return append(out, step{"browser", "yes", done.allowed, ""})
	}
	return append(out, step{"browser", "no", done.blocked, v.Name()})
}

// consequences are what a browser does in the end.
var consequences = map[browser.Stage]struct{ allowed, blocked string }{
	browser.StagePreflight: {"Allowed: the browser sends the request", "Blocked: the browser does not send the request"},
	browser.StageActual:    {"Readable: the script gets the answer", "Blocked: the script gets an error in place of the answer"},
	browser.StageRedirect:  {"Allowed: the browser follows the redirect", "Blocked: the browser does not follow the redirect"},
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
