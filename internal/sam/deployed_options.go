package sam

import (
	"net/http"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/transform"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// lacksOptions reports whether a path has no OPTIONS of its own.
func lacksOptions(operations []declared) bool {
	_, of := byPath(operations)
	for _, all := range of {
		if !slices.ContainsFunc(all, func(op declared) bool { return op.key == "options" }) {
			return true
		}
	}
	return false
}

// addOptions adds a MOCK OPTIONS to each path that has none. Of paths that
// differ in a trailing slash only one gets one: to API Gateway they are one.
// Which that is cannot be told, since SAM does not keep the order, and by
// default it lists the methods of that path alone.
//
// SAM knows of no condition's value: it lists the methods of functions that are
// not deployed, too, and leaves a path alone to which one of them gives its own
// OPTIONS. A path with no others is not deployed, but in a document of the
// user's, where it has its OPTIONS all the same.
func addOptions(operations []declared, undeployed undeployed, cors, written *tree.Value) []declared {
	paths, of := byPath(slices.Concat(operations, undeployed.operations))
	paths = slices.DeleteFunc(paths, func(path string) bool {
		return undeployed.withPaths && !slices.ContainsFunc(operations, func(op declared) bool { return op.path == path })
	})
	seen := make(map[string]int) // index of the operation; -1 for the path's own
	for _, path := range paths {
		normal := path
		if path != "/" {
			normal = strings.TrimRight(path, "/")
		}
		first, again := seen[normal]
		own := slices.ContainsFunc(of[path], func(op declared) bool { return op.key == "options" })
		switch {
		case again && first >= 0 && !own && !written.Get("AllowMethods").Truthy():
			operations[first].unsure = "whether SAM lists the methods of " + operations[first].path + " or of " + path
		case !again && own:
			seen[normal] = -1
		case !again:
			seen[normal] = len(operations)
			values := corsValues(cors, written, of[path])
			operations = append(operations, declared{
				path: path, method: http.MethodOptions, integration: "mock", key: "options",
				responses: values, answer: corsAnswer(values), generated: true, short: cors.Is(tree.String), places: placesOf(written), computed: computedOf(written), pos: written.Pos(),
			})
		}
	}
	return operations
}

// undeployed is what functions and state machines with a false condition declare for an API.
type undeployed struct {
	operations []declared
	withPaths  bool // a path that nothing else declares is not deployed either
}

func (d *deployer) undeployed(api tree.Entry) undeployed {
	properties := api.Value.Get("Properties")
	managed := properties.Has(transform.Managed)
	if !managed && !properties.Get("MergeDefinitions").IsTrue() {
		return undeployed{}
	}
	operations := slices.DeleteFunc(slices.Clone(d.absent[api.Name()]), func(op declared) bool {
		return op.http || !managed && op.integration == "aws"
	})
	return undeployed{operations, managed}
}

// corsValues returns the headers that SAM sets for a Cors property on a path:
// the origin is any by default, the methods are those of the path. SAM goes by
// what is written, and CloudFormation resolves the functions afterwards: where
// one makes nothing, there is no default.
func corsValues(cors, written *tree.Value, operations []declared) *tree.Value {
	pos := written.Pos()
	values := tree.NewMap(pos)
	if written.Is(tree.String) || isFunction(written) {
		values.Set("AllowOrigin", cors)
		written = nil
	} else if !written.Has("AllowOrigin") {
		values.Set("AllowOrigin", tree.NewString(pos, "'*'"))
	}
	for _, h := range corsHeaders {
		if v := cors.Get(h.property); v.Truthy() || h.property == "MaxAge" && v != nil {
			values.Set(h.property, v)
		}
	}
	if !written.Get("AllowMethods").Truthy() {
		values.Set("AllowMethods", tree.NewString(pos, "'"+strings.Join(methodsWithOptions(operations), ",")+"'"))
	}
	values.Delete("AllowCredentials")
	if written.Get("AllowCredentials").IsTrue() {
		values.Set("AllowCredentials", tree.NewString(pos, "'true'"))
	}
	return values
}

// placesOf returns where the keys of a map stand.
func placesOf(v *tree.Value) map[string]string {
	places := make(map[string]string, v.Len())
	for _, e := range v.Entries() {
		places[e.Name()] = sourceOf(e.Key.Pos())
	}
	return places
}

// computedOf returns the keys of a CORS setting, as written, whose values are made
// by functions.
func computedOf(written *tree.Value) []string {
	all := []string{"AllowOrigin", "AllowOrigins", "AllowMethods", "AllowHeaders", "ExposeHeaders"}
	if isFunction(written) {
		return append(all, "AllowCredentials")
	}
	var keys []string
	for _, key := range all {
		if hasFunction(written.Get(key)) {
			keys = append(keys, key)
		}
	}
	return keys
}

// hasFunction reports whether v is a function, or a list with one in it.
func hasFunction(v *tree.Value) bool {
	return isFunction(v) || slices.ContainsFunc(v.Items(), isFunction)
}

// methodsWithOptions returns the methods of a path and OPTIONS, sorted.
func methodsWithOptions(operations []declared) []string {
	methods := []string{http.MethodOptions}
	for _, op := range operations {
		methods = append(methods, expandMethod(op.method)...)
	}
	slices.Sort(methods)
	return slices.Compact(methods)
}

// noteWritten notes of an OPTIONS method that the template has itself where its
// CORS headers stand, and which of them functions make. The parameters are those
// of its response as written; where they are not there, a function makes them all.
func (d *deployer) noteWritten(op *declared, parameters *tree.Value) {
	written := corsParameters(parameters)
	if written == nil {
		written = tree.NewIntrinsic(op.pos, "Fn::If", nil)
	}
	op.places, op.computed = parameterPlaces(parameters), computedOf(written)
	if slices.Contains(op.computed, "AllowOrigin") {
		op.from = d.textSource(written.Get("AllowOrigin"), true)
	}
}

// parameterPlaces returns where response parameters stand, by the properties of a
// Cors that they would be.
func parameterPlaces(parameters *tree.Value) map[string]string {
	places := make(map[string]string)
	for _, h := range corsHeaders {
		if e, ok := parameters.Entry(responseHeader + h.header); ok {
			places[h.property] = sourceOf(e.Key.Pos())
		}
	}
	return places
}

// writtenBody returns an API's OpenAPI document with its functions. One in a file
// has them still.
func (d *deployer) writtenBody(e tree.Entry, inline string, body *tree.Value) *tree.Value {
	written := d.template.Get("Resources").Get(e.Name()).Get("Properties").Get(inline)
	if written == nil || written.Has("Fn::Transform") {
		return body
	}
	return written
}
