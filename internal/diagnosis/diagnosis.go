// Package diagnosis says what is wrong with an exchange and what to do next.
//
// A [Diagnosis] has a permanent [Code], a sentence about this one exchange, and
// hints. Pure functions make it from evidence, one family of codes a file:
// [RefusedPreflight] from a decision of the CORS policy, [UpstreamError] from
// the error of an attempt to reach the upstream, [Guard] from a request that is
// not forwarded, [MissingToken] from SAM local's 403. What holds of every
// occurrence of a code stands in the catalogue, see [Lookup].
//
// No function says more than its evidence shows. Where several causes are
// possible a hint says what to check.
package diagnosis

import (
	"time"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// MediaType is the media type of [Diagnosis.Problem] (RFC 9457, section 3).
const MediaType = "application/problem+json"

// HeaderName is the response header that carries [Diagnosis.Header].
const HeaderName = "Corsproxy-Diagnosis"

// A Diagnosis is what is known of one exchange that went wrong.
type Diagnosis struct {
	Code Code

	// Status is the status of the answer. It is 0 where no answer could be
	// given any more, and the diagnosis is for the log alone.
	Status int

	// Detail is one line about this occurrence, fit for a log: what is wrong
	// and, where one step is next in every case, that step.
	Detail string

	// Step is the end of Detail, behind "; ", where that is a step to take.
	Step string

	// Here is the flags of corsproxy with which browsers let the page read the
	// answer, where that is a part of Step.
	Here string

	// Cause is what is to be changed, where that is the same for many routes:
	// who has said it of one has said it of all.
	Cause string

	// Hints are what to check and what to paste. Where a hint has several lines,
	// the first introduces the others, which are a snippet.
	Hints []string

	ifBinary []string // the hints where SAM local's log says that the request's body is no text
	lasting  bool     // --disable-authorizer is without effect on the route

	// Routes are the routes nearest to the request, nearest first.
	Routes []Route

	// Allow lists the methods for the Allow field of a 405 (RFC 9110, section
	// 15.5.6).
	Allow []string

	// RetryAfter is when another attempt may succeed; 0 where that is not known.
	RetryAfter time.Duration

	// Upstream is the answer that this diagnosis replaces, if there was one.
	Upstream *Upstream
}

// A Route is a route of the upstream, as a problem body lists it.
type Route struct {
	Method   string `json:"method"`
	Path     string `json:"path"`     // as API Gateway writes it: /items/{id}
	Function string `json:"function"` // logical id, "" where it is not known
	Source   string `json:"source"`   // where it was read: "template.yaml:12"
}

// Upstream is what the upstream answered.
type Upstream struct {
	Status int    `json:"status"`
	Body   string `json:"body"`
}

// Header returns the value of the header [HeaderName], such as
// "CP3002 method-not-defined".
func (d Diagnosis) Header() string {
	info, _ := Lookup(d.Code)
	return string(d.Code) + " " + info.Name
}

// String returns the header's value and the detail, for a log line.
func (d Diagnosis) String() string { return d.Header() + ": " + d.Detail }

func routesOf(routes []sam.Route) []Route {
	out := make([]Route, len(routes))
	for i, r := range routes {
		out[i] = Route{Method: r.Method, Path: r.Path, Function: r.Function, Source: r.Source}
	}
	return out
}
