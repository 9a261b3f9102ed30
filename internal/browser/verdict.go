package browser

import (
	"net/http"
	"slices"
	"strconv"
)

// A Stage is the part of an exchange that a verdict is about.
type Stage string

// The stages.
const (
	StagePreflight Stage = "preflight"
	StageActual    Stage = "actual"
	StageRedirect  Stage = "redirect" // a 3xx on the way of the actual request
)

// A Verdict is what a browser does with a response. The zero Verdict belongs to
// no response.
type Verdict struct {
	Allowed bool
	Stage   Stage

	// Chrome is the name of Network.CorsError in the DevTools protocol, "" where
	// Chromium reports none. NetError is what it fails with then, such as
	// net::ERR_EMPTY_RESPONSE.
	Chrome   string
	NetError string
	// Firefox is the reason as MDN lists it: "CORSMissingAllowOrigin".
	Firefox string
	// Safari is the sentence in Safari's console.
	Safari string

	Header string   // the response field that decided; "" where the status did
	Values []string // its lines as they were received; nil where it is missing
	// Offender is the method or request header that is not allowed: the first of
	// Refused, which has all of the request's headers that are not. Chromium names
	// no more than the first.
	Offender string
	Refused  []string
	// Detail is one sentence without a full stop, safe to print.
	Detail string

	subject subject
}

// Name returns the name to call a blocked response by: Chromium's, or the error
// that it fails with. It is "" where the response is readable.
func (v Verdict) Name() string {
	if v.Chrome != "" {
		return v.Chrome
	}
	return v.NetError
}

// A Step is one check of a verdict.
type Step struct {
	Check  string   // what is to be so: "Access-Control-Allow-Origin allows the origin"
	Header string   // the response field that is looked at; "" is the status
	Values []string // its lines, or the status
	Passed bool
	// Needless says why nothing depends on the field in this exchange: "the
	// request includes no credentials". It is "" where something does.
	Needless string
}

// Steps returns the checks that led to the verdict, in Chromium's order. The
// last one is the one that failed, if any did. They are made anew at each call,
// from the header that was judged.
func (v Verdict) Steps() []Step {
	var steps []Step
	checks := v.subject.checks()
	for i := range checks {
		c := &checks[i]
		step := Step{Check: c.holds, Header: c.header, Values: slices.Clone(v.subject.header[c.header])}
		if c.header == "" {
			step.Values = []string{strconv.Itoa(v.subject.status)}
		}
		step.Passed = c.fails(&v.subject) == nil
		if c.needless != nil {
			step.Needless = c.needless(&v.subject)
		}
		steps = append(steps, step)
		if !step.Passed {
			break
		}
	}
	return steps
}

// WithMethod returns the verdict on the same answer if it allowed the method. What
// a preflight that is refused for its method lacks besides is to be said at once.
func (v Verdict) WithMethod() Verdict {
	s := v.subject
	s.method = http.MethodGet // which always is
	return s.judge()
}

// A subject is what is judged.
type subject struct {
	stage       Stage
	origin      string // that the browser has sent
	credentials bool
	method      string   // that a preflight asks for
	headers     []string // that a preflight asks for
	status      int
	header      http.Header
	hop         hop // of a redirect
	sameOrigin  bool
}

// A check is one thing that Chromium looks at. It fails with a failure, which
// only then is made.
type check struct {
	holds    string // what is so where it passes
	header   string
	fails    func(*subject) *failure
	needless func(*subject) string // see [Step]; nil where it is always needed
}

// A failure is why a check failed.
type failure struct {
	chrome   string
	netError string
	refused  []string // see [Verdict]
	detail   string
}

func (s *subject) checks() []check {
	switch s.stage {
	case StagePreflight:
		return preflightChecks[:]
	case StageActual:
		if !s.sameOrigin {
			return accessChecks[:]
		}
	case StageRedirect:
		if s.sameOrigin {
			return locationChecks[:]
		}
		return redirectChecks[:]
	}
	return nil
}

// judge makes the checks until one fails.
func (s subject) judge() Verdict {
	v := Verdict{Allowed: true, Stage: s.stage, subject: s}
	checks := s.checks()
	for i := range checks {
		c := &checks[i]
		f := c.fails(&s)
		if f == nil {
			continue
		}
		v.Allowed = false
		v.Chrome, v.NetError, v.Refused, v.Detail = f.chrome, f.netError, f.refused, f.detail
		if len(f.refused) > 0 {
			v.Offender = f.refused[0]
		}
		v.Header, v.Values = c.header, slices.Clone(s.header[c.header])
		v.Firefox, v.Safari = s.firefox(f), s.safari(f)
		break
	}
	return v
}

// Failed returns the verdict on a request that got no response, for the error
// that Chromium gives: net::ERR_CONNECTION_REFUSED, net::ERR_EMPTY_RESPONSE. It
// reports no CorsError then.
func Failed(stage Stage, netError, detail string) Verdict {
	return Verdict{Stage: stage, NetError: netError, Firefox: firefoxFailed, Safari: safariFailed, Detail: detail}
}
