package tree

import "bytes"

// CheckTOML returns an *Error where tables, arrays and dotted keys of a TOML
// document nest deeper than those of a template may: its parser calls itself
// for each level. What follows a mistake in the document may be misread here,
// as the parser does not get there.
func CheckTOML(name string, data []byte) error {
	level := 0
	var outer []int // the levels at which what is open has begun
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"', '\'':
			i = endOfTOMLString(data, i) - 1
		case '#':
			i = lineEnd(data, i) - 1
		case '[', '{':
			outer = append(outer, level)
			level++
		case ']', '}':
			if n := len(outer); n > 0 {
				level, outer = outer[n-1], outer[:n-1]
			}
		case '.': // of a key; that of a number does no harm
			level++
		case ',', '\n':
			level = 0
			if n := len(outer); n > 0 {
				level = outer[n-1] + 1
			}
		}
		if level > maxDepth {
			return errDeep(newLines(data).pos(name, i))
		}
	}
	return nil
}

// endOfTOMLString returns where the string that begins at i ends (TOML 1.0,
// "String"): after its last quote, or at the end of what is no string.
func endOfTOMLString(data []byte, i int) int {
	quote := data[i : i+1]
	closing := quote
	if triple := bytes.Repeat(quote, 3); bytes.HasPrefix(data[i:], triple) {
		closing = triple
	} else if bytes.HasPrefix(data[i:], triple[:2]) {
		return i + 2
	}
	for i += len(closing); i < len(data); i++ {
		switch {
		case data[i] == '\\' && quote[0] == '"':
			i++
		case data[i] == '\n' && len(closing) == 1:
			return i
		case bytes.HasPrefix(data[i:], closing):
			i += len(closing)
			for more := 0; len(closing) == 3 && more < 2 && i < len(data) && data[i] == quote[0]; more++ {
				i++ // up to two quotes may stand before the closing ones
			}
			return i
		}
	}
	return len(data)
}
