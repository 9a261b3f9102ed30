package browser

import (
	"net/http"
	"net/url"
	"strings"
)

// A Fetch is a request on its way, from one redirect to the next (Fetch,
// "HTTP-redirect fetch").
type Fetch struct {
	request  Request // as it is now
	page     string  // origin of the page
	cors     bool    // it has been cross-origin, and stays so
	tainted  bool    // the origin that is sent is null
	followed int
}

// Start begins a fetch.
func Start(r Request) *Fetch {
	r.Method, r.Header = NormalizeMethod(r.Method), r.Sent()
	return &Fetch{request: r, page: r.Origin, cors: r.CrossOrigin()}
}

// URL returns where the request goes now.
func (f *Fetch) URL() *url.URL { return f.request.URL }

// Method returns the method that it has now.
func (f *Fetch) Method() string { return f.request.Method }

// Origin returns the origin that is sent and that a response has to allow:
// null after a redirect from one foreign origin to another.
func (f *Fetch) Origin() string {
	if f.tainted {
		return "null"
	}
	return f.page
}

// CrossOrigin reports whether the response has to pass the CORS check.
func (f *Fetch) CrossOrigin() bool { return f.cors }

// Redirects returns how many redirects have been followed.
func (f *Fetch) Redirects() int { return f.followed }

// NeedsPreflight reports whether a preflight goes first. Each hop of a request
// that needs one has its own.
func (f *Fetch) NeedsPreflight() bool {
	return f.cors && (!safelistedMethod(f.request.Method) || len(unsafeNames(f.request.Header)) > 0)
}

// Preflight returns what the preflight of this hop asks.
func (f *Fetch) Preflight() Preflight {
	return Preflight{Origin: f.Origin(), Method: f.request.Method, Headers: unsafeNames(f.request.Header), Credentials: f.request.Credentials}
}

// Header returns the fields that are sent now: those of the script, and Origin
// where a browser sends it. Cookies are not among them.
func (f *Fetch) Header() http.Header {
	h := f.request.Header.Clone()
	if f.cors || f.request.Method != http.MethodGet && f.request.Method != http.MethodHead {
		h.Set("Origin", f.Origin())
	}
	return h
}

// Receive takes a response to the request. Where the verdict allows it and it
// is a redirect, follow is true, and the fetch has moved on to the next hop.
func (f *Fetch) Receive(status int, h http.Header) (v Verdict, follow bool) {
	if !IsRedirect(status, h) {
		s := f.subject(StageActual, status, h)
		return s.judge(), false
	}
	s := f.redirect(status, h)
	v = s.judge()
	if !v.Allowed {
		return v, false
	}
	next, _, err := s.next()
	if err != nil {
		return v, false // cannot be: it has just been checked
	}
	f.move(next, status)
	return v, true
}

func (f *Fetch) subject(stage Stage, status int, h http.Header) subject {
	return subject{
		stage: stage, origin: f.Origin(), credentials: f.request.Credentials,
		status: status, header: h, sameOrigin: !f.cors,
	}
}

func (f *Fetch) redirect(status int, h http.Header) subject {
	s := f.subject(StageRedirect, status, h)
	s.hop = hop{page: f.page, from: f.request.URL, cors: f.cors, followed: f.followed}
	return s
}

// move goes to the next URL.
func (f *Fetch) move(next *url.URL, status int) {
	r := &f.request
	from, to := OriginOf(r.URL), OriginOf(next)
	f.tainted = f.tainted || from != to && f.page != from
	f.cors = f.cors || f.page != to
	f.followed++
	if next.Fragment == "" {
		next.Fragment, next.RawFragment = r.URL.Fragment, r.URL.RawFragment
	}
	r.URL = next
	r.Header = r.Header.Clone()
	if from != to {
		r.Header.Del("Authorization")
	}
	if method := redirectedMethod(r.Method, status); method != r.Method {
		r.Method = method
		for name := range r.Header {
			switch strings.ToLower(name) {
			case "content-type", "content-length", "content-encoding", "content-language", "content-location":
				delete(r.Header, name)
			}
		}
	}
}

// redirectedMethod returns the method that a redirect leaves: 301 and 302 turn
// POST into GET, 303 everything but HEAD.
func redirectedMethod(method string, status int) string {
	switch {
	case status == http.StatusSeeOther && method != http.MethodHead,
		method == http.MethodPost && (status == http.StatusMovedPermanently || status == http.StatusFound):
		return http.MethodGet
	}
	return method
}
