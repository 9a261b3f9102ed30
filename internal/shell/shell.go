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
// the line. So where a word has what is not printable, but the line end, printf
// makes it. NUL is left out, as no word can have it.
func Word(s string) string {
	return word(s, func(r rune, size int) bool { return strconv.IsPrint(r) && (r != utf8.RuneError || size > 1) })
}

// Foreign is [Word] for what a stranger may have written, to be pasted into any
// terminal: one without a locale takes the bytes of letters beyond ASCII for keys.
func Foreign(s string) string {
	return word(s, func(r rune, _ int) bool { return ' ' <= r && r <= '~' })
}

func word(s string, typed func(r rune, size int) bool) string {
	// To zsh a word that begins with "=" is a command.
	if name, value, _ := strings.Cut(s, "="); name != "" && strings.Trim(name, plain) == "" && strings.Trim(value, plain+"=") == "" {
		return s
	}
	s = strings.ReplaceAll(s, "\x00", "")
	made := strings.TrimRight(s, "\n") // a substitution loses the line ends behind it
	text := format(made, typed)
	if text == "" {
		return quote(s)
	}
	word := `"$(printf '` + text + `')"`
	if ends := s[len(made):]; ends != "" {
		word += quote(ends)
	}
	return word
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// format returns the format of which printf makes s, or "" where s can be typed as
// it is.
func format(s string, typed func(r rune, size int) bool) string {
	var b strings.Builder
	needed := false
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		// Bash looks for "^" at the start of each line, and for "!" within double
		// quotes. Where a format begins with "-", it is an option.
		line := i == 0 || s[i-1] == '\n'
		switch c := s[i : i+size]; {
		case r == '\n':
			b.WriteString(c)
		case !typed(r, size), i > 0 && line && r == '^':
			needed = true
			b.WriteString(octal(c))
		case strings.Contains("'!^$`", c), i == 0 && r == '-':
			b.WriteString(octal(c))
		case r == '%' || r == '\\':
			b.WriteString(c + c)
		default:
			b.WriteString(c)
		}
		i += size
	}
	if !needed {
		return ""
	}
	return b.String()
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
