// Package shell writes words for a POSIX shell, so that a command that is to be
// pasted does what it says, whatever stands in its words.
package shell

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// plain are the characters that have no meaning to a shell, nor to a pattern of
// file names, wherever they stand.
const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./:,@+"

// Word returns s as one word, in single quotes where it needs them: within these
// nothing has a meaning to a shell but the quote itself. Before the shell a terminal
// reads what is pasted, to which a tab completes a name and a carriage return ends
// the line. So what is not printable, but the line end, is written for printf to
// make. NUL is left out, as no word can have it.
func Word(s string) string {
	// To zsh a word that begins with "=" is a command.
	if name, value, _ := strings.Cut(s, "="); name != "" && strings.Trim(name, plain) == "" && strings.Trim(value, plain+"=") == "" {
		return s
	}
	var b strings.Builder
	for s = strings.ReplaceAll(s, "\x00", ""); s != "" || b.Len() == 0; {
		n := span(s, true)
		if n > 0 || s == "" {
			b.WriteString("'" + strings.ReplaceAll(s[:n], "'", `'\''`) + "'")
		}
		s = s[n:]
		if n = span(s, false); n > 0 {
			b.WriteString(`"$(printf '` + octal(s[:n]) + `')"`)
		}
		s = s[n:]
	}
	return b.String()
}

// span returns how many bytes at the start of s can be pasted as they are, or
// cannot.
func span(s string, can bool) int {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if can != (r == '\n' || strconv.IsPrint(r) && (r != utf8.RuneError || size > 1)) {
			return i
		}
		i += size
	}
	return len(s)
}

// octal returns the bytes of s as escapes of printf.
func octal(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, `\%03o`, s[i])
	}
	return b.String()
}

// Join returns words as a command line.
func Join(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = Word(w)
	}
	return strings.Join(quoted, " ")
}
