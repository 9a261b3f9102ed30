package sam

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// LocalCORS is a CORS policy as SAM local has it. For routes of REST APIs its
// values are sent as they are, whatever the Origin; for routes of HTTP APIs
// only if AllowOrigin, a list separated by commas, has the Origin or "*".
type LocalCORS struct {
	AllowOrigin, AllowMethods, AllowHeaders, MaxAge string // "" is not sent
	AllowCredentials                                bool
	API                                             string // logical id of the API that declares it
	Source                                          string
}

// Headers returns the headers that SAM local sends by the policy for a route
// of an API type, to a request of an origin, or to one without ("").
func (c *LocalCORS) Headers(apiType, origin string) http.Header {
	allowed := c.AllowOrigin
	if apiType == HTTP {
		list := strings.Split(c.AllowOrigin, ",")
		switch {
		case origin == "":
			return http.Header{}
		case slices.Contains(list, "*"):
			allowed = "*"
		case slices.Contains(list, origin):
			allowed = origin
		default:
			return http.Header{}
		}
	}
	h := make(http.Header)
	set := func(name, value string) {
		if value != "" {
			h.Set(name, value)
		}
	}
	set("Access-Control-Allow-Origin", allowed)
	set("Access-Control-Allow-Methods", c.AllowMethods)
	set("Access-Control-Allow-Headers", c.AllowHeaders)
	set("Access-Control-Max-Age", c.MaxAge)
	if c.AllowCredentials {
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	return h
}

// Policy returns the policy that SAM local applies to a route that it has
// mounted, or nil.
func (l Local) Policy(route Route) *LocalCORS {
	if own := l.RouteCORS[route.String()]; own != nil {
		return own
	}
	return l.CORS
}

// allMethods is what SAM local allows if nothing is said, and for "*".
func allMethods() string {
	methods := slices.Sorted(slices.Values(anyMethods[:]))
	return strings.Join(methods, ",")
}

// restCORS reads the Cors property of a REST API, or the same values from the
// responses of an OPTIONS method.
func (c *collector) restCORS(v *tree.Value, in corsSource, api string) (*LocalCORS, error) {
	if !v.Truthy() {
		return nil, nil
	}
	cors := &LocalCORS{AllowMethods: allMethods(), API: api, Source: sourceOf(v.Pos())}
	if s, ok := v.Str(); ok {
		origin, err := in.unquote("Cors", v, s)
		cors.AllowOrigin = origin
		return cors, err
	}
	if !v.Is(tree.Map) {
		return nil, nil
	}
	for _, p := range []struct {
		name   string
		target *string
	}{{"AllowOrigin", &cors.AllowOrigin}, {"AllowHeaders", &cors.AllowHeaders}, {"MaxAge", &cors.MaxAge}} {
		s, _, err := c.quoted(v, in, p.name)
		if err != nil {
			return nil, err
		}
		*p.target = s
	}
	credentials, ok, err := c.quoted(v, in, "AllowCredentials")
	if err != nil {
		return nil, err
	}
	cors.AllowCredentials = v.Get("AllowCredentials").IsTrue() || ok && credentials == "true"
	methods, ok, err := c.quoted(v, in, "AllowMethods")
	if err != nil || !ok {
		return cors, err
	}
	if methods != "*" && methods != "" { // an empty text is none to SAM CLI
		cors.AllowMethods, err = in.normalMethods(v.Get("AllowMethods").Pos(), strings.Split(methods, ","), true)
	}
	return cors, err
}

// quoted returns a value that must stand in single quotes, without them. What
// is no string is as if it was not there.
func (c *collector) quoted(cors *tree.Value, in corsSource, name string) (string, bool, error) {
	v := cors.Get(name)
	if !v.Truthy() || name == "AllowCredentials" && v.Is(tree.Bool) {
		return "", false, nil
	}
	s, ok := v.Str()
	if !ok || strings.HasPrefix(s, "!") {
		c.loader.warn(v.Pos(), "Cors: SAM local ignores %s, because it is not a string that it can resolve", name)
		return "", false, nil
	}
	s, err := in.unquote(name, v, s)
	return s, err == nil, err
}

// httpCORS reads the CorsConfiguration of an HTTP API.
func (c *collector) httpCORS(v *tree.Value, in corsSource, api string) (*LocalCORS, error) {
	if !v.Truthy() {
		return nil, nil
	}
	cors := &LocalCORS{AllowMethods: allMethods(), API: api, Source: sourceOf(v.Pos())}
	if v.IsTrue() {
		cors.AllowOrigin = "*"
		return cors, nil
	}
	if !v.Is(tree.Map) {
		return nil, nil
	}
	var err error
	if methods := c.ofKind(v, "AllowMethods", tree.List); methods.Is(tree.List) {
		words, err := stringsOf("AllowMethods", methods)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(words, "*") {
			if cors.AllowMethods, err = in.normalMethods(methods.Pos(), words, false); err != nil {
				return nil, err
			}
		}
	}
	if cors.AllowOrigin, err = joined("AllowOrigins", c.ofKind(v, "AllowOrigins", tree.List)); err != nil {
		return nil, err
	}
	if cors.AllowHeaders, err = joined("AllowHeaders", c.ofKind(v, "AllowHeaders", tree.List)); err != nil {
		return nil, err
	}
	cors.AllowCredentials = c.ofKind(v, "AllowCredentials", tree.Bool).IsTrue()
	if age := c.ofKind(v, "MaxAge", tree.Int, tree.Bool); age.Is(tree.Int, tree.Bool) {
		cors.MaxAge = age.Text()
	}
	return cors, nil
}

// ofKind returns a value of one of the kinds; another is as if it was not
// there.
func (c *collector) ofKind(cors *tree.Value, name string, kinds ...tree.Kind) *tree.Value {
	v := cors.Get(name)
	if v.Truthy() && !v.Is(kinds...) {
		c.loader.warn(v.Pos(), "CorsConfiguration: SAM local ignores %s, because it is %s", name, v.Kind())
		return nil
	}
	return v
}

func joined(name string, list *tree.Value) (string, error) {
	words, err := stringsOf(name, list)
	return strings.Join(words, ","), err
}

// stringsOf returns the items of a list, which must be strings.
func stringsOf(name string, list *tree.Value) ([]string, error) {
	var words []string
	for _, item := range list.Items() {
		word, ok := item.Str()
		if !ok {
			item = unresolved(list, item)
			fix := "put each item in quotes, and use functions around the list, not in it"
			if name == "AllowOrigins" { // see isReplacement
				fix = "write each item as text, or as !Ref of a parameter; where a condition decides, put an !If around the whole CorsConfiguration"
			}
			return nil, &TemplateError{
				Pos:  item.Pos(),
				What: fmt.Sprintf("CorsConfiguration.%s holds %s, not only strings", name, item.Kind()),
				Why:  "SAM CLI crashes on it",
				Fix:  fix,
			}
		}
		words = append(words, word)
	}
	return words, nil
}

// unresolved returns the item for which SAM CLI leaves a list as it is written, with
// the references in it that it could resolve: the first that is none, or else the
// first that is no string.
func unresolved(list, first *tree.Value) *tree.Value {
	for _, item := range list.Items() {
		if _, isText := item.Str(); !isText && !item.Has("Ref") {
			return item
		}
	}
	return first
}

// normalMethods returns methods in the form in which SAM local sends them:
// upper-case, with OPTIONS, sorted.
func (in corsSource) normalMethods(pos Pos, words []string, quoted bool) (string, error) {
	var methods []string
	for _, word := range words {
		method := strings.ToUpper(strings.TrimSpace(word))
		if !slices.Contains(anyMethods[:], method) {
			return "", &TemplateError{
				Pos:  pos,
				What: fmt.Sprintf("AllowMethods has %q, which is no method that SAM CLI knows", method),
				Why:  "SAM CLI refuses it",
				Fix:  in.methodsFix(words, quoted),
			}
		}
		methods = append(methods, method)
	}
	if !slices.Contains(methods, "OPTIONS") {
		methods = append(methods, "OPTIONS")
	}
	slices.Sort(methods)
	return strings.Join(methods, ","), nil
}

// methodsFix says what to write in place of methods that SAM CLI refuses: the same
// ones apart, if they can be told and no function makes them.
func (in corsSource) methodsFix(words []string, quoted bool) string {
	methods, ok := MethodsIn(strings.Join(words, ","))
	written := in.written.Get("AllowMethods")
	switch {
	case !ok || written == nil || isFunction(in.written) || isFunction(written) || slices.ContainsFunc(written.Items(), isFunction):
		return "use GET, DELETE, PUT, POST, HEAD, OPTIONS and PATCH, separated by commas, or *"
	case quoted && in.prefix != "":
		return "write " + in.prefix + `Allow-Methods: "'` + strings.Join(methods, ",") + `'"`
	case quoted:
		return `write AllowMethods: "'` + strings.Join(methods, ",") + `'"`
	}
	return "write AllowMethods: [" + strings.Join(methods, ", ") + "]"
}
