package tree

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// The limits of a document. CloudFormation accepts templates of 1 MB; what
// goes beyond is not made by people.
const (
	MaxSize   = 4 << 20 // bytes
	MaxValues = 500_000 // with aliases written out
	maxDepth  = 150     // of maps and lists within each other
)

// Parse reads a document as SAM CLI reads templates and OpenAPI files: as
// JSON, else as YAML 1.1. The name goes into positions. An empty document is
// a null. The error is an *Error.
func Parse(name string, data []byte) (*Value, error) { return parse(name, data, plainScalar) }

func parse(name string, data []byte, plain scalarReader) (*Value, error) {
	start := Pos{File: name, Line: 1, Column: 1}
	if len(data) > MaxSize {
		return nil, &Error{
			Pos:  Pos{File: name},
			What: fmt.Sprintf("the file has %d bytes, more than the %d that are read", len(data), MaxSize),
		}
	}
	if i := invalidUTF8(data); i >= 0 {
		return nil, &Error{
			Pos:  newLines(data).pos(name, i),
			What: fmt.Sprintf("byte %#02x is not UTF-8", data[i]),
			Fix:  "save the file in UTF-8",
		}
	}
	if n := separators(data); n > MaxValues {
		return nil, errLarge(Pos{File: name})
	}
	if looksLikeJSON(data) {
		v, err := parseJSON(name, data)
		if err != errSyntax {
			return v, err
		}
	}
	v, err := parseYAML(name, data, plain)
	if err == nil && v == nil {
		v = NewNull(start)
	}
	return v, err
}

func looksLikeJSON(data []byte) bool {
	data = bytes.TrimLeft(data, " \t\r\n")
	return len(data) > 0 && (data[0] == '{' || data[0] == '[')
}

// invalidUTF8 returns the index of the first byte that is not UTF-8, or -1.
func invalidUTF8(data []byte) int {
	if utf8.Valid(data) {
		return -1
	}
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// separators counts the bytes without which there are no two values in a
// document: a cheap upper bound of their number.
func separators(data []byte) int {
	n := 0
	for _, c := range []byte(",\n[{") {
		n += bytes.Count(data, []byte{c})
	}
	return n
}

// errLarge is the error for a document of too many values.
func errLarge(pos Pos) *Error {
	return &Error{Pos: pos, What: fmt.Sprintf("the document has more than %d values, with its aliases written out", MaxValues)}
}

// errDeep is the error for a document that nests too deep.
func errDeep(pos Pos) *Error {
	return &Error{Pos: pos, What: fmt.Sprintf("maps and lists nest deeper than %d levels", maxDepth)}
}
