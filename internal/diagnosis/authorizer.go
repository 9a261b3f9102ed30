package diagnosis

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
)

const (
	withoutAuthorizer  = "do without it, by an option of sam local start-api:\n--disable-authorizer"
	withoutAuthorizers = "do without authorizers, by an option of sam local start-api:\n--disable-authorizer"
	oneAuthorizer      = "SAM local takes one for all of a function's methods on a path"
	ofAllMethods       = "SAM local takes one authorizer for all of a function's methods on a path"
)

// keptBack explains why a Lambda authorizer has kept a request from its function:
// it lacks the authorizer's identity source, or was denied. What is known of the
// template tells which authorizer that was.
func (x *Explainer) keptBack(e Evidence, code Code) Diagnosis {
	const look = "look at the authorizer's output in SAM local's log"
	d := e.answered(code, "the Lambda authorizer denied it", look+", or "+withoutAuthorizer)
	if code == NoIdentity {
		d = e.answered(code, "the Lambda authorizer's identity source, a header or query parameter, is missing, or is not as its validation expression asks",
			"check whether the client sends the header that the authorizer names, most often Authorization")
	}
	if x == nil || x.table == nil || x.Template == nil || x.newer() {
		return d
	}
	r, _ := x.table.Match(e.Method, e.Path)
	own, all, ok := x.Template.Local.Asks(r.Method, r.Path)
	if all.Lasting && code == AuthorizerDenied {
		d.Hints = []string{look}
	}
	others := slices.DeleteFunc(slices.Clone(all.Asked), func(a sam.Asked) bool { return a.Authorizer == "" || a.Authorizer == own.Authorizer })
	switch {
	case !ok:
	case own.Authorizer == "":
		return x.mixed(e, code, own, others, all.Lasting)
	case len(others) > 0:
		d.Detail += fmt.Sprintf("; it is authorizer %s of %s, or another: %s, and %s has %s",
			show(own.Authorizer), declaredAt(own), oneAuthorizer, declaredAt(others[0]), show(others[0].Authorizer))
		if code == NoIdentity && !all.Lasting {
			d.Hints = append(d.Hints, "or "+withoutAuthorizers)
		}
	case code == NoIdentity:
		return e.lacking(d, own)
	}
	return d
}

// mixed explains it of a route that has no authorizer: another has, of the same
// function on the same path.
func (x *Explainer) mixed(e Evidence, code Code, own sam.Asked, others []sam.Asked, lasting bool) Diagnosis {
	has := "has no authorizer"
	if own.Passed {
		has += " that SAM local runs"
	}
	first, named := declaredAt(others[0]), show(others[0].Authorizer)
	if slices.ContainsFunc(others, func(a sam.Asked) bool { return a.Authorizer != others[0].Authorizer }) {
		named = "one such as " + named
	}
	apart := "give " + first + " a function of its own in the template"
	d := e.answered(code, fmt.Sprintf("%s %s, but %s, here %s of %s", declaredAt(own), has, oneAuthorizer, named, first), withoutAuthorizers, "or "+apart)
	if lasting {
		d.Hints = []string{apart}
	}
	if x.maybeChanged() {
		d.Hints = append(d.Hints, "check whether SAM local was started after the last change of the template")
	}
	return d
}

// isLasting reports whether --disable-authorizer is without effect on the route that
// takes the request.
func (x *Explainer) isLasting(e Evidence) bool {
	r, ok := x.matched(e)
	if !ok || x.Template == nil {
		return false
	}
	_, all, _ := x.Template.Local.Asks(r.Method, r.Path)
	return all.Lasting
}

// lacking names the headers and query parameters that the route's authorizer reads,
// and the request does not have; where it has them all, it tells what else may be.
func (e Evidence) lacking(d Diagnosis, own sam.Asked) Diagnosis {
	missing := slices.DeleteFunc(slices.Clone(own.Headers), func(name string) bool {
		return strings.EqualFold(name, "Host") || len(e.Header.Values(name)) > 0
	})
	query, _ := url.ParseQuery(e.Query)
	parameters := slices.DeleteFunc(slices.Clone(own.Queries), query.Has)
	if len(missing) == 0 && len(parameters) == 0 {
		if len(own.Headers)+len(own.Queries) > 0 {
			d.Hints = []string{fmt.Sprintf("look at the identity sources and the validation expression of authorizer %s of %s", show(own.Authorizer), declaredAt(own))}
		}
		return d
	}
	var others, hints []string
	for i, name := range missing {
		missing[i] = show(name)
		if !strings.EqualFold(name, "Cookie") {
			others = append(others, missing[i])
			continue
		}
		hints = e.cookieHints()
	}
	for _, name := range parameters {
		missing, others = append(missing, "the query parameter "+show(name)), append(others, "the query parameter "+show(name))
	}
	if len(others) > 0 {
		hints = append(hints, "have the client send "+list(others))
	}
	return e.answered(NoIdentity, fmt.Sprintf("it lacks %s, which the Lambda authorizer %s of %s reads", list(missing), show(own.Authorizer), declaredAt(own)), hints...)
}

// cookieHints says how cookies come to be sent.
func (e Evidence) cookieHints() []string {
	hints := []string{"have the client send its cookies: a page on another origin does so in the credentials mode include alone, and CORS has to allow credentials"}
	host, isHTTP := strings.CutPrefix(e.Header.Get("Origin"), "http://")
	host, _, _ = strings.Cut(host, ":")
	if isHTTP && (host == "localhost" || host == "127.0.0.1") && e.Header.Get("Sec-Fetch-Site") == "cross-site" {
		hints = append([]string{"call corsproxy at " + host + ", the host of the page: to a browser localhost and 127.0.0.1 are two sites, between which a cookie with SameSite=Lax, which is Chrome's default, is neither stored nor sent"}, hints...)
	}
	return hints
}

// declaredAt names a route as it is declared, and where it stands.
func declaredAt(a sam.Asked) string {
	return place(sam.Route{Method: a.Method, Path: a.Path, Source: a.Source})
}

// maybeChanged reports whether the template has changed since it was first read, and
// SAM local has perhaps not read it since.
func (x *Explainer) maybeChanged() bool {
	return x != nil && x.Mounted.IsZero() && !x.Watched.IsZero() && x.TemplateChanged.After(x.Watched)
}

// ownError says what a status means of 500 and more where it is SAM local's own.
var ownError = map[int]string{
	http.StatusInternalServerError: string(FunctionFailed) + ": the function ended with an error, or gave nothing back",
	http.StatusNotImplemented:      string(InlineCode) + " or " + string(ContainerFailed) + ": it runs no inline code, or could not make the function's container",
	http.StatusBadGateway:          string(BadFunctionResponse) + ": it could not use the response of the function or of its authorizer",
}

// Guarded says which Lambda authorizer has most likely kept a request from its
// function, or what else SAM local has answered itself for, where no more is known of
// the answer than its status; "" where that is the function's.
func (x *Explainer) Guarded(method, path string, status int) string {
	if why := ownError[status]; why != "" {
		return fmt.Sprintf("where SAM local itself answered with %d, and not the function, it is %s; its log says more, and no CORS setting counts for its own errors", status, why)
	}
	code := map[int]Code{http.StatusUnauthorized: NoIdentity, http.StatusForbidden: AuthorizerDenied}[status]
	if x == nil || x.table == nil || x.Template == nil || code == "" {
		return ""
	}
	r, _ := x.table.Match(method, path)
	own, all, ok := x.Template.Local.Asks(r.Method, r.Path)
	others := slices.DeleteFunc(slices.Clone(all.Asked), func(a sam.Asked) bool { return a.Authorizer == "" })
	if !ok {
		return ""
	}
	of := fmt.Sprintf("the Lambda authorizer %s of %s", show(own.Authorizer), declaredAt(own))
	var why string
	switch {
	case own.Authorizer == "":
		_, why, _ = strings.Cut(x.mixed(Evidence{Method: method, RawPath: path, UpstreamStatus: status}, code, own, others, all.Lasting).Detail, ": ")
		if !all.Lasting {
			why += "; start SAM local with --disable-authorizer"
		}
	case code == AuthorizerDenied:
		why = of + " denied the request"
	case len(own.Headers) > 0 && len(own.Queries) == 0:
		why = "the request does not bring " + show(strings.Join(own.Headers, " and ")) + " as " + of + " reads it"
	default:
		why = "the request does not bring what " + of + " reads"
	}
	return fmt.Sprintf("where SAM local itself answered with %d, and not the function, it is %s: %s", status, code, why)
}
