package inspect

import (
	"sync"

	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/proxy"
)

// A ruleBook is the rules of the proxy, and what follows from them.
type ruleBook struct {
	rules proxy.Rules
	once  sync.Once
	local *sam.Table // what SAM local mounts by the template; made when it is asked for
}

// app returns what the template declares; nil where none is known.
func (b *ruleBook) app() *sam.Application {
	if b == nil {
		return nil
	}
	return b.rules.Known.Template
}

// localCORS returns the route that SAM local takes a request to, and the policy
// that it has for it, if any. There must be a template.
func (b *ruleBook) localCORS(method, path string) (sam.Route, *sam.LocalCORS, bool) {
	b.once.Do(func() { b.local = sam.NewTable(b.app().Local.Routes) })
	route, ok := b.local.Match(method, path)
	if !ok {
		return route, nil, false
	}
	return route, b.app().Local.Policy(route), true
}
