package sam

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/transform"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// SAM CLI collects the functions of a template before it looks for APIs, and
// does not start where it cannot. The routes can be told all the same, so that
// this is no reason to refuse a template.

const typeLambda = "AWS::Lambda::Function"

// checkFunctions finds the functions with which SAM CLI does not start.
func (l *loader) checkFunctions() {
	for _, s := range l.stacks {
		for _, e := range s.resources.Entries() {
			var code, image string
			switch kind, _ := e.Value.Get("Type").Str(); kind {
			case transform.Function:
				code, image = "CodeUri", "ImageUri"
			case typeLambda:
				code, image = "Code", "Code"
			default:
				continue
			}
			if remote, ok := remoteFunction(e, code, image); ok {
				l.remote = append(l.remote, remote)
				continue
			}
			fault := checkFunction(e)
			if fault != nil {
				l.faults = append(l.faults, fault)
				l.warn(fault.Pos, "%s: %s; %s", fault.Why, fault.What, fault.Fix)
			}
		}
	}
}

// remoteFunction reads a function whose code, which is where the property code
// or image says, is on S3 or an image in a registry. SAM CLI passes over it.
func remoteFunction(e tree.Entry, code, image string) (RemoteFunction, bool) {
	properties := e.Value.Get("Properties")
	kind, typed := properties.Entry("PackageType")
	isImage := typed && kind.Value.EqualsString("Image")
	property := code
	switch {
	case isImage && isRegistry(properties.Get(image)) && !e.Value.Get("Metadata").Get("DockerContext").Truthy():
		property = image
	case (!typed || kind.Value.EqualsString("Zip")) && isBucket(properties.Get(code)):
	default:
		return RemoteFunction{}, false
	}
	entry, _ := properties.Entry(property)
	return RemoteFunction{Name: e.Name(), Code: locationOf(entry.Value), Image: isImage, Pos: entry.Key.Pos()}, true
}

// locationOf writes where code is, as far as the template says.
func locationOf(v *tree.Value) string {
	if s, ok := v.Str(); ok {
		return s
	}
	if s, ok := v.Get("ImageUri").Str(); ok {
		return s
	}
	for _, names := range [][2]string{{"Bucket", "Key"}, {"S3Bucket", "S3Key"}} {
		bucket, ok := v.Get(names[0]).Str()
		key, also := v.Get(names[1]).Str()
		if ok && also {
			return "s3://" + bucket + "/" + key
		}
	}
	return ""
}

// checkFunction checks one function, whose code is on this machine.
func checkFunction(e tree.Entry) *TemplateError {
	properties := e.Value.Get("Properties")
	kind, typed := properties.Entry("PackageType")
	isZip := !typed || kind.Value.EqualsString("Zip")
	if layers, ok := properties.Entry("Layers"); ok && !layers.Value.Is(tree.List, tree.Map, tree.String) {
		return &TemplateError{
			Pos:  layers.Key.Pos(),
			What: fmt.Sprintf("the Layers of function %q are %s, not a list", e.Name(), layers.Value.Kind()),
			Why:  doesNotStart,
			Fix:  "remove the line, or write each layer in a line of its own",
		}
	}
	if isZip && !properties.Get("Handler").Truthy() {
		return &TemplateError{
			Pos:  e.Key.Pos(),
			What: fmt.Sprintf("function %q has no Handler", e.Name()),
			Why:  doesNotStart,
			Fix:  `write "Handler: app.handler", with the names of your file and function, or "PackageType: Image" for a container image`,
		}
	}
	return nil
}

const doesNotStart = "SAM local does not start"

// isBucket reports whether code is on S3.
func isBucket(v *tree.Value) bool {
	s, _ := v.Str()
	return v.Has("S3Bucket") || v.Has("Bucket") || strings.HasPrefix(s, "s3://")
}

// registry is how the address of an image begins that SAM CLI does not load
// from the disk: one in Amazon ECR, or on this machine.
var registry = regexp.MustCompile(`^(?:[a-zA-Z0-9][\w-]*\.dkr\.ecr\.[a-zA-Z0-9][\w-]*\.amazonaws\.com(?:\.cn)?|(?:localhost|127\.0\.0\.1)(?::\d{1,5})?)/[a-z0-9]`)

// isRegistry reports whether an image is in a registry.
func isRegistry(v *tree.Value) bool {
	s, ok := v.Str()
	if !ok {
		s = v.Get("ImageUri").Text()
	}
	return registry.MatchString(s)
}
