package inspect

import (
	"github.com/corsproxy/corsproxy/internal/redact"
	"github.com/corsproxy/corsproxy/proxy"
)

// Redacted stands in place of a secret.
const Redacted = redact.Mark

// A redactor replaces secrets, or nothing if it is false. Bodies are left as
// they are: what is a secret in them only their function knows.
type redactor bool

// text replaces secrets in a sentence.
func (r redactor) text(s string) string {
	if !r {
		return s
	}
	return redact.Text(s)
}

// line replaces secrets in a start line or a target.
func (r redactor) line(s string) string {
	if !r {
		return s
	}
	return redact.Line(s)
}

// value replaces what is secret in the value of a field.
func (r redactor) value(name, value string) string {
	if !r {
		return value
	}
	return redact.Field(name, value)
}

// fields replaces secrets in header fields.
func (r redactor) fields(fields []proxy.Field) []proxy.Field {
	out := make([]proxy.Field, len(fields))
	for i, f := range fields {
		out[i] = proxy.Field{Name: f.Name, Value: r.value(f.Name, f.Value)}
	}
	return out
}

// hides reports whether anything in e is a secret.
func hides(e *entry) bool {
	all := redactor(true)
	if all.line(e.Target) != e.Target {
		return true
	}
	if e.Record == nil {
		return false
	}
	for _, m := range []proxy.Message{e.Record.Request, e.Record.Upstream, e.Record.Answer} {
		if all.line(m.Line) != m.Line {
			return true
		}
		for _, f := range m.Fields {
			if all.value(f.Name, f.Value) != f.Value {
				return true
			}
		}
	}
	return false
}
