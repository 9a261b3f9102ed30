package sam

import (
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// NamedStages returns the stages of an API that its URLs begin with, as far as they are
// known.
func (a *API) NamedStages() []string {
	return slices.DeleteFunc(slices.Clone(a.Stages), func(stage string) bool { return stage == "" || stage == DefaultPath })
}

// stages adds the names of an API's stages: the one that SAM makes of its own, the one
// that AWS makes of a target, and those that are resources.
func (d *deployer) stages(api *API, e tree.Entry) {
	const property = "StageName"
	add := func(of tree.Entry) {
		api.Stages = append(api.Stages, stageName(of.Value.Get("Properties").Get(property)))
		api.StageComputed = api.StageComputed || isFunction(d.written(of, property))
	}
	properties := e.Value.Get("Properties")
	switch {
	case api.Serverless && (properties.Has(property) || api.Type == REST):
		add(e)
	case api.Serverless || api.Type == HTTP && properties.Get("Target").Truthy():
		api.Stages = append(api.Stages, DefaultPath)
	}
	for _, p := range d.parts[e.Name()] {
		if kind := p.Value.Get("Type"); kind.EqualsString(typeStage) || kind.EqualsString(typeHTTPStage) {
			add(p)
		}
	}
}

// stageName returns the name of a stage, "" where the template does not tell one that
// AWS takes.
func stageName(v *tree.Value) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	name, _ := v.Str()
	if v.IsGuess() || name != DefaultPath && strings.Trim(name, letters) != "" {
		return ""
	}
	return name
}
