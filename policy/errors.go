package policy

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/corsproxy/corsproxy/internal/redact"
)

// A FieldError is one mistake in a [Config].
type FieldError struct {
	Field      string // the key in a configuration file, such as "allow_origins"
	Index      int    // the place in the list, from 0; -1 where Field is no list
	Value      string // the value as it was given
	Reason     string // what is wrong, to be read after the value: "ends in a slash"
	Suggestion string // what would be right: `write "http://localhost:5173"`
}

// Error returns the mistake in one line, without the password of a URL.
func (e FieldError) Error() string {
	place := e.Field
	if e.Index >= 0 {
		place = fmt.Sprintf("%s[%d]", e.Field, e.Index)
	}
	return fmt.Sprintf("%s: %q %s; %s", place, redact.Address(e.Value), e.Reason, e.Suggestion)
}

// Errors is every mistake in a [Config]. It is what [New] returns as its error.
type Errors []FieldError

// Error returns the mistakes, one a line.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, field := range e {
		lines[i] = field.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the mistakes for [errors.As].
func (e Errors) Unwrap() []error {
	errs := make([]error, len(e))
	for i, field := range e {
		errs[i] = field
	}
	return errs
}

// quote returns s, which came with a request, fit for one line of a log: quoted,
// and cut where it is long.
func quote(s string) string {
	const limit = 80
	if len(s) <= limit {
		return strconv.Quote(s)
	}
	end := limit
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return strconv.Quote(s[:end]) + "…"
}

// enumerate joins names, of which it shows the first few.
func enumerate(names []string) string {
	const limit = 8
	if len(names) <= limit {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:limit], ", "), len(names)-limit)
}
