package sam

import (
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/transform"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// basePaths returns the base paths under which custom domains serve the APIs
// of a stack: "/shop". What AWS alone can resolve is left out.
func (d *deployer) basePaths() []string {
	var paths []string
	for _, e := range d.live {
		properties := e.Value.Get("Properties")
		var declared *tree.Value
		switch kind, _ := e.Value.Get("Type").Str(); kind {
		case transform.API, transform.HTTPAPI:
			declared = properties.Get("Domain").Get("BasePath")
		case "AWS::ApiGateway::BasePathMapping", "AWS::ApiGateway::BasePathMappingV2":
			declared = properties.Get("BasePath")
		case "AWS::ApiGatewayV2::ApiMapping":
			declared = properties.Get("ApiMappingKey")
		default:
			continue
		}
		for _, v := range append([]*tree.Value{declared}, declared.Items()...) {
			text, _ := v.Str()
			if text = strings.Trim(text, "/"); text != "" && text != "(none)" {
				paths = append(paths, "/"+text)
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}
