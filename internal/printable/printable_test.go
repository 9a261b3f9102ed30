package printable_test

import (
	"testing"

	"github.com/corsproxy/corsproxy/internal/printable"
)

func TestLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, line, text string }{
		{"", "", ""},
		{`/items/{id} "a" \b`, `/items/{id} "a" \b`, `/items/{id} "a" \b`},
		{"/größe/日本→…", "/größe/日本→…", "/größe/日本→…"},
		{"a\nb\tc\r\n", `a\nb\tc\r\n`, "a\nb\tc\\r\n"},
		{"\x1b]52;c;cHduZWQ=\a\x7f\x00", `\x1b]52;c;cHduZWQ=\a\x7f\x00`, `\x1b]52;c;cHduZWQ=\a\x7f\x00`},
		{"a\u202eb\u200b\u2028\u009b1m", `a\u202eb\u200b\u2028\u009b1m`, `a\u202eb\u200b\u2028\u009b1m`},
		{"a\xff\"", `a\xff"`, `a\xff"`},
	} {
		if got := printable.Line(c.in); got != c.line {
			t.Errorf("Line(%q) is %q, want %q", c.in, got, c.line)
		}
		if got := printable.Text(c.in); got != c.text {
			t.Errorf("Text(%q) is %q, want %q", c.in, got, c.text)
		}
	}
}
