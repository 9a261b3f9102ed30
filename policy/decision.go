package policy

import (
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
)

// A Kind says what part of the CORS protocol a request is.
type Kind uint8

const (
	// NonCORS is a request other than OPTIONS that names no origin, or the
	// origin that it is sent to.
	NonCORS Kind = iota
	// Actual is a cross-origin request other than OPTIONS.
	Actual
	// Preflight is an OPTIONS request with Origin and
	// Access-Control-Request-Method: a browser asks whether it may send
	// another (Fetch, "CORS-preflight request").
	Preflight
	// Options is any other OPTIONS request, from a script or from curl.
	Options
)

// String returns the kind in lower case, for logs.
func (k Kind) String() string {
	switch k {
	case NonCORS:
		return "non-cors"
	case Actual:
		return "actual"
	case Preflight:
		return "preflight"
	case Options:
		return "options"
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// A Reason names what a request was refused for.
type Reason string

// The reasons, in the order in which they are looked for. The zero Reason is
// that of a request which is allowed.
const (
	OriginNotAllowed Reason = "origin-not-allowed"
	MethodNotAllowed Reason = "method-not-allowed"
	HeaderNotAllowed Reason = "header-not-allowed"
)

// A Decision is what a policy says of a request.
//
// Origin, Method, Headers and Offender are as the client sent them: of any
// length, with any bytes. Detail is safe to print.
type Decision struct {
	Kind    Kind
	Origin  string   // the request's Origin, or ""
	Method  string   // the method that a preflight asks for, otherwise the request's own
	Headers []string // the names that a preflight asks for, each once
	Allowed bool
	Reason  Reason // why not, where it is not allowed
	// Offender is the origin, the method or the first header that is refused.
	Offender string
	// Refused are all headers of a preflight that are refused, as they are in
	// Headers, where the reason is a method or a header: browsers look at the
	// method first.
	Refused []string
	// Detail is one sentence for people, without a full stop: what is refused
	// and what is allowed. It may also hold a remark on what is allowed but
	// may not mean what it seems to.
	Detail string
}

// Decide says whether the policy allows r.
func (p *Policy) Decide(r *http.Request) Decision {
	d, _ := p.decide(r)
	return d
}

// decide returns the decision and the header fields with which rs/cors
// allows the request; there are none where it does not.
func (p *Policy) decide(r *http.Request) (Decision, http.Header) {
	d := describe(r)
	if d.Origin == "" {
		d.Allowed = true
		if d.Kind == Options && p.origins.sample == "" {
			d.Detail = fmt.Sprintf("send an Origin header to see %s; allowed: %s", acao, p.allowedOrigins())
		}
		return d, nil
	}
	granted := p.ask(d, r)
	d.Allowed = granted.Get(acao) != "" || d.Kind == NonCORS
	if d.Allowed {
		d.Detail = p.remark(d)
	} else {
		p.explain(&d)
	}
	return d, granted
}

// describe returns the part of the decision that the request alone makes.
func describe(r *http.Request) Decision {
	d := Decision{Origin: single(r.Header, "Origin"), Method: r.Method}
	requested := single(r.Header, acrm)
	switch {
	case r.Method == http.MethodOptions && d.Origin != "" && requested != "":
		d.Kind, d.Method, d.Headers = Preflight, requested, requestedHeaders(r.Header)
	case r.Method == http.MethodOptions:
		d.Kind = Options
	case CrossOrigin(r):
		d.Kind = Actual
	}
	return d
}

// CrossOrigin reports whether r names an origin other than that which it is
// sent to, so that browsers ask for permission. Where a page's own server has
// passed r on, the browser's word counts, which no script can set (Fetch
// Metadata, section 2.4): it was sent to the page's own origin.
func CrossOrigin(r *http.Request) bool {
	origin := single(r.Header, "Origin")
	return origin != "" && !sameOrigin(origin, r.Host) && single(r.Header, "Sec-Fetch-Site") != "same-origin"
}

// sameOrigin reports whether a page of the origin is at home at host. Browsers
// send Origin with their own site's POST, PUT and so on as well, and check
// nothing then. Whether it was http or https a proxy cannot always tell.
func sameOrigin(origin, host string) bool {
	scheme, rest, _ := strings.Cut(origin, "://")
	return (scheme == "http" || scheme == "https") && strings.EqualFold(rest, host)
}

// single returns the value of a field that is sent once. A field that is sent
// more often has a value that nothing matches.
func single(h http.Header, name string) string {
	if values := h[name]; len(values) != 1 {
		return strings.Join(values, ", ")
	}
	return h[name][0]
}

// requestedHeaders returns the names in Access-Control-Request-Headers, as
// they are written but without blanks, empty elements and repeats. Browsers
// send one line of sorted names in lower case; people and gateways do not.
func requestedHeaders(h http.Header) []string {
	n := 0
	for range listed(h[acrh]) {
		n++
	}
	if n == 0 {
		return nil
	}
	names, seen := make([]string, 0, n), make(map[string]struct{}, n)
	for name := range listed(h[acrh]) {
		key := name
		if isToken(name) {
			key = strings.ToLower(name)
		}
		if _, repeated := seen[key]; !repeated {
			seen[key] = struct{}{}
			names = append(names, name)
		}
	}
	return names
}

// listed yields the elements of a list that are not empty.
func listed(lines []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, line := range lines {
			for name := range strings.SplitSeq(line, ",") {
				if name = strings.Trim(name, " \t"); name != "" && !yield(name) {
					return
				}
			}
		}
	}
}

// ask asks rs/cors and returns the header fields that it answers with. The
// request is brought into the form that rs/cors expects: it knows no "*" among
// methods, takes requested headers only in lower case and sorted, holds actual
// requests to the list of methods as no browser does, and repeats under "*"
// even what is no name, which is therefore not asked.
func (p *Policy) ask(d Decision, r *http.Request) http.Header {
	if d.Kind != Preflight {
		return p.memory.granted(d.Origin, func() http.Header {
			return p.put(http.MethodGet, http.Header{"Origin": {d.Origin}})
		})
	}
	if !isMethod(d.Method) || slices.ContainsFunc(d.Headers, notToken) {
		return nil
	}
	header := http.Header{"Origin": {d.Origin}}
	header[acrm] = []string{p.methods.standIn(d.Method)}
	if len(d.Headers) > 0 {
		header[acrh] = []string{sortedLower(d.Headers)}
	}
	if v, ok := r.Header[acrpn]; ok {
		header[acrpn] = v
	}
	return p.put(http.MethodOptions, header)
}

// put puts a request to rs/cors.
func (p *Policy) put(method string, header http.Header) http.Header {
	asked := &http.Request{Method: method, Header: header}
	answer := make(recorder)
	p.cors.HandlerFunc(answer, asked)
	return http.Header(answer)
}

// sortedLower returns names as a browser would send them.
func sortedLower(names []string) string {
	lower := make([]string, len(names))
	for i, name := range names {
		lower[i] = strings.ToLower(name)
	}
	slices.Sort(lower)
	return strings.Join(lower, ",")
}

// A recorder is the http.ResponseWriter that rs/cors answers to.
type recorder http.Header

func (r recorder) Header() http.Header         { return http.Header(r) }
func (r recorder) Write(b []byte) (int, error) { return len(b), nil }
func (r recorder) WriteHeader(int)             {}
