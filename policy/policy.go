package policy

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/rs/cors"
)

// A Policy says which cross-origin requests are allowed. It never changes and
// may be used by any number of goroutines.
type Policy struct {
	config  Config
	origins *originSet
	methods methodSet
	headers headerSet
	cors    *cors.Cors
	memory  memory
}

// New returns the policy of a valid Config. Otherwise its error is an [Errors]
// that holds every mistake.
func New(c Config) (*Policy, error) {
	if errs := c.validate(); len(errs) > 0 {
		return nil, errs
	}
	c = c.clone()
	p := &Policy{
		config:  c,
		origins: newOriginSet(c.AllowOrigins),
		methods: newMethodSet(c.AllowMethods),
		headers: newHeaderSet(c.AllowHeaders),
	}
	p.cors = p.compile()
	return p, nil
}

// Config returns the configuration that the policy was made from.
func (p *Policy) Config() Config { return p.config.clone() }

// compile returns the rs/cors of p. Of its options, an empty list means its
// own defaults, which is not what an empty list means here; and its list of
// origins is searched from end to end, compared without regard to case, and
// "http://localhost*" in it allows http://localhost.evil.example. Only "*" is
// left to it.
func (p *Policy) compile() *cors.Cors {
	options := cors.Options{
		AllowedMethods:      p.methods.names(),
		AllowedHeaders:      p.config.AllowHeaders,
		AllowCredentials:    p.config.AllowCredentials,
		AllowPrivateNetwork: true,
		MaxAge:              int(p.config.MaxAge / time.Second),
	}
	if p.origins.any {
		options.AllowedOrigins = []string{wildcard}
	} else {
		options.AllowOriginVaryRequestFunc = func(_ *http.Request, origin string) (bool, []string) {
			return p.origins.contains(origin), nil
		}
	}
	if len(options.AllowedHeaders) == 0 {
		options.AllowedHeaders = []string{""} // a name that no header has
	}
	if options.MaxAge == 0 {
		options.MaxAge = -1 // how rs/cors is told to answer 0
	}
	return cors.New(options)
}

// A methodSet is the parsed form of AllowMethods.
type methodSet struct {
	any    bool
	listed []string // as configured; the standard methods for "*"
}

func newMethodSet(entries []string) methodSet {
	if slices.Contains(entries, wildcard) {
		return methodSet{any: true, listed: standardMethods}
	}
	return methodSet{listed: entries}
}

// names returns the methods listed and those that need no permission.
func (s methodSet) names() []string {
	names := slices.Clone(s.listed)
	for _, m := range safelistedMethods {
		if !slices.Contains(names, m) {
			names = append(names, m)
		}
	}
	return names
}

// contains reports whether pages may use the method.
func (s methodSet) contains(method string) bool {
	return isMethod(method) && (s.any || method == http.MethodOptions ||
		slices.Contains(s.listed, method) || slices.Contains(safelistedMethods, method))
}

// standIn returns the method that rs/cors is asked about in place of another:
// one of its list where any is allowed.
func (s methodSet) standIn(method string) string {
	if s.any {
		return http.MethodGet
	}
	return method
}

// isMethod reports whether a page may use a method of that name at all.
func isMethod(s string) bool {
	return isToken(s) && !slices.Contains(forbiddenMethods, strings.ToUpper(s))
}

// A headerSet is the parsed form of AllowHeaders.
type headerSet struct {
	any    bool
	lower  map[string]struct{}
	listed string // the value of Access-Control-Allow-Headers
}

func newHeaderSet(entries []string) headerSet {
	s := headerSet{lower: make(map[string]struct{}), listed: strings.Join(entries, ",")}
	if slices.Contains(entries, wildcard) {
		s.any, s.listed = true, gatewayHeaders
	}
	for _, name := range entries {
		s.lower[strings.ToLower(name)] = struct{}{}
	}
	return s
}

// refused returns those of the names that pages may not send.
func (s headerSet) refused(names []string) []string {
	var refused []string
	for _, name := range names {
		_, listed := s.lower[strings.ToLower(name)]
		if !isToken(name) || !listed && !s.any {
			refused = append(refused, name)
		}
	}
	return refused
}

func notToken(s string) bool { return !isToken(s) }
