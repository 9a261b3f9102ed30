package jsontext_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/jsontext"
)

func TestWrite(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                           `""`,
		"<a href='ü'> 日本 \U0001f600": "\"<a href='ü'> 日本 \U0001f600\"",
		"line\nend\ttab\x1b[2J":      `"line\nend\ttab\u001b[2J"`,
		"\x7f \u009b31m":             `"\u007f \u009b31m"`,
		"\u202etxt.exe \u2066\u200b": `"\u202etxt.exe \u2066\u200b"`,
		"\u2028":                     `"\u2028"`,
		"\U000e0041":                 `"\udb40\udc41"`,
		`\u007f`:                     `"\\u007f"`,
	} {
		var b strings.Builder
		if err := jsontext.Write(&b, map[string]string{"a": text}); err != nil {
			t.Fatal(err)
		}
		if got := b.String(); got != "{\n  \"a\": "+want+"\n}\n" {
			t.Errorf("%q: wrote %s, want %s", text, got, want)
		}
		var back map[string]string
		if err := json.Unmarshal([]byte(b.String()), &back); err != nil || back["a"] != text {
			t.Errorf("%q: read back %q, %v", text, back["a"], err)
		}
	}
}
