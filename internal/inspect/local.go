package inspect

import (
	"net/http"
	"strings"
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
	if own := b.app().Local.RouteCORS[route.Path]; own != nil {
		return route, own, true
	}
	return route, b.app().Local.CORS, true
}

// localHeader is what SAM local sets for a policy: of a REST API its values as
// they are, of an HTTP API only for an origin that is allowed.
func localHeader(c *sam.LocalCORS, r sam.Route, origin string) http.Header {
	h := make(http.Header)
	allow := c.AllowOrigin
	if r.APIType == sam.HTTP {
		allow = ""
		for o := range strings.SplitSeq(c.AllowOrigin, ",") {
			if o = strings.TrimSpace(o); origin != "" && (o == "*" || o == origin) {
				allow = o
			}
		}
		if allow == "" {
			return h
		}
	}
	set := func(name, value string) {
		if value != "" {
			h.Set(name, value)
		}
	}
	set("Access-Control-Allow-Origin", allow)
	set("Access-Control-Allow-Methods", c.AllowMethods)
	set("Access-Control-Allow-Headers", c.AllowHeaders)
	set("Access-Control-Max-Age", c.MaxAge)
	if c.AllowCredentials {
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	return h
}
