package pathpattern

import (
	"strings"
	"unicode/utf8"
)

// Decode returns the path that SAM local routes by, for the raw path of a
// request target: what stands before the '?', as the client sent it.
//
// Werkzeug and the Python server below it decode as follows. Percent-encoded
// bytes are decoded, %2F included; an escape that is not one ("%zz", "%2")
// stays as it is. Leading slashes become one; others are kept. A '#', which
// no browser sends, ends the path. Bytes that are not ASCII and were not
// encoded count as Latin-1, and encoded bytes that are not UTF-8 become
// U+FFFD. Decoding never fails.
func Decode(rawPath string) string {
	if i := strings.IndexAny(rawPath, "?#"); i >= 0 {
		rawPath = rawPath[:i]
	}
	path := rawPath
	if strings.ContainsFunc(rawPath, func(r rune) bool { return r == '%' || r >= utf8.RuneSelf }) {
		path = unescape(rawPath)
	}
	if strings.HasPrefix(path, "//") {
		path = path[1+leadingSlashes(path[2:]):]
	}
	return path
}

// leadingSlashes returns how many slashes s begins with.
func leadingSlashes(s string) int {
	return len(s) - len(strings.TrimLeft(s, "/"))
}

// unescape decodes the escapes of s. As in Python's unquote, a raw byte that
// is not ASCII ends the run of bytes that are read as UTF-8 together.
func unescape(s string) string {
	var out strings.Builder
	out.Grow(len(s))
	run := make([]byte, 0, len(s))
	flush := func() {
		for len(run) > 0 {
			r, size := utf8.DecodeRune(run)
			out.WriteRune(r) // U+FFFD where the bytes are not UTF-8
			run = run[size:]
		}
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= utf8.RuneSelf:
			flush()
			out.WriteRune(rune(c))
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			run = append(run, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		default:
			run = append(run, c)
		}
	}
	flush()
	return out.String()
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	default:
		return c - 'a' + 10
	}
}
