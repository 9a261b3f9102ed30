package sam

import (
	"slices"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// CORS is a CORS policy as declared for a deployed API.
type CORS struct {
	API              string   `json:"api"`
	APIType          string   `json:"apiType"`
	AllowOrigins     []string `json:"allowOrigins"`
	AllowMethods     []string `json:"allowMethods"`
	AllowHeaders     []string `json:"allowHeaders"`
	ExposeHeaders    []string `json:"exposeHeaders"`
	AllowCredentials bool     `json:"allowCredentials"`
	MaxAge           *int64   `json:"maxAge"` // seconds; nil if not declared
	Source           string   `json:"source"`
	// Short says that the setting is one value: a text, the origin of a REST
	// API, or true, for an HTTP API that allows any.
	Short bool `json:"-"`
	// ByHand says that the values are response parameters of an OPTIONS method
	// that the template has itself, and no Cors property of a REST API.
	ByHand bool `json:"-"`
	// Echoes says that a mapping template of such a method answers with the origin
	// of the request where it is one of AllowOrigins.
	Echoes bool `json:"-"`
	// Extension says that the setting stands in an OpenAPI document, as
	// x-amazon-apigateway-cors, whose keys begin in lower case.
	Extension bool `json:"-"`
	// Places are where the keys of the setting stand, by their names as SAM
	// writes them, so that nobody writes one twice. Those of an OpenAPI document
	// are not told.
	Places map[string]string `json:"-"`
	// Computed are the keys whose values are made by functions, such as Fn::If
	// and Ref. What they make with the given parameters may be no more than one
	// stage's, so that it must not be written in their place.
	Computed []string `json:"-"`
	// Lists are those of Computed whose values are lists as written, with
	// functions among their items.
	Lists []string `json:"-"`
	// From is where a REST API's AllowOrigin comes from that a function makes.
	From OriginSource `json:"-"`
	// Unresolved are the settings, such as AllowOrigin, with values that only
	// AWS knows: of another stack, of a resource, of Systems Manager. The
	// fields above are without these values. In JSON they hold what SAM CLI
	// takes in place of those, where it takes something.
	Unresolved []string `json:"unresolved,omitempty"`

	guesses map[string][]string // what SAM CLI takes, by the names of Unresolved
}

// unresolved notes a value that only AWS knows.
func (c *CORS) unresolved(name string, v *tree.Value) {
	if !v.Is(tree.Map) && !v.IsGuess() && !slices.ContainsFunc(v.Items(), isFunction) {
		return
	}
	c.Unresolved = append(c.Unresolved, name)
	if guesses := allWords(v); guesses != nil {
		if c.guesses == nil {
			c.guesses = make(map[string][]string)
		}
		c.guesses[name] = guesses
	}
}

// CORS returns the CORS policies of the deployed APIs that have one.
func (a *Application) CORS() []CORS {
	var all []CORS
	for _, api := range a.Deployed {
		if c := api.CORS; c != nil {
			policy := *c
			for list, names := range map[*[]string][]string{
				&policy.AllowOrigins: {"AllowOrigin", "AllowOrigins"}, &policy.AllowMethods: {"AllowMethods"},
				&policy.AllowHeaders: {"AllowHeaders"}, &policy.ExposeHeaders: {"ExposeHeaders"},
			} {
				for _, name := range names {
					if guesses, ok := c.guesses[name]; ok {
						*list = guesses
					}
				}
				*list = orEmpty(*list)
			}
			all = append(all, policy)
		}
	}
	return all
}
