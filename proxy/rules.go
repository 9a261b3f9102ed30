package proxy

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/pathpattern"
	"github.com/corsproxy/corsproxy/policy"
)

// A Source says who answers OPTIONS.
type Source uint8

// The sources of an answer to OPTIONS.
const (
	FromPolicy   Source = iota // the proxy, by the rule's policy
	FromUpstream               // the upstream: OPTIONS is forwarded like any request
	FromTemplate               // the proxy, as the deployed form of Known.Template does
)

// ResponseHeaders says what becomes of the Access-Control fields of a
// forwarded response.
type ResponseHeaders uint8

// The ways to treat Access-Control fields.
const (
	KeepHeaders    ResponseHeaders = iota // unchanged
	FillHeaders                           // the policy's, where the response has no Access-Control-Allow-Origin
	ReplaceHeaders                        // the policy's, in place of any
)

// MissingToken says what becomes of a 403 Missing Authentication Token.
type MissingToken uint8

// The ways to treat a 403 Missing Authentication Token.
const (
	ConvertMissingToken  MissingToken = iota // into a problem that names the cause
	AnnotateMissingToken                     // status and body stay, headers are added
	KeepMissingToken                         // unchanged
)

// A Rule says how requests for some paths are answered.
type Rule struct {
	Policy          *policy.Policy
	Source          Source
	ResponseHeaders ResponseHeaders

	// Given is where the lists of Policy were given, by the reason for which one
	// refuses. What is not known may be left out.
	Given map[policy.Reason]diagnosis.Given
}

// A Route is a rule for the paths that a pattern matches.
type Route struct {
	Path string // as API Gateway writes it: /items/{id}, /admin/{proxy+}, $default
	Rule Rule
}

// Rules are all that can change while a proxy serves. They must not be
// modified once they are given to one.
type Rules struct {
	Default      Rule
	Routes       []Route // the first whose path matches wins over Default
	MissingToken MissingToken
	// Known is what is known of the upstream: its routes above all.
	Known diagnosis.Knowledge
}

// A ruleSet is Rules made ready for lookups.
type ruleSet struct {
	Rules
	routes    pathpattern.Index[*Route]
	paths     map[*Rule]string // of the routes
	explainer *diagnosis.Explainer
	deployed  *apigateway.Gateway // nil where no template is known
}

func newRuleSet(r Rules) (*ruleSet, error) {
	s := &ruleSet{Rules: r, paths: make(map[*Rule]string, len(r.Routes)), explainer: diagnosis.NewExplainer(r.Known)}
	if r.Known.Template != nil {
		s.deployed = apigateway.New(r.Known.Template)
	}
	var errs []error
	if r.Default.Policy == nil {
		errs = append(errs, errors.New("proxy: the default rule has no policy"))
	}
	if r.Default.Source == FromTemplate && s.deployed == nil {
		errs = append(errs, errors.New("proxy: the default rule is FromTemplate, and no template is known"))
	}
	for i := range r.Routes {
		route := &s.Routes[i]
		p, err := pathpattern.Parse(route.Path)
		if err != nil {
			errs = append(errs, fmt.Errorf("proxy: route %d: %w", i, err))
			continue
		}
		if route.Rule.Policy == nil {
			errs = append(errs, fmt.Errorf("proxy: route %d (%s) has no policy", i, route.Path))
		}
		if route.Rule.Source == FromTemplate && s.deployed == nil {
			errs = append(errs, fmt.Errorf("proxy: route %d (%s) is FromTemplate, and no template is known", i, route.Path))
		}
		s.routes.Insert(p, route)
		s.paths[&route.Rule] = route.Path
	}
	return s, errors.Join(errs...)
}

// rule returns the rule for r.
func (s *ruleSet) rule(r *http.Request) *Rule {
	if s.routes.Len() > 0 {
		if route, ok := s.routes.First(pathpattern.Decode(rawPath(r))); ok {
			return &route.Rule
		}
	}
	return &s.Default
}

// pathOf returns the pattern of the route whose rule r is; "" for the default.
func (s *ruleSet) pathOf(r *Rule) string { return s.paths[r] }

// rawPath returns the path of r's target as it was received.
func rawPath(r *http.Request) string {
	path, _, _ := strings.Cut(target(r), "?")
	return path
}

// target returns r's target in origin form or "*" (RFC 9112, section 3.2),
// byte for byte as it was received.
func target(r *http.Request) string { return originForm(r.Method, r.RequestURI) }

// originForm returns the target t of a request with method in origin form or
// "*".
func originForm(method, t string) string {
	if t == "" || t[0] == '/' || t == "*" {
		return t
	}
	// The absolute form: what follows the authority.
	_, rest, _ := strings.Cut(t, "://")
	i := strings.IndexAny(rest, "/?")
	switch {
	case i < 0 && method == http.MethodOptions:
		return "*" // RFC 9112, section 3.2.4
	case i < 0:
		return "/"
	case rest[i] == '?':
		return "/" + rest[i:]
	}
	return rest[i:]
}
