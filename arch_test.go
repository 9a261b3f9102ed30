// Package corsproxy holds no code, only the test of how the packages below it
// may depend on each other.
package corsproxy

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/corsproxy/corsproxy/"

// layers lists the packages from the top down. A package may import those of
// the layers below its own, and its own subpackages.
var layers = [][]string{
	{"cmd", "bench", "soak"},
	{"internal/inspect"},
	{"proxy"},
	{"policy", "internal/diagnosis", "internal/demo", "internal/check", "internal/console", "internal/compare"},
	{"internal/apigateway", "internal/fetch"},
	{"internal/child", "internal/sam", "internal/http1"},
	{"internal/pathpattern", "internal/browser", "internal/printable", "internal/redact", "internal/smallfile", "internal/jsontext", "internal/memo", "internal/shell", "internal/transcript", "internal/loopback"},
}

// owners are the only packages that may import a library, each with what is
// below it.
var owners = map[string]string{
	"github.com/spf13/":           "cmd",
	"go.uber.org/zap":             "cmd",
	"github.com/fsnotify/":        "cmd",
	"github.com/elazarl/goproxy":  "proxy",
	"github.com/rs/cors":          "policy bench",
	"github.com/creack/pty":       "internal/child",
	"golang.org/x/sys/":           "internal/child internal/http1",
	"go.yaml.in/yaml/":            "cmd internal/sam internal/diagnosis",
	"github.com/andybalholm/":     "internal/diagnosis",
	"github.com/klauspost/":       "internal/diagnosis",
	"net/http/httputil":           "bench",
	"github.com/stretchr/testify": "",
}

func TestImportsPointDownwards(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		from := layerOf(name)
		if from < 0 {
			t.Errorf("%s is in no layer", name)
			continue
		}
		for _, imported := range p.Imports {
			if inner, ok := strings.CutPrefix(imported, module); ok {
				to := layerOf(inner)
				if to < from || to == from && rootOf(inner) != rootOf(name) {
					t.Errorf("%s imports %s, which is not below it", name, inner)
				}
				continue
			}
			for library, allowed := range owners {
				if strings.HasPrefix(imported, library) && !slices.Contains(strings.Fields(allowed), rootOf(name)) {
					t.Errorf("%s imports %s, which is for %q alone", name, imported, allowed)
				}
			}
		}
	}
}

// rootOf returns the entry of layers that name is, or is below.
func rootOf(name string) string {
	for _, layer := range layers {
		for _, root := range layer {
			if name == root || strings.HasPrefix(name, root+"/") {
				return root
			}
		}
	}
	return ""
}

func layerOf(name string) int {
	return slices.IndexFunc(layers, func(l []string) bool { return slices.Contains(l, rootOf(name)) })
}

type listed struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) (all []listed) {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(p.ImportPath, module) {
			all = append(all, p)
		}
	}
	if len(all) < 5 {
		t.Fatalf("go list named only %d packages", len(all))
	}
	return all
}
