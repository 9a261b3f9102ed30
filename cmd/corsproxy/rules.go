package main

import (
	"errors"
	"fmt"
	"sync"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/samtemplate"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/policy"
	"github.com/corsproxy/corsproxy/proxy"
)

var (
	sources = map[string]proxy.Source{
		"config":   proxy.FromPolicy,
		"upstream": proxy.FromUpstream,
		"template": proxy.FromTemplate,
	}
	responseHeaders = map[string]proxy.ResponseHeaders{
		"keep":    proxy.KeepHeaders,
		"fill":    proxy.FillHeaders,
		"replace": proxy.ReplaceHeaders,
	}
	missingTokens = map[string]proxy.MissingToken{
		"convert":  proxy.ConvertMissingToken,
		"annotate": proxy.AnnotateMissingToken,
		"keep":     proxy.KeepMissingToken,
	}
)

// A ruleBook makes the proxy's rules out of what changes while it serves, each
// part at its own time: the configuration, and what is known of the upstream.
type ruleBook struct {
	mu     sync.Mutex
	config *config.Loaded
	known  known
	set    func(proxy.Rules) error
}

// use makes rules of c from now on. On an error all stays as it was.
func (b *ruleBook) use(c *config.Loaded) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.publish(c, b.known)
}

// learn changes what is known of the upstream. On an error all stays as it was.
func (b *ruleBook) learn(change func(*known)) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	next := b.known
	change(&next)
	return b.publish(b.config, next)
}

func (b *ruleBook) publish(c *config.Loaded, k known) error {
	rules, err := rulesOf(c, k)
	if err != nil {
		return err
	}
	if err := b.set(rules); err != nil {
		return err
	}
	b.config, b.known = c, k
	return nil
}

// rulesOf returns the rules that c makes of what is known of the upstream.
func rulesOf(c *config.Loaded, k known) (proxy.Rules, error) {
	rules := proxy.Rules{MissingToken: missingTokens[c.Errors.MissingAuthenticationToken]}
	var err error
	if rules.Default, err = ruleOf(c, -1, c.CORS); err != nil {
		return rules, err
	}
	for i, r := range c.Routes {
		rule, err := ruleOf(c, i, r.CORS)
		if err != nil {
			return rules, fmt.Errorf("route %s: %w", r.Path, err)
		}
		rules.Routes = append(rules.Routes, proxy.Route{Path: r.Path, Rule: rule})
	}
	listed, err := routesOf(c.SAM)
	if err != nil {
		return rules, err
	}
	rules.Known = k.knowledge(listed)
	if rules.Known.Template == nil {
		if key := followsTemplate(c.Config); key != "" {
			return rules, &noTemplateError{key: key, reading: k.template}
		}
	}
	return rules, nil
}

// followsTemplate returns a key by which c follows the template, or "".
func followsTemplate(c config.Config) string {
	if c.CORS.Source == "template" {
		return "cors.source"
	}
	for i, r := range c.Routes {
		if r.CORS.Source == "template" {
			return fmt.Sprintf("routes[%d].cors.source", i)
		}
	}
	return ""
}

// A noTemplateError says that a setting follows the template, and that there
// is none.
type noTemplateError struct {
	key     string
	reading samtemplate.Reading
}

func (e *noTemplateError) Error() string { return e.key + ": " + e.text() }

func (e *noTemplateError) text() string {
	why := "no template is here; start corsproxy beside template.yaml, name it with --template FILE"
	var refused *sam.TemplateError
	switch err := e.reading.Err; {
	case e.reading.Choice.Template == samtemplate.None:
		why = "the setting template is none; write auto or a file there"
	case errors.As(err, &refused):
		why = "SAM CLI would refuse the template: " + clean(err.Error()) + "; correct that"
	case err != nil && !errors.Is(err, samtemplate.ErrNone):
		why = clean(unreadable(e.reading, err)) + "; make that right"
	}
	return `"template" answers as the deployed API would, and ` + why + ", or choose config or upstream here"
}

// withPlace returns err as a mistake in a configuration where it is about one
// of its settings.
func withPlace(err error, l *config.Loaded) error {
	var none *noTemplateError
	if !errors.As(err, &none) {
		return err
	}
	return config.Mistakes{{Place: l.Where(none.key), Key: none.key, Text: none.text()}}
}

// ruleOf returns the rule of a route, or the default one, if route is -1.
func ruleOf(l *config.Loaded, route int, c config.CORS) (proxy.Rule, error) {
	p, err := policy.New(c.Policy())
	given := make(map[policy.Reason]diagnosis.Given)
	for reason, name := range map[policy.Reason]string{
		policy.OriginNotAllowed: "allow_origins", policy.MethodNotAllowed: "allow_methods", policy.HeaderNotAllowed: "allow_headers",
	} {
		switch at, own := l.WhereList(name, route); at.Layer {
		case config.FromFlag:
			given[reason] = diagnosis.Given{Flag: at.String(), Shared: !own}
		case config.FromEnv:
			given[reason] = diagnosis.Given{Variable: at.String(), Shared: !own}
		case config.FromFile:
			given[reason] = diagnosis.Given{File: at.String(), Shared: !own}
		}
	}
	return proxy.Rule{Policy: p, Source: sources[c.Source], ResponseHeaders: responseHeaders[c.ResponseHeaders], Given: given}, err
}

// routesOf returns the routes that the configuration lists.
func routesOf(c config.SAM) ([]sam.Route, error) {
	var out []sam.Route
	for i, text := range c.Routes {
		routes, err := sam.ParseRoute(text)
		if err != nil {
			return nil, err
		}
		for _, r := range routes {
			r.Source = fmt.Sprintf("sam.routes[%d]", i)
			out = append(out, r)
		}
	}
	return out, nil
}
