package policy_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/policy"
)

// A page asks for a cross-origin request, as a browser sees it.
type page struct {
	origin      string
	method      string   // normalised
	headers     []string // those that need permission, in lower case and sorted
	credentials bool     // the request's credentials mode is "include"
}

// preflight returns the request that asks for permission (Fetch,
// "CORS-preflight fetch", steps 1 to 6).
func (p page) preflight() *http.Request {
	r := request("OPTIONS", "Origin: "+p.origin, "Access-Control-Request-Method: "+p.method)
	if len(p.headers) > 0 {
		r.Header.Set("Access-Control-Request-Headers", strings.Join(p.headers, ","))
	}
	return r
}

// checkPreflight returns why a browser that follows the Fetch standard does
// not send the request, after an answer to its preflight ("CORS-preflight
// fetch", step 7).
func (p page) checkPreflight(status int, h http.Header) error {
	if slices.Contains([]string{"CONNECT", "TRACE", "TRACK"}, strings.ToUpper(p.method)) {
		return fmt.Errorf("fetch throws: %s", p.method)
	}
	if err := p.checkOrigin(h); err != nil {
		return err
	}
	if status < 200 || status > 299 {
		return fmt.Errorf("status %d", status)
	}
	methods, err := extract(h["Access-Control-Allow-Methods"])
	if err != nil {
		return err
	}
	names, err := extract(h["Access-Control-Allow-Headers"])
	if err != nil {
		return err
	}
	star := func(list []string) bool { return !p.credentials && slices.Contains(list, "*") }
	if !slices.Contains(methods, p.method) && !slices.Contains([]string{"GET", "HEAD", "POST"}, p.method) && !star(methods) {
		return fmt.Errorf("method %q is not in %q", p.method, methods)
	}
	for _, name := range p.headers {
		listed := slices.ContainsFunc(names, func(s string) bool { return strings.EqualFold(s, name) })
		if !listed && (name == "authorization" || !star(names)) {
			return fmt.Errorf("header %q is not in %q", name, names)
		}
	}
	return nil
}

// checkOrigin is the standard's "CORS check".
func (p page) checkOrigin(h http.Header) error {
	allowed := strings.Join(h["Access-Control-Allow-Origin"], ", ")
	switch {
	case allowed == "*" && !p.credentials:
		return nil
	case allowed != p.origin:
		return fmt.Errorf("origin %q is not %q", p.origin, allowed)
	case p.credentials && strings.Join(h["Access-Control-Allow-Credentials"], ", ") != "true":
		return fmt.Errorf("no credentials")
	}
	return nil
}

// extract is the standard's "extract header list values", for tokens.
func extract(lines []string) ([]string, error) {
	var list []string
	for _, line := range lines {
		for v := range strings.SplitSeq(line, ",") {
			v = strings.Trim(v, " \t")
			if v == "" {
				continue
			}
			if !token(v) {
				return nil, fmt.Errorf("%q cannot be parsed", line)
			}
			list = append(list, v)
		}
	}
	return list, nil
}

func token(s string) bool {
	return s != "" && strings.Trim(s, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// fuzzConfig makes a Config of a fuzzer's strings; lists are split at spaces.
func fuzzConfig(origins, methods, headers string, credentials bool) policy.Config {
	return policy.Config{
		AllowOrigins:     strings.Fields(origins),
		AllowMethods:     strings.Fields(methods),
		AllowHeaders:     strings.Fields(headers),
		AllowCredentials: credentials,
		PreflightStatus:  204,
	}
}

func addSeeds(f *testing.F) {
	f.Add("*", "*", "*", false, "http://a.example", "PUT", "authorization x-a")
	f.Add("localhost null", "PUT patch PATCH", "Content-Type", true, "http://[::1]:1", "patch", "content-type")
	f.Add("http://a:1 https://*.b.example", "", "", false, "https://c.b.example", "GET", "accept")
	f.Add("http://a:*", "DELETE", "X-A x-b", true, "http://a", "DELETE", "x-b *")
	f.Add("", "*", "*", true, "null", "TRACE", "")
	f.Add("app://.", "M-SEARCH", "*", true, "app://.", "*", "x*")
}

// FuzzBrowser checks that what a policy allows, a browser lets pass, and that
// what it refuses, a browser blocks: neither a promise that is not kept nor a
// refusal that is none.
func FuzzBrowser(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, origins, methods, headers string, credentials bool, origin, method, asked string) {
		config := fuzzConfig(origins, methods, headers, credentials)
		p, err := policy.New(config)
		names := strings.Fields(strings.ToLower(asked))
		slices.Sort(names)
		names = slices.Compact(names)
		if err != nil || origin == "" || !token(method) || slices.ContainsFunc(names, func(s string) bool { return !token(s) }) {
			t.Skip()
		}
		for _, include := range []bool{false, true} {
			page := page{origin, method, names, include}
			h := make(http.Header)
			d, status := p.Answer(h, page.preflight())
			if again := p.Decide(page.preflight()); again.Allowed != d.Allowed || again.Detail != d.Detail {
				t.Errorf("Decide: %+v\nAnswer: %+v", again, d)
			}
			blocked := page.checkPreflight(status, h)
			switch {
			case d.Allowed && blocked != nil && (!include || credentials):
				t.Errorf("%+v allows %+v, a browser does not: %v\n%s", config, page, blocked, lines(h))
			case !d.Allowed && blocked == nil:
				t.Errorf("%+v refuses %+v for %s, a browser does not\n%s", config, page, d.Detail, lines(h))
			case !d.Allowed && d.Reason != policy.OriginNotAllowed && page.checkOrigin(h) != nil && include == credentials:
				t.Errorf("%+v refuses %+v for %s, a browser says %v", config, page, d.Reason, blocked)
			}
			actual := make(http.Header)
			r := request(method, "Origin: "+origin)
			p.Apply(actual, r, "X-Diagnosis")
			if readable := page.checkOrigin(actual) == nil; readable != p.Decide(r).Allowed && include == credentials && p.Decide(r).Kind == policy.Actual {
				t.Errorf("%+v: %+v, readable %v\n%s", config, p.Decide(r), readable, lines(actual))
			}
		}
	})
}
