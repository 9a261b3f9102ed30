package diagnosis

import (
	"net/http"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// A Wish is what the CORS settings of a template are to allow.
type Wish struct {
	Origin      string
	Example     string // in place of Origin, where that is not told and an API has no setting
	Methods     []string
	Headers     []string
	Expose      []string
	Credentials bool // with Origin
	Preflight   bool // the answer to one is what lacks it
	// Needs are the request headers that pages send to the routes of an API, by its
	// id: what is not told of a preflight may be any of these.
	Needs map[string][]string
	// Local is the policy by which SAM local answered the preflight; nil where it did
	// not, or had none.
	Local *sam.LocalCORS
	// OnlyDeployed says that SAM local does not have the setting of the API.
	OnlyDeployed bool
	// Cookies says of which APIs some routes ask for one, by their ids.
	Cookies map[string]bool
}

// page is the origin of the page, or the example of one; "" where neither may be
// written.
func (w Wish) page() string {
	if w.Origin == "" && mayBeWritten("AllowOrigin", w.Example) {
		return w.Example
	}
	return w.Origin
}

// headers are the request headers that a setting of an API is to allow, where it
// allows none yet. Where a preflight does not tell, Content-Type is the likeliest.
func (w Wish) headers(api sam.API) []string {
	all := slices.Clone(w.Headers)
	needed := w.Needs[api.ID]
	if len(all) == 0 && w.Preflight {
		needed = append([]string{"Content-Type"}, needed...)
	}
	for _, name := range needed {
		if _, ok := headerValue(name); ok && !contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// withCookies is the wish with credentials where routes of the API ask for a cookie:
// without them a browser keeps what they answer from the page.
func (w Wish) withCookies(api sam.API) Wish {
	w.Credentials = w.Credentials || w.Cookies[api.ID] && w.page() != "" && w.page() != "*"
	return w
}

// sufficient is the wish with what else a browser may ask for in the preflight of
// a request to a path, "" where that is not known. Where the answer lacks one thing
// the browser does not say what comes next.
func (w Wish) sufficient(api sam.API, c sam.CORS, path string, r apigateway.Request) Wish {
	if !w.Preflight || len(w.Expose) > 0 {
		return w
	}
	told := len(w.Headers) > 0
	if !told || len(c.AllowHeaders) == 0 {
		w.Headers = w.headers(api)
	}
	wild := !w.Credentials && !c.AllowCredentials // * is no name
	if slices.Contains(c.AllowHeaders, "*") && !told && wild {
		// It has all but Authorization, which is to be named.
		w.Headers = slices.DeleteFunc(w.Headers, func(name string) bool { return !strings.EqualFold(name, "Authorization") })
	}
	if told || len(w.Methods) > 0 || slices.Contains(c.AllowMethods, "*") && wild {
		return w
	}
	asked := r.Header.Get("Access-Control-Request-Method")
	for _, route := range api.Routes {
		unsafe := route.Method == http.MethodPut || route.Method == http.MethodPatch || route.Method == http.MethodDelete
		if unsafe && route.Path == path && (asked == "" || asked == route.Method) && !slices.Contains(w.Methods, route.Method) {
			w.Methods = append(w.Methods, route.Method)
		}
	}
	return w
}

// byName has the methods of an API stand in place of the * among those that a
// setting allows, where others are to stand beside it: SAM CLI refuses * there.
func (w Wish) byName(api sam.API, c *sam.CORS) Wish {
	if len(w.Methods) == 0 || !slices.Contains(c.AllowMethods, "*") {
		return w
	}
	c.AllowMethods = slices.DeleteFunc(slices.Clone(c.AllowMethods), func(m string) bool { return m == "*" })
	w.Methods = append(methodsOf(api), w.Methods...)
	return w
}

// restChanges are the keys of a Cors that change, and their values.
func (w Wish) restChanges(c sam.CORS) []any {
	var changes []any
	switch o := w.Origin; {
	case o == "" || slices.Contains(c.Unresolved, "AllowOrigin"):
	case c.Echoes:
	case w.unsent(c.API) && w.allows(c.AllowOrigins):
		changes = append(changes, "AllowOrigin", quotedValue("*"))
	case isOriginList(&c):
		changes = append(changes, "AllowOrigin", quotedValue(oneOrigin(c.AllowOrigins, o)))
	case !w.allows(c.AllowOrigins) && (miswritten(c.AllowOrigins, o) != "" || !slices.ContainsFunc(c.AllowOrigins, isSite)):
		changes = append(changes, "AllowOrigin", quotedValue(o))
	}
	for _, l := range []struct {
		key       string
		has, want []string
	}{{"AllowMethods", c.AllowMethods, w.Methods}, {"AllowHeaders", c.AllowHeaders, w.Headers}} {
		if all, ok := extended(c, l.key, l.has, l.want); ok {
			changes = append(changes, l.key, quotedValue(strings.Join(all, ",")))
		}
	}
	return w.withCredentials(c, changes)
}

// unsent reports whether SAM local sends no origin by the Cors of a REST API: where
// that has none, AWS alone sends *.
func (w Wish) unsent(api string) bool {
	return w.Local != nil && w.Local.AllowOrigin == "" && w.Local.API == path.Base(api)
}

// httpChanges are the keys of a CorsConfiguration that change.
func (w Wish) httpChanges(c sam.CORS) []any {
	var changes []any
	if o := w.Origin; o != "" && !slices.Contains(c.Unresolved, "AllowOrigins") && !w.allows(c.AllowOrigins) {
		others := slices.DeleteFunc(slices.Clone(c.AllowOrigins), func(listed string) bool { return listed == "*" || isMeantFor(listed, o) })
		changes = append(changes, "AllowOrigins", sequence(with(others, o)))
	}
	for _, l := range []struct {
		key       string
		has, want []string
	}{{"AllowMethods", c.AllowMethods, w.Methods}, {"AllowHeaders", c.AllowHeaders, w.Headers}, {"ExposeHeaders", c.ExposeHeaders, w.Expose}} {
		if all, ok := extended(c, l.key, l.has, l.want); ok {
			changes = append(changes, l.key, sequence(all))
		}
	}
	return w.withCredentials(c, changes)
}

// allows reports whether a list of origins has what is wished for: with
// credentials, * is not enough.
func (w Wish) allows(origins []string) bool {
	return slices.Contains(origins, w.Origin) || !w.Credentials && slices.Contains(origins, "*")
}

func (w Wish) withCredentials(c sam.CORS, changes []any) []any {
	if w.Credentials && !c.AllowCredentials && !slices.Contains(c.Unresolved, "AllowCredentials") {
		changes = append(changes, "AllowCredentials", &yaml.Node{Kind: yaml.ScalarNode, Value: "true"})
	}
	return changes
}

// extended returns the names of a list, and those that it lacks. It is false
// where it lacks none and all of it are names, or where it is not known.
func extended(c sam.CORS, key string, has, want []string) ([]string, bool) {
	all := readable(has, headerValue)
	if slices.Contains(has, "*") {
		all = slices.Insert(slices.DeleteFunc(all, func(name string) bool { return name == "*" }), 0, "*")
	}
	found := len(all)
	for _, word := range want {
		if _, ok := headerValue(word); ok && !slices.ContainsFunc(all, func(a string) bool { return strings.EqualFold(a, word) }) {
			all = append(all, word)
		}
	}
	broken := slices.ContainsFunc(has, func(h string) bool { return h != "*" && !aName.MatchString(h) })
	return all, len(want) > 0 && (len(all) > found || broken) && !slices.Contains(c.Unresolved, key)
}

// contains reports whether a list has a name, in whatever case.
func contains(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}
