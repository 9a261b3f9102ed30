package sam

import (
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/transform"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// globals notes what an API of SAM's has to do with the rest of its template:
// with the Globals of the other kind of API, and with what names it.
func (d *deployer) globals(api *API, e tree.Entry) {
	if !api.Serverless {
		return
	}
	own, other := [2]string{"Api", "Cors"}, [2]string{"HttpApi", "CorsConfiguration"}
	if api.Type == HTTP {
		own, other = other, own
	}
	globals := d.template.Get("Globals")
	if setting, ok := globals.Get(other[0]).Entry(other[1]); ok && setting.Value.Truthy() && !globals.Get(own[0]).Get(own[1]).Truthy() {
		api.OtherGlobals = sourceOf(setting.Key.Pos())
	}
	if e.Value.Get("Properties").Has(transform.Managed) {
		api.Referred = mentions(d.template.Get("Outputs"), e.Name()) || slices.ContainsFunc(d.template.Get("Resources").Entries(), func(r tree.Entry) bool {
			return r.Name() != e.Name() && mentions(r.Value, e.Name())
		})
	}
}

// mentions reports whether a text below v has a name in it. Events are left out:
// SAM names the API in those that do not.
func mentions(v *tree.Value, name string) bool {
	if text, ok := v.Str(); ok {
		return strings.Contains(text, name)
	}
	for _, item := range v.Items() {
		if mentions(item, name) {
			return true
		}
	}
	for _, e := range v.Entries() {
		if e.Name() != "Events" && mentions(e.Value, name) {
			return true
		}
	}
	return false
}
