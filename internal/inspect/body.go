package inspect

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/corsproxy/corsproxy/proxy"
)

// maxHex is how many bytes of a binary body are shown.
const maxHex = 8 << 10

// A bodyView is a body as a page shows it: always as text, never as what its
// type says that it is.
type bodyView struct {
	Kind  string `json:"kind"` // none, text, json, or hex
	Text  string `json:"text"`
	Size  int64  `json:"size"`  // of the body that went by
	Whole bool   `json:"whole"` // all of it was kept
	Note  string `json:"note"`  // what the text does not show
}

func viewBody(m proxy.Message, hide redactor) bodyView {
	b := m.Body
	v := bodyView{Size: b.Size, Whole: b.Whole}
	if !b.Whole {
		v.Note = fmt.Sprintf("%d of %d bytes were kept", len(b.Data), b.Size)
		if b.Size == 0 {
			v.Note = "nobody read it"
		}
	}
	switch data := hide.data(m); {
	case len(data) == 0:
		v.Kind = "none"
	case isText(data):
		v.Kind, v.Text = "text", string(data)
		if pretty, ok := indentJSON(data); ok && b.Whole {
			v.Kind, v.Text = "json", pretty
		}
	default:
		v.Kind, v.Text = "hex", hex.Dump(data[:min(len(data), maxHex)])
		var notes []string
		if coding := fieldOf(m, "Content-Encoding"); coding != "" {
			notes = append(notes, "it is coded with "+coding)
		}
		if len(data) > maxHex {
			notes = append(notes, fmt.Sprintf("its first %d bytes are shown", maxHex))
		}
		if v.Note != "" {
			notes = append(notes, v.Note)
		}
		v.Note = strings.Join(notes, "; ")
	}
	return v
}

// cutRune returns the bytes of b; where the end was cut off, without a rune
// that was cut with it.
func cutRune(b proxy.Body) []byte {
	data := b.Data
	if b.Whole {
		return data
	}
	const longest = 3 // bytes of a rune that is not whole
	for range longest {
		if isText(data) || len(data) == 0 {
			return data
		}
		data = data[:len(data)-1]
	}
	return b.Data
}

// indentJSON keeps the order of keys and the spelling of numbers. It is false for
// what is no JSON, and for what it would make much longer.
func indentJSON(data []byte) (string, bool) {
	trimmed := bytes.TrimSpace(data)
	if len(trimmed) == 0 || trimmed[0] != '{' && trimmed[0] != '[' || growsByIndent(trimmed) {
		return "", false
	}
	var out bytes.Buffer
	if json.Indent(&out, trimmed, "", "  ") != nil {
		return "", false
	}
	return out.String(), true
}

// growsByIndent reports whether deep nesting would make white space out of
// nothing, megabytes of it.
func growsByIndent(data []byte) bool {
	const growth = 8
	left, depth, quoted := growth*len(data)+1024, 0, false
	for i := 0; i < len(data) && left >= 0; i++ {
		switch c := data[i]; {
		case quoted:
			if c == '\\' {
				i++
			}
			quoted = c != '"'
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			depth++
			left -= 2 * depth
		case c == '}' || c == ']':
			depth--
			left -= 2 * depth
		case c == ',':
			left -= 2 * depth
		}
	}
	return left < 0
}
