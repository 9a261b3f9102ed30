// Package shell writes words for a POSIX shell, so that a command that is to be
// pasted does what it says, whatever stands in its words.
package shell

import "strings"

// plain are the characters that have no meaning to a shell, nor to a pattern of
// file names, wherever they stand.
const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./:,@+"

// Word returns s as one word, in single quotes where it needs them: within these
// nothing has a meaning but the quote itself.
func Word(s string) string {
	// To zsh a word that begins with "=" is a command.
	if name, value, _ := strings.Cut(s, "="); name != "" && strings.Trim(name, plain) == "" && strings.Trim(value, plain+"=") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// Join returns words as a command line.
func Join(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = Word(w)
	}
	return strings.Join(quoted, " ")
}
