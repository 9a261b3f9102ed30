package main

import (
	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/fetch"
)

// A tryReport is a verdict for programs. What does not apply is null.
type tryReport struct {
	Allowed  bool     `json:"allowed"`
	Stage    *string  `json:"stage"`    // where it was blocked
	Chrome   *string  `json:"chrome"`   // Network.CorsError
	Firefox  *string  `json:"firefox"`  // the reason, as MDN lists it
	Safari   *string  `json:"safari"`   // what its console says
	NetError *string  `json:"netError"` // Chrome's, where there is no CorsError
	Header   *string  `json:"header"`   // that decided
	Values   []string `json:"values"`   // its lines
	Offender *string  `json:"offender"` // the method or request header that is not allowed
	Detail   *string  `json:"detail"`
	Fix      *string  `json:"fix"` // what would let the page read it

	Preflight   bool          `json:"preflight"` // one was sent
	URL         string        `json:"url"`
	Origin      string        `json:"origin"`
	Method      string        `json:"method"`
	Credentials bool          `json:"credentials"`
	Dropped     []string      `json:"dropped"` // headers that a browser does not send
	Notes       []string      `json:"notes"`
	Exchanges   []tryExchange `json:"exchanges"`
	Error       *string       `json:"error"` // why there is no verdict
}

// A tryExchange is a request that was sent.
type tryExchange struct {
	Stage        browser.Stage `json:"stage"`
	Method       string        `json:"method"`
	URL          string        `json:"url"`
	Request      []fetch.Field `json:"request"`
	Status       *int          `json:"status"` // null where there was no answer
	Reason       *string       `json:"reason"`
	Response     []fetch.Field `json:"response"`
	Body         string        `json:"body"` // its beginning
	Milliseconds float64       `json:"milliseconds"`
	Steps        []tryStep     `json:"steps"`
	Allowed      bool          `json:"allowed"`
	Detail       *string       `json:"detail"`
}

// A tryStep is one thing that a browser looks at.
type tryStep struct {
	Check  string   `json:"check"`
	Header *string  `json:"header"` // null is the status
	Values []string `json:"values"` // of the header; empty where it is missing
	Passed bool     `json:"passed"`
}

// orNull returns nil for "".
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func newTryReport(r fetch.Request, result fetch.Result) tryReport {
	v := result.Verdict
	report := tryReport{
		Allowed: v.Allowed, Chrome: orNull(v.Chrome), Firefox: orNull(v.Firefox), Safari: orNull(v.Safari), NetError: orNull(v.NetError),
		Header: orNull(v.Header), Values: append([]string{}, v.Values...), Offender: orNull(v.Offender), Detail: orNull(v.Detail),
		Preflight: result.Preflight, URL: r.URL.Redacted(), Origin: r.Origin, Method: browser.NormalizeMethod(r.Method), Credentials: r.Credentials,
		Dropped: append([]string{}, fetch.Dropped(r)...), Notes: append([]string{}, fetch.Notes(r, result)...), Exchanges: []tryExchange{},
	}
	if !v.Allowed {
		report.Stage = orNull(string(v.Stage))
		report.Fix = orNull(tryFix(r, result))
	}
	if result.Err != nil {
		report.Error = orNull(result.Err.Error())
	}
	for _, x := range result.Exchanges {
		report.Exchanges = append(report.Exchanges, newTryExchange(x))
	}
	return report
}

func newTryExchange(x fetch.Exchange) tryExchange {
	e := tryExchange{
		Stage: x.Stage, Method: x.Method, URL: x.URL, Request: append([]fetch.Field{}, x.Request...), Reason: orNull(x.Reason),
		Response: append([]fetch.Field{}, x.Response...), Body: string(x.Body), Milliseconds: float64(x.Took.Microseconds()) / 1000,
		Steps: []tryStep{}, Allowed: x.Verdict.Allowed, Detail: orNull(x.Verdict.Detail),
	}
	if x.Status != 0 {
		e.Status = &x.Status
	}
	for _, s := range x.Verdict.Steps() {
		e.Steps = append(e.Steps, tryStep{Check: s.Check, Header: orNull(s.Header), Values: append([]string{}, s.Values...), Passed: s.Passed})
	}
	return e
}
