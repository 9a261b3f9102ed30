package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/transform"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// unknownKeys finds keys of a CORS setting that SAM does not know.
func unknownKeys(v *view) []problem {
	rest := []string{"AllowOrigin", "AllowMethods", "AllowHeaders", "MaxAge", "AllowCredentials"}
	http := []string{"AllowOrigins", "AllowMethods", "AllowHeaders", "ExposeHeaders", "MaxAge", "AllowCredentials"}
	var all []problem
	for _, p := range v.policies {
		if p.form != formCors && p.form != formConfiguration || isFunction(p.whole.written) {
			continue
		}
		known, property := rest, "Cors"
		if p.form == formConfiguration {
			known, property = http, "CorsConfiguration"
		}
		for _, e := range p.whole.written.Entries() {
			name := e.Key.Text()
			if slices.Contains(known, name) {
				continue
			}
			fix := "use " + and(known)
			right := "AllowOrigin"
			if p.form == formConfiguration {
				right = "AllowOrigins"
			}
			switch isOrigins := strings.EqualFold(name, "AllowOrigin") || strings.EqualFold(name, "AllowOrigins"); {
			case isOrigins && p.whole.written.Has(right):
				fix = "remove it: " + right + " is there, and counts"
			case name == "ExposeHeaders":
				fix = "remove it, and let the function send Access-Control-Expose-Headers"
			case p.form == formCors && strings.EqualFold(name, "AllowOrigins"):
				fix = `AllowOrigin: "'https://app.example.com'"`
			case p.form == formConfiguration && strings.EqualFold(name, "AllowOrigin"):
				fix = "AllowOrigins: [https://app.example.com]"
			}
			all = append(all, problem{
				pos: e.Key.Pos(), what: fmt.Sprintf("%s has a key %s", property, quote(name)),
				why: "AWS refuses to deploy it; SAM local ignores it", fix: fix,
			})
		}
	}
	return append(all, v.unknownGatewayKeys()...)
}

// unknownGatewayKeys finds keys of GatewayResponses that SAM does not know.
func (v *view) unknownGatewayKeys() []problem {
	var all []problem
	look := func(of string, at *tree.Value, known ...string) {
		if isFunction(at) {
			return
		}
		for _, e := range at.Entries() {
			name := e.Key.Text()
			if slices.Contains(known, name) {
				continue
			}
			fix := "use " + and(known)
			if near := nearestWord(name, known); near != "" && !at.Has(near) {
				fix = "write " + near
			}
			all = append(all, problem{
				pos: e.Key.Pos(), what: fmt.Sprintf("%s has a key %s", of, quote(name)),
				why: "AWS refuses to deploy it; SAM local ignores it", fix: fix,
			})
		}
	}
	for _, r := range v.ofKind(transform.API) {
		for _, e := range r.get("GatewayResponses").written.Entries() {
			parameters := e.Value.Get("ResponseParameters")
			look(e.Key.Text()+" of GatewayResponses", e.Value, "ResponseParameters", "ResponseTemplates", "StatusCode")
			look("ResponseParameters of "+e.Key.Text(), parameters, "Headers", "Paths", "QueryStrings")
		}
	}
	return all
}
