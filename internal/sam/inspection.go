package sam

import (
	"github.com/corsproxy/corsproxy/internal/sam/intrinsic"
	"github.com/corsproxy/corsproxy/internal/sam/transform"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// An Inspection is all that can be told of a template, be it one that SAM CLI
// takes or not: what Load returns, and the stacks that it came from.
type Inspection struct {
	*Application       // as far as it is known
	Refused      error // what Load returns, or nil
	// Refusals are all that SAM CLI would refuse, one after the other, as far as
	// it can be told; the first is Refused.
	Refusals []*TemplateError
	Stacks   []Stack // the root first; those after a refused one are missing, and all where there are too many routes
	Dir      string  // absolute; Pos.File is relative to it
}

// A Stack is a template in the forms that it goes through.
type Stack struct {
	ID       string      // "" for the root, "Child/Grandchild" for nested ones
	File     string      // name of its file, relative to the Inspection's Dir; positions may be those of its source
	Template *tree.Value // with implicit APIs and Globals merged, functions as written
	Local    *tree.Value // resources, functions resolved as SAM CLI does; nil if refused before
	Deployed *tree.Value // resources, functions resolved as CloudFormation does
	// Definitions are the OpenAPI documents of the APIs, by logical id, with
	// functions resolved as SAM CLI does if they are in the template.
	Definitions map[string]*tree.Value

	resolver *intrinsic.Resolver
}

// Absent reports whether AWS does not deploy a resource, because its condition
// is false.
func (s Stack) Absent(resource *tree.Value) bool {
	name, ok := resource.Get("Condition").Str()
	if !ok || s.resolver == nil {
		return false
	}
	exists, known := s.resolver.Condition(name)
	return known && !exists
}

// Inspect loads a template as [Load] does and keeps what there is of it when
// SAM CLI refuses it. The error says why the file cannot be read.
func Inspect(name string, o Options) (*Inspection, error) {
	l, err := open(name, o)
	if err != nil {
		return nil, err
	}
	defer l.files.Close()
	i := &Inspection{Application: &Application{Template: name}, Dir: l.files.Dir}
	i.Refused = l.loadRoot(name)
	if i.Refused == nil {
		l.checkFunctions()
		i.Local, i.Refused = l.local()
		deployed, err := l.deployed()
		if i.Refused == nil {
			i.Refused = err
		}
		i.Deployed = deployed
	}
	if i.Refused != nil && l.routes.exceeded == nil {
		l.countAll()
	}
	if l.routes.exceeded != nil { // rules would only derive them again
		i.Local, i.Deployed, l.stacks = Local{}, nil, nil
	}
	if i.Refusals = l.refusals; i.Refused != nil && len(i.Refusals) == 0 {
		if i.Refusals = refusalsIn(i.Refused); len(i.Refusals) == 0 {
			return nil, i.Refused
		}
	}
	for _, s := range l.stacks {
		i.Stacks = append(i.Stacks, s.inspected())
	}
	l.fill(i.Application)
	return i, nil
}

// inspected returns a stack as rules read it.
func (s *stack) inspected() Stack {
	inspected := Stack{ID: s.id, File: s.file, Template: s.template, Local: s.resources, Definitions: make(map[string]*tree.Value)}
	if s.resources == nil {
		return inspected
	}
	inspected.resolver = s.resolver().AsDeployed()
	if resources, err := inspected.resolver.Resources(); err == nil {
		inspected.Deployed = resources
	}
	quiet := &loader{files: s.loader.files, folder: s.loader.folder}
	for _, e := range s.resources.Entries() {
		body, location := "DefinitionBody", "DefinitionUri"
		switch kind, _ := e.Value.Get("Type").Str(); kind {
		case transform.API, transform.HTTPAPI:
		case typeRestAPI, typeHTTPAPI:
			body, location = "Body", "BodyS3Location"
		default:
			continue
		}
		properties := e.Value.Get("Properties")
		root, err := quiet.definition(s, e, properties.Get(body), properties.Get(location))
		if err == nil && root != nil && root != errRemote {
			inspected.Definitions[e.Name()] = root
		}
	}
	return inspected
}
