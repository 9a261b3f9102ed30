package main

import (
	"fmt"
	"sync"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/policy"
	"github.com/corsproxy/corsproxy/proxy"
)

var (
	sources = map[string]proxy.Source{
		"config":   proxy.FromPolicy,
		"upstream": proxy.FromUpstream,
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
	config config.Config
	known  known
	set    func(proxy.Rules) error
}

// use makes rules of c from now on. On an error all stays as it was.
func (b *ruleBook) use(c config.Config) error {
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

func (b *ruleBook) publish(c config.Config, k known) error {
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
func rulesOf(c config.Config, k known) (proxy.Rules, error) {
	rules := proxy.Rules{MissingToken: missingTokens[c.Errors.MissingAuthenticationToken]}
	var err error
	if rules.Default, err = ruleOf(c.CORS); err != nil {
		return rules, err
	}
	for _, r := range c.Routes {
		rule, err := ruleOf(r.CORS)
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
	return rules, nil
}

func ruleOf(c config.CORS) (proxy.Rule, error) {
	p, err := policy.New(c.Policy())
	return proxy.Rule{Policy: p, Source: sources[c.Source], ResponseHeaders: responseHeaders[c.ResponseHeaders]}, err
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
