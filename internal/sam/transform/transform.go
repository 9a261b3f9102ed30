// Package transform does to a template what SAM CLI does before it resolves
// functions and looks for APIs: it gives APIs without a definition an empty
// one, adds the implicit APIs that function events need, merges Globals into
// resources and refuses what is no valid SAM template.
//
// It follows the order of the plugins of SAM's translator. The order shows:
// a DefinitionUri in Globals comes too late to replace an empty definition.
package transform

import (
	"errors"
	"fmt"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// The types of resources that SAM makes APIs of, and the logical ids of the
// APIs that it adds.
const (
	Function     = "AWS::Serverless::Function"
	API          = "AWS::Serverless::Api"
	HTTPAPI      = "AWS::Serverless::HttpApi"
	StateMachine = "AWS::Serverless::StateMachine"
	Application  = "AWS::Serverless::Application"

	ImplicitREST = "ServerlessRestApi"
	ImplicitHTTP = "ServerlessHttpApi"
)

// Managed is the property that marks an API whose definition SAM writes.
const Managed = "__MANAGE_SWAGGER"

const refused = "SAM CLI refuses the template"

// Apply changes a template as SAM's plugins do. The values are those of its
// parameters. The error is an *tree.Error for what SAM CLI refuses, or several
// that are joined, the first as SAM CLI finds it.
func Apply(template *tree.Value, values map[string]*tree.Value) error {
	if err := checkSections(template); err != nil {
		return err
	}
	if err := checkResources(template.Get("Resources")); err != nil {
		return err
	}
	if err := checkApplications(template, values); err != nil {
		return err
	}
	addDefinitions(template.Get("Resources"))
	// What is wrong with one event hides nothing of the others.
	rest := addImplicit(template.Get("Resources"), restEvents)
	http := addImplicit(template.Get("Resources"), httpEvents)
	if err := errors.Join(rest, http, mergeGlobals(template)); err != nil {
		return err
	}
	return checkProperties(template.Get("Resources"))
}

// checkSections refuses templates whose sections are not what they should be.
func checkSections(template *tree.Value) error {
	resources := template.Get("Resources")
	if !resources.Is(tree.Map) || resources.Len() == 0 {
		return &tree.Error{
			Pos:  posOf(resources, template),
			What: "the template has no resources",
			Why:  refused,
			Fix:  `a SAM or CloudFormation template has a map "Resources"; check that this file is one`,
		}
	}
	for _, name := range []string{"Resources", "Parameters", "Mappings", "Conditions", "Outputs"} {
		for _, e := range template.Get(name).Entries() {
			if !e.Key.Is(tree.String) {
				return &tree.Error{
					Pos:  e.Key.Pos(),
					What: fmt.Sprintf("%s has a key that is %s, not a string: %s", name, e.Key.Kind(), e.Key.Text()),
					Why:  refused,
					Fix:  fmt.Sprintf("put it in quotes, or rename it: %q", e.Key.Text()),
				}
			}
		}
	}
	if m, ok := template.Entry("Mappings"); ok && !m.Value.Is(tree.Map) {
		return &tree.Error{Pos: m.Key.Pos(), What: "Mappings is " + m.Value.Kind().String() + ", not a map", Why: refused, Fix: "fill it or remove it"}
	}
	return checkOutputs(template.Get("Outputs"))
}

// checkOutputs refuses outputs that SAM CLI crashes on, although it makes
// nothing of them.
func checkOutputs(outputs *tree.Value) error {
	const crashes, fix = "SAM CLI crashes on it", "give each output a Value, or check its indentation"
	if outputs.Truthy() && !outputs.Is(tree.Map) {
		return &tree.Error{Pos: outputs.Pos(), What: "Outputs is " + outputs.Kind().String() + ", not a map", Why: crashes, Fix: fix}
	}
	for _, e := range outputs.Entries() {
		if e.Value.Is(tree.Null) {
			return &tree.Error{Pos: e.Key.Pos(), What: fmt.Sprintf("output %q is empty", e.Name()), Why: crashes, Fix: fix}
		}
	}
	return nil
}

// checkResources refuses resources that are no maps, or whose parts are not.
func checkResources(resources *tree.Value) error {
	for _, e := range resources.Entries() {
		id, resource := e.Name(), e.Value
		if strings.HasPrefix(id, "Fn::ForEach") && !resource.Is(tree.Map) {
			return &tree.Error{
				Pos:  e.Key.Pos(),
				What: fmt.Sprintf("%s is a loop of CloudFormation's language extensions", id),
				Why:  "SAM CLI expands loops only when told to, and crashes otherwise",
				Fix:  "write language_extensions = true below [default.local_start_api.parameters] in samconfig.toml, or start both SAM and corsproxy with SAM_CLI_ENABLE_LANGUAGE_EXTENSIONS=1 in the environment",
			}
		}
		if !resource.Is(tree.Map) {
			return &tree.Error{
				Pos:  e.Key.Pos(),
				What: fmt.Sprintf("resource %q is %s, not a map", id, resource.Kind()),
				Why:  "SAM CLI crashes on it",
				Fix:  "give it a Type and Properties, or check its indentation",
			}
		}
		if c := resource.Get("Condition"); c.Truthy() && !c.Is(tree.String) {
			return &tree.Error{
				Pos:  c.Pos(),
				What: fmt.Sprintf("the Condition of resource %q is %s, not a string", id, c.Kind()),
				Why:  refused,
				Fix:  `write the condition's name: "Condition: IsProd"`,
			}
		}
		if p, ok := resource.Entry("Properties"); ok && !p.Value.Is(tree.Map) {
			return &tree.Error{
				Pos:  p.Key.Pos(),
				What: fmt.Sprintf("the Properties of resource %q are %s, not a map", id, p.Value.Kind()),
				Why:  refused,
				Fix:  "indent the properties below it, or remove it",
			}
		}
	}
	return nil
}

// addDefinitions gives each API without a definition an empty one.
func addDefinitions(resources *tree.Value) {
	for _, e := range resources.Entries() {
		switch kind, _ := e.Value.Get("Type").Str(); kind {
		case API:
			addDefinition(e.Value, "swagger", "2.0")
		case HTTPAPI:
			addDefinition(e.Value, "openapi", "3.0.1")
		}
	}
}

func addDefinition(resource *tree.Value, key, version string) {
	properties := propertiesOf(resource)
	if properties.Get("DefinitionBody").Truthy() || properties.Get("DefinitionUri").Truthy() {
		return
	}
	properties.Set("DefinitionBody", definition(resource.Pos(), key, version))
	properties.Set(Managed, tree.NewBool(resource.Pos(), true))
}

// definition returns an OpenAPI document without paths.
func definition(pos tree.Pos, key, version string) *tree.Value {
	body := tree.NewMap(pos)
	body.Set(key, tree.NewString(pos, version))
	body.Set("paths", tree.NewMap(pos))
	return body
}

// propertiesOf returns a resource's properties, which it adds if there are
// none.
func propertiesOf(resource *tree.Value) *tree.Value {
	if p := resource.Get("Properties"); p != nil {
		return p
	}
	p := tree.NewMap(resource.Pos())
	resource.Set("Properties", p)
	return p
}

// posOf returns the place of the first value that has one.
func posOf(values ...*tree.Value) tree.Pos {
	for _, v := range values {
		if v != nil {
			return v.Pos()
		}
	}
	return tree.Pos{}
}
