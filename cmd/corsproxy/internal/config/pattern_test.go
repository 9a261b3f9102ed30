package config_test

import (
	"strconv"
	"strings"
	"testing"
)

// TestPathsOfOtherRouters holds that a path in another router's spelling is
// refused, which would match nothing, and that text is taken as text.
func TestPathsOfOtherRouters(t *testing.T) {
	t.Parallel()
	const asText = "is read as text"
	for path, want := range map[string]string{
		"/todos/:id":            "write {id}",
		"/todos/:id(\\d+)/edit": "write {id}",
		"/files/:path*":         "write {path+}",
		"/todos/[id]":           "write {id}",
		"/files/[...path]":      "write {path+}",
		"/files/[[...path]]":    "write {path+}",
		"/todos/$id":            "write {id}",
		"/todos/$todoId":        "write {todoId}",
		"/todos/.*":             asText,
		"/todos/(.+)":           asText,
		"/files/*.png":          asText,
		"/{id}.*":               asText,
		"^/todos":               asText,
		"/todos/[0-9]+":         asText,
		"/todos/\\d+":           asText,
		"/todos$":               asText,

		"/todos/{id}":               "",
		"/{id}:cancel":              "",
		"/v1/items:batchGet":        "",
		"/odata/$metadata":          "",
		"/Patient/{id}/$everything": "",
		"/Products(1)":              "",
		"/items[0]":                 "",
		"/.well-known/x":            "",
		"/a+b":                      "",
		"/{a.+}":                    "",
		"/my files/{name}":          "",
		"$default":                  "",
		"/":                         "",
	} {
		_, err := load(t, "routes:\n  - path: "+strconv.Quote(path)+"\n")
		switch {
		case want == "" && err != nil:
			t.Errorf("%s is refused: %v", path, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v; want %s", path, err, want)
		}
	}
}
