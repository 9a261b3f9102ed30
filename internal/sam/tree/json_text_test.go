package tree_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// TestJSONOfDepth writes what nests deeply: each level is written no more than once
// for each above it.
func TestJSONOfDepth(t *testing.T) {
	t.Parallel()
	const depth = 60
	text := strings.Repeat("[", depth) + strings.Repeat("a", 100) + strings.Repeat("]", depth)
	v, err := tree.Parse("t", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.Unmarshal([]byte(v.JSON("")), &got); err != nil {
		t.Fatal(err)
	}
	for range depth {
		got = got.([]any)[0]
	}
	if got != strings.Repeat("a", 100) {
		t.Errorf("got %v", got)
	}
}
