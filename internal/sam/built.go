package sam

import (
	"path/filepath"
	"slices"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// OtherCORS returns the ids of the APIs that another application has, too, with
// another CORS setting: that of a build, say, which is older than its template.
// Where a setting stands, and how it is written, makes no difference.
func (a *Application) OtherCORS(other *Application) []string {
	var ids []string
	for _, api := range a.Deployed {
		i := slices.IndexFunc(other.Deployed, func(o API) bool { return o.ID == api.ID })
		if i >= 0 && !api.CORS.equal(other.Deployed[i].CORS) {
			ids = append(ids, api.ID)
		}
	}
	return ids
}

// equal reports whether two settings, either of which may be nil, allow the same.
func (c *CORS) equal(o *CORS) bool {
	if c == nil || o == nil {
		return c == o
	}
	age := func(c *CORS) int64 {
		if c.MaxAge == nil {
			return -1
		}
		return *c.MaxAge
	}
	return slices.Equal(c.AllowOrigins, o.AllowOrigins) && slices.Equal(c.AllowMethods, o.AllowMethods) &&
		slices.Equal(c.AllowHeaders, o.AllowHeaders) && slices.Equal(c.ExposeHeaders, o.ExposeHeaders) &&
		c.AllowCredentials == o.AllowCredentials && age(c) == age(o)
}

// A source is the template of which sam build has made another, which `sam local`
// reads. The next build puts it in the place of that one: what is to be found or
// changed, people look for in the source.
type source struct {
	file string
	root *tree.Value // nil where there is none
}

// source returns the name of the template of which sam build has made the one at
// name, or ""; see [FindSource].
func (f *files) source(name, configured string) string {
	abs, err := filepath.Abs(name)
	if err != nil {
		return ""
	}
	found, err := FindSource(abs, configured)
	if err != nil {
		return ""
	}
	if found, err = filepath.Abs(found); err != nil {
		return ""
	}
	name, err = f.Name(found)
	if err != nil {
		return ""
	}
	return name
}

// placed gives what stands in a build the places that it has in the file called
// source, if it is there: a template without any of the resources is none.
func (f *files) placed(built *tree.Value, name string) source {
	if name == "" {
		return source{}
	}
	data, err := f.Read(name)
	if err != nil {
		return source{}
	}
	if f.sourceSize += int64(len(data)); f.sourceSize > maxRead {
		return source{}
	}
	root, err := tree.Parse(f.shown(name), data)
	if err != nil {
		return source{}
	}
	resources := root.Get("Resources")
	if !slices.ContainsFunc(built.Get("Resources").Entries(), func(e tree.Entry) bool {
		kind, ok := e.Value.Get("Type").Str()
		return ok && resources.Get(e.Name()).Get("Type").EqualsString(kind)
	}) {
		return source{}
	}
	built.PlaceAs(root, func(key string) bool { return slices.Contains(rewritten[:], key) })
	return source{name, root}
}

// rewritten are the properties in which sam build writes where it has put code,
// documents and nested templates.
var rewritten = [...]string{
	"BodyS3Location", "Code", "CodeUri", "Content", "ContentUri", "DefinitionS3Location",
	"DefinitionUri", "ImageUri", "Location", "SchemaUri", "TemplateURL",
}

// child returns the name of the source of a nested stack, or "".
func (s source) child(f *files, id, key string) string {
	location, ok := s.root.Get("Resources").Get(id).Get("Properties").Get(key).Str()
	if !ok || isRemote(location) {
		return ""
	}
	name, err := f.resolve(f.Beside(s.file), location)
	if err != nil {
		return ""
	}
	return name
}
