package transform

import (
	"fmt"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// The keys of Metadata that the CDK and SAM itself write.
const (
	assetPath     = "aws:asset:path"
	assetProperty = "aws:asset:property"
	cdkPath       = "aws:cdk:path"
	resourceID    = "SamResourceId"
	normalized    = "SamNormalized"
)

// Metadata puts the paths of assets, which the CDK writes into Metadata, into
// the properties they are about, and gives each resource the id that SAM
// knows it by.
func Metadata(template *tree.Value) error {
	for _, e := range template.Get("Resources").Entries() {
		metadata := e.Value.Get("Metadata")
		if metadata != nil && !metadata.Is(tree.Map) {
			return &tree.Error{
				Pos:  metadata.Pos(),
				What: fmt.Sprintf("the Metadata of resource %q is %s, not a map", e.Name(), metadata.Kind()),
				Why:  "SAM CLI crashes on it",
				Fix:  "indent its keys below it, or remove it",
			}
		}
		changed := tree.NewMap(posOf(metadata, e.Key))
		for _, m := range metadata.Entries() {
			changed.SetEntry(m.Key, m.Value)
		}
		if !changed.Get(normalized).Truthy() {
			setAsset(e, changed)
		}
		changed.Set(resourceID, tree.NewString(e.Key.Pos(), idOf(e)))
		e.Value.Set("Metadata", changed)
	}
	return nil
}

// setAsset sets the property that an asset is for.
func setAsset(e tree.Entry, metadata *tree.Value) {
	property, ok := metadata.Get(assetProperty).Str()
	path := metadata.Get(assetPath)
	if property == "Code.ImageUri" {
		path = tree.NewString(path.Pos(), strings.ToLower(e.Name()))
	}
	target := e.Value.Get("Properties")
	if !ok || property == "" || !path.Truthy() || target == nil {
		return
	}
	keys := strings.Split(property, ".")
	for _, key := range keys[:len(keys)-1] {
		inner := tree.NewMap(path.Pos())
		target.Set(key, inner)
		target = inner
	}
	target.Set(keys[len(keys)-1], path)
	metadata.Set(normalized, tree.NewBool(path.Pos(), true))
}

const nestedSuffix = ".NestedStack"

// idOf returns the id of a resource: its own choice, else the id of its CDK
// construct, else its logical id.
func idOf(e tree.Entry) string {
	metadata := e.Value.Get("Metadata")
	if id, _ := metadata.Get(resourceID).Str(); id != "" {
		return id
	}
	path, _ := metadata.Get(cdkPath).Str()
	parts := strings.Split(path, "/")
	if path == "" || len(parts) < 2 || len(parts) > 3 {
		return e.Name()
	}
	last, parent := parts[len(parts)-1], parts[len(parts)-2]
	isStack := e.Value.Get("Type").EqualsString("AWS::CloudFormation::Stack")
	id := last
	if last == "Resource" || isStack && strings.HasSuffix(parent, nestedSuffix) {
		id = parent
	}
	if isStack {
		id = strings.TrimSuffix(id, nestedSuffix)
	}
	return id
}
