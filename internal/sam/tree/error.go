package tree

import (
	"strings"

	"github.com/corsproxy/corsproxy/internal/printable"
)

// An Error says what is wrong with a document, and where.
type Error struct {
	Pos  Pos
	What string // what is wrong, quoting it: `event "Get" has no Path`
	Why  string // what follows from it, or "": `SAM CLI does not start`
	Fix  string // what would be right, or "": `add "Path: /items"`
}

// Error returns "template.yaml:12:5: what; why; fix".
func (e *Error) Error() string {
	var b strings.Builder
	if p := e.Pos.String(); p != "" {
		b.WriteString(printable.Line(p) + ": ")
	}
	b.WriteString(e.What)
	for _, s := range []string{e.Why, e.Fix} {
		if s != "" {
			b.WriteString("; " + s)
		}
	}
	return b.String()
}
