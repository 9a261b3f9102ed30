package browser

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// preflightChecks are those of Fetch's "CORS-preflight fetch", in Chromium's
// order.
var preflightChecks = [...]check{
	{"the preflight is not redirected", location, redirectFails, nil},
	accessChecks[0],
	accessChecks[1],
	{"the status is 200 to 299", "", statusFails, nil},
	{"Access-Control-Allow-Methods is a list of methods", acam, methodsFail, nil},
	{"Access-Control-Allow-Headers is a list of header names", acah, headersFail, nil},
	{"Access-Control-Allow-Methods allows the method", acam, methodFails, methodNeedless},
	{"Access-Control-Allow-Headers allows the headers", acah, headerFails, headersNeedless},
}

// Check says what a browser does with the answer to the preflight: whether it
// sends the request.
func (p Preflight) Check(status int, h http.Header) Verdict {
	return subject{
		stage: StagePreflight, origin: p.Origin, credentials: p.Credentials,
		method: p.Method, headers: p.Headers, status: status, header: h,
	}.judge()
}

// anyURL stands for where a preflight was sent: whether a Location can be
// parsed does not depend on it.
var anyURL = &url.URL{Scheme: "http", Host: "localhost", Path: "/"}

func redirectFails(s *subject) *failure {
	target, redirects := redirectTarget(s.status, s.header)
	if !redirects {
		return nil
	}
	if _, err := parseURL(anyURL, target); err != nil {
		return invalidLocation(target)
	}
	return &failure{
		chrome: "PreflightDisallowedRedirect",
		detail: fmt.Sprintf("the preflight is redirected with %d to %s, and browsers follow no redirect of a preflight", s.status, quote(target)),
	}
}

func statusFails(s *subject) *failure {
	if s.status >= 200 && s.status <= 299 {
		return nil
	}
	return &failure{chrome: "PreflightInvalidStatus", detail: fmt.Sprintf("the preflight is answered with status %d, which is not among 200 to 299", s.status)}
}

func methodsFail(s *subject) *failure {
	return listFails(s, acam, "InvalidAllowMethodsPreflightResponse", "method")
}

func headersFail(s *subject) *failure {
	return listFails(s, acah, "InvalidAllowHeadersPreflightResponse", "header name")
}

// listFails looks for a member that is no token. One is enough, even where the
// request does not need the list.
func listFails(s *subject, header, name, noun string) *failure {
	member, found := find(s.header[header], func(m string) bool { return !isToken(m) })
	if !found {
		return nil
	}
	return &failure{chrome: name, detail: fmt.Sprintf("%s has %s, which is no %s", header, quote(member), noun)}
}

func methodFails(s *subject) *failure {
	if safelistedMethod(s.method) {
		return nil
	}
	if _, found := find(s.header[acam], func(m string) bool { return m == s.method || m == "*" && !s.credentials }); found {
		return nil
	}
	return &failure{chrome: "MethodDisallowedByPreflightResponse", refused: []string{s.method}, detail: notAllowed(s, acam, "method", s.method)}
}

func methodNeedless(s *subject) string {
	if safelistedMethod(s.method) {
		return s.method + " is always allowed"
	}
	return ""
}

func headersNeedless(s *subject) string {
	if len(s.headers) == 0 {
		return "the preflight asks for no header"
	}
	return ""
}

func headerFails(s *subject) *failure {
	var listed []bool // of each name; made where there are many
	if len(s.headers) > fewHeaders {
		listed = s.listed()
	}
	var refused []string
	for i, name := range s.headers {
		if listed != nil && !listed[i] || listed == nil && !s.allowsHeader(name) {
			refused = append(refused, name)
		}
	}
	if len(refused) == 0 {
		return nil
	}
	return &failure{chrome: "HeaderDisallowedByPreflightResponse", refused: refused, detail: notAllowed(s, acah, "header", refused...)}
}

// fewHeaders is how many names are looked for one by one. More are no browser's,
// and both lists may be long then.
const fewHeaders = 16

// WildcardAuthorization is what browsers make of Authorization where
// Access-Control-Allow-Headers has "*" and does not name it, as measured in Chromium
// 156, Firefox 153 and WebKitGTK 2.50: a part of a sentence.
const WildcardAuthorization = "without credentials * covers Authorization in Chrome, Firefox and Safari so far, though the Fetch standard wants it named; Chrome and Firefox warn that this will end"

// AuthorizationByWildcard reports whether the answer to a preflight that asks for
// Authorization allows it by "*" alone.
func (v Verdict) AuthorizationByWildcard() bool {
	const name = "authorization"
	if !v.Allowed || v.Stage != StagePreflight || !slices.Contains(v.subject.headers, name) {
		return false
	}
	_, named := find(v.subject.header[acah], func(m string) bool { return strings.EqualFold(m, name) })
	return !named
}

// allowsHeader reports whether Access-Control-Allow-Headers covers a name in
// lower case. Without credentials "*" covers every one; see WildcardAuthorization.
func (s *subject) allowsHeader(name string) bool {
	_, found := find(s.header[acah], func(m string) bool { return strings.EqualFold(m, name) || m == "*" && !s.credentials })
	return found
}

// listed is allowsHeader of all names at once. It looks each member of the list up
// among the names, which are sorted, and so needs no second list.
func (s *subject) listed() []bool {
	listed := make([]bool, len(s.headers))
	_, all := find(s.header[acah], func(m string) bool {
		name := strings.ToLower(m)
		i, _ := slices.BinarySearch(s.headers, name)
		for ; i < len(listed) && s.headers[i] == name; i++ {
			listed[i] = true
		}
		return m == "*" && !s.credentials
	})
	if all {
		return slices.Repeat([]bool{true}, len(listed))
	}
	return listed
}

// notAllowed words that a list lacks names.
func notAllowed(s *subject, header, noun string, names ...string) string {
	lines := s.header[header]
	lacks := "the " + noun + " " + quote(names[0])
	if len(names) > 1 {
		lacks = "the " + noun + "s " + enumerate(names)
	}
	switch all := members(lines); {
	case len(lines) == 0:
		return fmt.Sprintf("the answer has no %s, and the request has %s", header, lacks)
	case slices.Contains(all, "*"):
		return fmt.Sprintf("%s does not name %s; with credentials * is the name of a %s and no wildcard", header, lacks, noun)
	case noun == "method" && slices.ContainsFunc(all, func(m string) bool { return strings.EqualFold(m, names[0]) }):
		return fmt.Sprintf("%s is %s, and the method is %s: methods are compared with their case", header, quote(strings.Join(all, ", ")), quote(names[0]))
	default:
		return fmt.Sprintf("%s is %s, which does not name %s", header, quote(strings.Join(all, ", ")), lacks)
	}
}

// enumerate joins two or more names. Of more than a browser's page sends the
// first are enough.
func enumerate(names []string) string {
	var quoted []string
	for _, name := range names[:min(len(names), fewHeaders)] {
		quoted = append(quoted, quote(name))
	}
	last := len(quoted) - 1
	if more := len(names) - len(quoted); more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(quoted, ", "), more)
	}
	return strings.Join(quoted[:last], ", ") + " and " + quoted[last]
}
