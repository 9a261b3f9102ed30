package sam

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
	"github.com/corsproxy/corsproxy/internal/smallfile"
)

// A Pos is a place in a template.
type Pos = tree.Pos

// A TemplateError says why SAM CLI refuses a template, and where: What is
// wrong, Why that matters, and the Fix.
type TemplateError = tree.Error

// Options are those of `sam local start-api` that bear on what it mounts.
type Options struct {
	Parameters         map[string]string // --parameter-overrides
	Region             string            // --region
	LanguageExtensions bool              // --language-extensions
	DisableAuthorizer  bool              // --disable-authorizer

	// Files are those that Parameters were read from, or that are not there.
	Files []string

	// From is the folder as seen from which places name their files; "" is that of
	// the template, or of the project that a build belongs to.
	From string

	// Source is the path of the template that sam build reads, where SAM's
	// configuration names one; see [BuildSource].
	Source string
}

// global returns the parameters that every stack gets.
func (o Options) global() map[string]*tree.Value {
	m := make(map[string]*tree.Value)
	if o.Region != "" {
		m["AWS::Region"] = tree.NewString(Pos{}, o.Region)
	}
	return m
}

// An Application is what a template, with the stacks nested in it, declares.
type Application struct {
	Template  string      // path of the template
	Local     Local       // what SAM local mounts
	Deployed  []API       // what AWS deploys, API by API
	BasePaths []string    // of custom domains: "/shop"
	Unmounted []Unmounted // what SAM local passes over
	// Faults are those with which SAM local does not start, though it is known
	// what it would mount. Each is among the Warnings, too.
	Faults []*TemplateError
	// Repeats are the keys whose values are lost, since they stand again in the
	// same map. Each is among the Warnings, too.
	Repeats []*TemplateError
	// Remote are the functions that SAM local passes over, since their code is
	// not on this machine. It mounts their routes all the same.
	Remote   []RemoteFunction
	Warnings []Warning
	Files    []string // absolute paths of all files that were read, or are not there
}

// A RemoteFunction is a function whose code is elsewhere.
type RemoteFunction struct {
	Name  string // its logical id
	Code  string // where the code is: "s3://…", the name of an image; "" where the template computes it
	Image bool   // the code is an image in a registry, not an archive on S3
	Pos   Pos    // of the property that says so
}

// Local is what SAM local mounts.
type Local struct {
	Routes []Route
	// CORS is the one policy that SAM local applies to all routes, whatever
	// their API; nil if there is none.
	CORS *LocalCORS
	// CORSOf is the API of SAM's own whose setting that is, or who has none: the
	// last, deployed or not; "" where there is no such API.
	CORSOf string
	// RouteCORS holds the policies of OPTIONS methods that declare their own, by
	// the routes that have them ("OPTIONS /items"), which are those of the same
	// function on the same path; they count before CORS.
	RouteCORS map[string]*LocalCORS
	// Rivals are the routes of other functions that the template has for the method
	// and path of one of Routes, by that ("OPTIONS /items").
	Rivals map[string][]Rival
	// Guarded are the routes that Lambda authorizers guard, and those of the same
	// functions on the same paths.
	Guarded []Guarded
}

// A Rival is a route whose method and path are those of a route that answers.
type Rival struct {
	Route Route
	// ByChance says that SAM local, which keeps its routes in a set, may as well
	// have this one answer: Python's hash seed decides, at each start anew.
	ByChance bool
}

// A Warning is something that the reader of a template should know.
type Warning struct {
	Source  string `json:"source"` // "template.yaml:12"
	Message string `json:"message"`
}

// String returns "template.yaml:12: message".
func (w Warning) String() string {
	if w.Source == "" {
		return w.Message
	}
	return w.Source + ": " + w.Message
}

// A Reason says why SAM local does not mount what a template declares.
type Reason string

// The reasons.
const (
	ReasonIntegration      Reason = "integration"       // MOCK, HTTP, AWS: only Lambda proxies are emulated
	ReasonFunctionName     Reason = "function-name"     // the integration's function cannot be told: an alias, a stage variable
	ReasonStateMachine     Reason = "state-machine"     // the event starts a state machine, and SAM local calls functions alone
	ReasonProvider         Reason = "provider"          // raw API resources beside SAM's own, or the reverse
	ReasonRemoteDefinition Reason = "remote-definition" // the OpenAPI document is on S3, or outside of what is read; see [Folder]
	ReasonRemoteStack      Reason = "remote-stack"      // the nested stack's template is not a local file, or does not exist
	ReasonUnreadStack      Reason = "unread-stack"      // SAM local reads the nested stack's template, and Load does not; see [Folder]
	ReasonFunctionURL      Reason = "function-url"      // a function URL is no route
	ReasonWebSocket        Reason = "websocket"         // WebSocket APIs are not emulated
)

// An Unmounted is a route, or all of an API or stack, that SAM local passes
// over. A Route without Path stands for the whole API; its Source says where
// it is declared.
type Unmounted struct {
	Route  Route
	Reason Reason
	Detail string // the integration's type, the location, the logical id
}

func (l *loader) skip(s *stack, pos Pos, reason Reason, id string, detail *tree.Value) {
	text := id
	if detail != nil {
		text += ": " + detail.Text()
	}
	l.skipped = append(l.skipped, Unmounted{
		Route:  Route{API: path.Join(s.id, id), Source: sourceOf(pos)},
		Reason: reason,
		Detail: text,
	})
}

// sourceOf returns "template.yaml:12".
func sourceOf(pos Pos) string {
	if pos.Line == 0 {
		return pos.File
	}
	return fmt.Sprintf("%s:%d", pos.File, pos.Line)
}

// sources are the names that SAM CLI looks for beside what `sam build` writes.
var sources = [...]string{"template.yaml", "template.yml", "template.json"}

// Candidates returns the paths of the templates that SAM CLI looks for in dir:
// what `sam build` has written, then those beside it. The first that exists
// counts.
func Candidates(dir string) []string {
	paths := []string{filepath.Join(dir, ".aws-sam", "build", "template.yaml")}
	for _, name := range sources {
		paths = append(paths, filepath.Join(dir, name))
	}
	return paths
}

// Find returns the template that SAM CLI takes in dir. The error is an
// fs.ErrNotExist.
func Find(dir string) (string, error) {
	return first(Candidates(dir), dir)
}

// FindSource returns the template that `sam build` made the one at name of: the
// configured one, or, where that is "", the one that SAM CLI takes by itself. The
// error is an fs.ErrNotExist, also where the one at name is no build's.
func FindSource(name, configured string) (string, error) {
	dir, ok := projectOf(name)
	switch {
	case !ok:
		return "", fmt.Errorf("%s is not what sam build has written: %w", name, fs.ErrNotExist)
	case configured != "":
		_, err := os.Stat(configured)
		return configured, err
	}
	return first(Candidates(dir)[1:], dir)
}

// BuildFolder is where `sam build` writes, as the places in a build have it.
const BuildFolder = ".aws-sam/build/"

// IsBuilt reports whether `sam build` has written the template at name.
func IsBuilt(name string) bool {
	_, ok := projectOf(name)
	return ok
}

// synthesized is what `cdk synth` writes beside, or into, the resources of a template.
var synthesized = regexp.MustCompile(`(?m)(?:^|[{,])[ \t]*["']?(?:aws:cdk:path["']?[ \t]*:|Type["']?[ \t]*:[ \t]*["']?AWS::CDK::Metadata\b)`)

// IsSynthesized reports whether the template at name looks like one that `cdk synth`
// has written, be it built by `sam build` since or not.
func IsSynthesized(name string) bool {
	data, err := smallfile.Read(name, tree.MaxSize)
	return err == nil && synthesized.Match(data)
}

// projectOf returns the folder for which `sam build` has written the template
// at name; it is false where another has written it.
func projectOf(name string) (string, bool) {
	dir := filepath.Dir(name)
	parent := filepath.Dir(dir)
	return filepath.Dir(parent), filepath.Base(dir) == "build" && filepath.Base(parent) == ".aws-sam"
}

func first(paths []string, dir string) (string, error) {
	for _, name := range paths {
		if _, err := os.Stat(name); err == nil {
			return name, nil
		}
	}
	return "", fmt.Errorf("no template.yaml, template.yml or template.json in %s: %w", dir, fs.ErrNotExist)
}

// Load reads the template at name as SAM CLI does. The error is a
// *TemplateError for what SAM CLI refuses, else it says why the file cannot
// be read. A template without routes is no error here, though SAM local does
// not start with it.
//
// Load reads no file outside the template's [Folder], and asks neither AWS nor
// any other host.
func Load(name string, o Options) (*Application, error) {
	l, err := open(name, o)
	if err != nil {
		return nil, err
	}
	defer l.files.Close()
	app := &Application{Template: name}
	if err := l.loadRoot(name); err != nil {
		return nil, err
	}
	l.checkFunctions()
	if app.Local, err = l.local(); err != nil {
		return nil, err
	}
	if app.Deployed, err = l.deployed(); err != nil {
		return nil, err
	}
	for i := range app.Deployed {
		app.Deployed[i].guarded = app.Local.Guarded
	}
	l.fill(app)
	return app, nil
}

// fill gives an application what the loader has noted besides its routes.
func (l *loader) fill(app *Application) {
	app.BasePaths, app.Unmounted, app.Faults, app.Warnings, app.Files = l.basePaths, l.skipped, l.faults, l.warnings, l.files.names
	app.Remote = l.remote
	seen := make(map[tree.Repeat]bool, len(l.files.repeats))
	for _, r := range l.files.repeats {
		if seen[r] {
			continue
		}
		seen[r] = true
		fault := r.Fault()
		app.Repeats = append(app.Repeats, fault)
		app.Warnings = append(app.Warnings, Warning{Source: sourceOf(fault.Pos), Message: fault.What + "; " + fault.Why + "; " + fault.Fix})
	}
}
