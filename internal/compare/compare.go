// Package compare asks two servers of one API the same questions, and says
// where a browser gets different answers: SAM local or corsproxy on one side,
// the deployed API on the other.
package compare

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/fetch"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// atOnce is how many questions are under way.
const atOnce = 4

// A Plan is what is asked, and of whom.
type Plan struct {
	Local, Deployed *url.URL    // with the path that routes begin below: /Prod
	Routes          []sam.Route // OPTIONS among them is passed over
	Origins         []string    // of pages
	Headers         []string    // that the pages set, and preflights ask for
	Credentials     bool
	// Requests says to send GET and HEAD requests too. They reach functions.
	Requests bool
	Client   *fetch.Client
}

// The kinds of questions.
const (
	Preflight = "preflight"
	Request   = "request"
)

// A Row is one question and both answers.
type Row struct {
	Kind   string
	Route  sam.Route
	Target string // the path that was asked for, parameters filled in
	Origin string

	Local, Deployed Answer
	// Differences are the names of what differs to a browser: see [Answer.Values].
	Differences []string
}

// Same reports whether it is one to a page which side answers: the verdict is
// the same, and so is what kind of status it reads. Other lists in a preflight
// that is allowed either way change nothing.
func (r Row) Same() bool {
	return !slices.Contains(r.Differences, "verdict") && (r.Kind == Preflight || r.Local.Status/100 == r.Deployed.Status/100)
}

// An Answer is what a server said, and what a browser makes of it.
type Answer struct {
	Status  int // 0 where there was no answer
	Header  http.Header
	Verdict browser.Verdict
	Err     error // why there was no answer
}

// A value is one thing that answers are compared by.
type value struct {
	name, header string // header is "" for what is no header
	list         bool   // the order of its members means nothing
}

// values are what is compared, in the order in which it is shown.
var values = []value{
	{"status", "", false},
	{"allow origin", "Access-Control-Allow-Origin", false},
	{"allow methods", "Access-Control-Allow-Methods", true},
	{"allow headers", "Access-Control-Allow-Headers", true},
	{"credentials", "Access-Control-Allow-Credentials", false},
	{"max age", "Access-Control-Max-Age", false},
	{"expose headers", "Access-Control-Expose-Headers", true},
	{"verdict", "", false},
}

// Names returns the names of all that is compared.
func Names() []string {
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = v.name
	}
	return names
}

// Value returns what an answer has for a name, "" where it has nothing.
func (a Answer) Value(name string) string {
	switch name {
	case "status":
		if a.Status == 0 {
			return ""
		}
		return fmt.Sprint(a.Status)
	case "verdict":
		if a.Verdict.Allowed {
			return "allowed"
		}
		return a.Verdict.Name()
	}
	i := slices.IndexFunc(values, func(v value) bool { return v.name == name })
	return strings.Join(a.Header[values[i].header], ", ")
}

// differences returns what differs to a browser: every status of a successful
// preflight is the same to it, as is every order of a list. What only a
// preflight is about counts for nothing in another answer.
func differences(kind string, a, b Answer) []string {
	var names []string
	for _, v := range values {
		x, y := a.Value(v.name), b.Value(v.name)
		switch {
		case kind == Request && (v.name == "allow methods" || v.name == "allow headers" || v.name == "max age"),
			kind == Preflight && v.name == "expose headers":
			continue
		case v.name == "status" && kind == Preflight && succeeded(a.Status) && succeeded(b.Status):
			continue
		case v.list:
			x, y = members(x), members(y)
		}
		if x != y {
			names = append(names, v.name)
		}
	}
	return names
}

func succeeded(status int) bool { return status >= 200 && status <= 299 }

// members returns a list in a form that depends on neither order nor case.
func members(list string) string {
	var all []string
	for m := range strings.SplitSeq(list, ",") {
		if m = strings.ToLower(strings.TrimSpace(m)); m != "" {
			all = append(all, m)
		}
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), ",")
}

// questions returns a row for each question of a plan.
func (p Plan) questions() []Row {
	var rows []Row
	for _, r := range p.Routes {
		if r.Method == http.MethodOptions {
			continue
		}
		for _, o := range p.Origins {
			row := Row{Kind: Preflight, Route: r, Target: Fill(r.Path), Origin: o}
			rows = append(rows, row)
			if p.Requests && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
				row.Kind = Request
				rows = append(rows, row)
			}
		}
	}
	return rows
}

var parameter = regexp.MustCompile(`\{[^}]*\}`)

// Placeholder stands for every path parameter.
const Placeholder = "corsproxy"

// Fill returns a path that a route serves.
func Fill(path string) string {
	if path == sam.DefaultPath {
		return "/" + Placeholder
	}
	return parameter.ReplaceAllString(path, Placeholder)
}

// Run asks all questions of both sides. It fails where a side cannot be
// reached, or ctx ends.
func Run(ctx context.Context, p Plan) ([]Row, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	rows := p.questions()
	var wg sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for i := range rows {
		slots <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		wg.Go(func() {
			defer func() { <-slots }()
			row := &rows[i]
			for _, side := range []struct {
				base   *url.URL
				answer *Answer
			}{{p.Local, &row.Local}, {p.Deployed, &row.Deployed}} {
				var err error
				if *side.answer, err = p.ask(ctx, side.base, *row); err != nil {
					cancel(err)
					return
				}
			}
			row.Differences = differences(row.Kind, row.Local, row.Deployed)
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return rows, nil
}

// An UnreachableError is a server that takes no connection.
type UnreachableError struct {
	Base   *url.URL
	Detail string
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("%s cannot be reached: %s", e.Base.Redacted(), e.Detail)
}

// ask asks one question of one side.
func (p Plan) ask(ctx context.Context, base *url.URL, row Row) (Answer, error) {
	target := *base
	target.Path, target.RawPath = strings.TrimSuffix(base.Path, "/")+row.Target, ""
	r := fetch.Request{Request: browser.Request{
		Origin: row.Origin, URL: &target, Method: row.Route.Method, Header: http.Header{}, Credentials: p.Credentials,
	}}
	if row.Kind == Preflight {
		for _, name := range p.Headers {
			r.Header.Set(name, valueFor(name))
		}
	}
	result := p.Client.Do(ctx, r, row.Kind == Preflight)
	if result.Err != nil {
		return Answer{}, result.Err
	}
	if len(result.Exchanges) == 0 {
		return Answer{Verdict: result.Verdict}, nil // the same on both sides
	}
	x := result.Exchanges[0]
	if unreachable(result.Verdict.NetError) && len(result.Exchanges) == 1 {
		return Answer{}, &UnreachableError{base, result.Verdict.Detail}
	}
	return Answer{Status: x.Status, Header: fetch.Header(x.Response), Verdict: result.Verdict, Err: x.Err}, nil
}

// valueFor returns a value with which a header needs a preflight.
func valueFor(name string) string {
	if strings.EqualFold(name, "Content-Type") {
		return "application/json"
	}
	return Placeholder
}

// unreachable reports whether no request was sent.
func unreachable(netError string) bool {
	switch netError {
	case "net::ERR_CONNECTION_REFUSED", "net::ERR_NAME_NOT_RESOLVED", "net::ERR_ADDRESS_UNREACHABLE", "net::ERR_CONNECTION_TIMED_OUT", "net::ERR_SSL_PROTOCOL_ERROR":
		return true
	}
	return strings.HasPrefix(netError, "net::ERR_CERT_")
}
