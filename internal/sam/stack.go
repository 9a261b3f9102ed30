package sam

import (
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/corsproxy/corsproxy/internal/sam/intrinsic"
	"github.com/corsproxy/corsproxy/internal/sam/langext"
	"github.com/corsproxy/corsproxy/internal/sam/transform"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
	"github.com/corsproxy/corsproxy/internal/smallfile"
)

// A stack is a template after all that SAM CLI does to it before it looks for
// APIs. Nested stacks follow their parent.
type stack struct {
	id        string      // "" for the root, "Child/Grandchild" for nested ones
	file      string      // name of its file
	template  *tree.Value // with implicit APIs and Globals merged
	resources *tree.Value // the template's, resolved
	values    map[string]*tree.Value
	loader    *loader
	source    source // of which sam build has made it
}

// Limits for templates that include each other.
const (
	maxStackDepth = 16
	maxStacks     = 256
)

// A loader loads a template and the stacks nested in it.
type loader struct {
	files    *files
	options  Options
	root     string // name of the root template
	folder   string // where that is; SAM's working directory
	budget   *intrinsic.Budget
	routes   *count
	stacks   []*stack
	warnings []Warning
	skipped  []Unmounted
	faults   []*TemplateError
	refusals []*TemplateError
	remote   []RemoteFunction

	basePaths []string
}

// open returns a loader for the template at name. The caller closes its
// files.
func open(name string, o Options) (*loader, error) {
	files, rel, err := openFiles(name, o.From)
	if err != nil {
		return nil, cannotRead(name, err)
	}
	return &loader{files: files, options: o, root: rel, folder: path.Dir(rel), budget: intrinsic.NewBudget(), routes: new(count)}, nil
}

// loadRoot loads the template at name, and all stacks nested in it.
func (l *loader) loadRoot(name string) error {
	parameters := l.options.global()
	for key, value := range l.options.Parameters {
		parameters[key] = tree.NewString(Pos{}, value)
	}
	err := l.load(l.root, l.files.source(name, l.options.Source), "", parameters, 0)
	if err == nil {
		return nil
	}
	if l.refusals = refusalsIn(err); len(l.refusals) == 0 {
		return cannotRead(name, err)
	}
	return l.refusals[0]
}

// refusalsIn returns what SAM CLI refuses by an error, which may be several
// that are joined.
func refusalsIn(err error) []*TemplateError {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*TemplateError
		for _, err := range joined.Unwrap() {
			all = append(all, refusalsIn(err)...)
		}
		return all
	}
	if t := new(TemplateError); errors.As(err, &t) {
		return []*TemplateError{t}
	}
	return nil
}

// cannotRead words an error that is no fault of the template's.
func cannotRead(name string, err error) error {
	var p *fs.PathError // it names the system call, and the part of the path it stopped at
	if errors.As(err, &p) {
		err = p.Err
	}
	return fmt.Errorf("read template %q: %w", name, err)
}

func (l *loader) warn(pos tree.Pos, format string, args ...any) {
	l.warnings = append(l.warnings, Warning{Source: sourceOf(pos), Message: fmt.Sprintf(format, args...)})
}

// load adds the stack in the file name, and those nested in it, to l.stacks. The
// source is the name of the file that sam build has made it of, or "".
func (l *loader) load(name, source, id string, parameters map[string]*tree.Value, depth int) error {
	if depth > maxStackDepth || len(l.stacks) == maxStacks {
		return &tree.Error{
			Pos:  tree.Pos{File: l.files.shown(name)},
			What: fmt.Sprintf("stacks nest deeper than %d levels, or there are more than %d", maxStackDepth, maxStacks),
			Why:  "a template may include itself",
			Fix:  "check the Location and TemplateURL of its stacks",
		}
	}
	template, err := l.files.parse(name)
	if err != nil {
		return err
	}
	s := &stack{id: id, file: name, template: template, loader: l, source: l.files.placed(template, source)}
	l.stacks = append(l.stacks, s)
	if !template.Truthy() {
		return nil // SAM CLI takes an empty file for a template without resources
	}
	if err := s.process(parameters); err != nil {
		return err
	}
	for _, e := range s.resources.Entries() {
		if err := l.loadChild(s, e, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// process brings a template into the form in which APIs are looked for.
func (s *stack) process(parameters map[string]*tree.Value) error {
	l := s.loader
	if l.options.LanguageExtensions {
		expanded, err := langext.Expand(s.template, intrinsic.Values(nil, parameters))
		if err != nil {
			return err
		}
		s.template = expanded
	}
	s.values = intrinsic.Values(s.template, parameters)
	if err := transform.Apply(s.template, s.values); err != nil {
		return err
	}
	if err := transform.Metadata(s.template); err != nil {
		return err
	}
	resources, err := s.resolver().Resources()
	if err != nil {
		return err
	}
	for _, e := range resources.Entries() {
		if p, ok := e.Value.Entry("Properties"); !e.Value.Is(tree.Map) || ok && !p.Value.Is(tree.Map) {
			return &tree.Error{
				Pos:  e.Key.Pos(),
				What: fmt.Sprintf("a function makes %s of resource %q or of its Properties", e.Value.Kind(), e.Name()),
				Why:  "SAM CLI crashes on it",
				Fix:  "use a Condition instead",
			}
		}
	}
	s.resources = resources
	return nil
}

// resolver returns a resolver for the stack's functions.
func (s *stack) resolver() *intrinsic.Resolver {
	include := func(location string) *tree.Value {
		l := s.loader
		name, err := l.files.resolve(l.folder, location)
		if err != nil || isRemote(location) {
			return nil
		}
		v, err := l.files.parse(name)
		if err != nil {
			return nil
		}
		return v
	}
	return intrinsic.New(s.template, s.values, include, s.loader.budget)
}

// loadChild loads the stack that a resource nests, if it does.
func (l *loader) loadChild(parent *stack, e tree.Entry, depth int) error {
	properties := e.Value.Get("Properties")
	var key string
	switch kind, _ := e.Value.Get("Type").Str(); kind {
	case transform.Application:
		key = "Location"
	case "AWS::CloudFormation::Stack":
		key = "TemplateURL"
	default:
		return nil
	}
	location := properties.Get(key)
	where, ok := location.Str()
	if location.Is(tree.Map) || isRemote(where) {
		l.skip(parent, e.Key.Pos(), ReasonRemoteStack, e.Name(), location)
		return nil
	}
	if !ok {
		return &tree.Error{
			Pos:  e.Key.Pos(),
			What: fmt.Sprintf("stack %q has no %s", e.Name(), key),
			Why:  "SAM CLI crashes on it",
			Fix:  fmt.Sprintf("write the path of its template: \"%s: ./child/template.yaml\"", key),
		}
	}
	parameters, err := childParameters(e, properties, l.options)
	if err != nil {
		return err
	}
	name, err := l.files.resolve(l.files.Beside(parent.file), where)
	if err == nil {
		id, _ := e.Value.Get("Metadata").Get("SamResourceId").Str()
		err = l.load(name, parent.source.child(l.files, e.Name(), key), path.Join(parent.id, id), parameters, depth)
	}
	switch {
	case errors.Is(err, errOutside) || errors.Is(err, smallfile.ErrIrregular):
		l.skip(parent, e.Key.Pos(), ReasonUnreadStack, e.Name(), location)
		l.warn(location.Pos(), "stack %q is not read: %v", e.Name(), err)
		return nil
	case errors.Is(err, fs.ErrNotExist):
		// SAM CLI would not start. But if it runs, it has the file, and it is
		// only here that it is missing: in a container, say.
		l.skip(parent, e.Key.Pos(), ReasonRemoteStack, e.Name(), location)
		l.warn(location.Pos(), "the template of stack %q does not exist: %q; without it SAM CLI does not start", e.Name(), where)
		return nil
	}
	return err
}

// childParameters returns the parameters that a stack is given.
func childParameters(e tree.Entry, properties *tree.Value, o Options) (map[string]*tree.Value, error) {
	given := properties.Get("Parameters")
	if given.Truthy() && !given.Is(tree.Map) {
		return nil, &tree.Error{
			Pos:  given.Pos(),
			What: fmt.Sprintf("the Parameters of stack %q are %s, not a map", e.Name(), given.Kind()),
			Why:  "SAM CLI crashes on it",
			Fix:  "write a name and a value in each line",
		}
	}
	parameters := o.global()
	for _, p := range given.Entries() {
		parameters[p.Name()] = p.Value
	}
	return parameters, nil
}
