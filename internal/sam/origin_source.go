package sam

import (
	"regexp"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// An OriginSource is where a function takes an origin from, with the given
// parameters: a parameter, or a text that stands in a branch or a mapping. It is
// zero where that cannot be told, or where AWS alone knows.
type OriginSource struct {
	Parameter string
	Place     string // "template.yaml:12"
	Quoted    bool   // the single quotes belong to it
	// Others are what stands in the branches that are not taken, and in the
	// entries of a mapping that are not.
	Others []OtherOrigin
}

// An OtherOrigin is an origin that a function makes with other parameters.
type OtherOrigin struct {
	Origin string // as it stands there, without single quotes
	Place  string
}

// comesFrom notes where the AllowOrigin of an API's Cors comes from.
func (a *API) comesFrom(source OriginSource) {
	for _, p := range a.Preflights {
		if p.Generated && p.CORS != nil {
			p.CORS.From, a.CORS.From = source, source
		}
	}
}

// originSource returns where a Cors property, as written, has its AllowOrigin
// from.
func (s *stack) originSource(cors *tree.Value) OriginSource {
	origin := cors
	if !isFunction(cors) {
		origin = cors.Get("AllowOrigin")
	}
	return s.textSource(origin, true)
}

// oneVariable is a text of Fn::Sub that is one variable in single quotes.
var oneVariable = regexp.MustCompile(`^'\$\{([A-Za-z0-9]+)\}'$`)

func (s *stack) textSource(v *tree.Value, quoted bool) OriginSource {
	resolver := s.resolver().AsDeployed()
	parameters := s.template.Get("Parameters")
	if v.Is(tree.String) {
		return OriginSource{Place: sourceOf(v.Pos()), Quoted: quoted}
	}
	if branches := v.Get("Fn::If").Items(); len(branches) == 3 {
		condition, _ := branches[0].Str()
		switch holds, known := resolver.Condition(condition); {
		case known && holds:
			return s.textSource(branches[1], quoted).beside(branches[2])
		case known:
			return s.textSource(branches[2], quoted).beside(branches[1])
		}
		return OriginSource{}
	}
	text, variables := v.Get("Fn::Sub"), (*tree.Value)(nil)
	if parts := text.Items(); len(parts) == 2 {
		text, variables = parts[0], parts[1]
	}
	name, _ := v.Get("Ref").Str()
	if m := oneVariable.FindStringSubmatch(text.Text()); m != nil && text.Is(tree.String) {
		if own := variables.Get(m[1]); own != nil {
			return s.textSource(own, false)
		}
		name, quoted = m[1], false
	}
	switch made := resolver.Resolve(v); {
	case made.IsGuess():
	case parameters.Has(name):
		return OriginSource{Parameter: name, Quoted: quoted}
	case v.Has("Fn::FindInMap") && made.Is(tree.String):
		source := OriginSource{Place: sourceOf(made.Pos()), Quoted: quoted}
		asked := v.Get("Fn::FindInMap").Items()
		for _, e := range s.template.Get("Mappings").Get(asked[0].Text()).Entries() {
			if other := e.Value.Get(asked[2].Text()); other != nil && sourceOf(other.Pos()) != source.Place {
				source = source.beside(other)
			}
		}
		return source
	}
	return OriginSource{}
}

// beside adds what a function makes with other parameters.
func (o OriginSource) beside(other *tree.Value) OriginSource {
	if branches := other.Get("Fn::If").Items(); len(branches) == 3 {
		return o.beside(branches[1]).beside(branches[2])
	}
	if text, ok := other.Str(); ok {
		o.Others = append(o.Others, OtherOrigin{strings.Trim(text, "'"), sourceOf(other.Pos())})
	}
	return o
}
