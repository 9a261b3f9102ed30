package main

import (
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/samtemplate"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// TestKnownMount forgets what SAM local may have had, once it has read the template
// again.
func TestKnownMount(t *testing.T) {
	t.Parallel()
	changed := time.Unix(1e9, 0)
	for name, c := range map[string]struct {
		mounted time.Time
		want    int
	}{"before the change": {changed.Add(-1), 1}, "after it": {changed.Add(1), 0}} {
		k := known{template: samtemplate.Reading{Changed: changed}, earlier: []*sam.Application{{}}}
		k.mount([]sam.Route{{Method: "GET", Path: "/x"}}, c.mounted)
		if len(k.earlier) != c.want || len(k.logged) != 1 || k.mounted != c.mounted {
			t.Errorf("mounted %s: %+v", name, k)
		}
	}
}
