package sam

import (
	"net/http"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// WordsIn returns the names that stand in a text which is to be a list of methods
// or headers, whatever separates them, and without quotes and brackets.
func WordsIn(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool {
		return strings.ContainsRune("'|`", r) || !httpguts.IsTokenRune(r)
	})
}

// IsWord reports whether a member of such a list is one name as it stands.
func IsWord(text string) bool {
	words := WordsIn(text)
	return len(words) == 1 && words[0] == text
}

// HeadersIn returns the names that stand in a member of a list of headers: what
// WordsIn returns where it is nothing but names, and the name of one that has its
// value behind a colon. Anything else has none.
func HeadersIn(member string) []string {
	others := func(r rune) bool { return !httpguts.IsTokenRune(r) && !strings.ContainsRune(" \t\r\n;,[]\"\\", r) }
	if !strings.ContainsFunc(member, others) {
		return WordsIn(member)
	}
	name, value, ok := strings.Cut(member, ":")
	if name = strings.Trim(name, " []'\""); !ok || !IsWord(name) || strings.HasPrefix(value, "//") || strings.Trim(value, "0123456789") == "" {
		return nil // such as a URL, or a host with its port
	}
	return []string{name}
}

// MethodsIn returns the methods that stand in a text, as SAM CLI takes them: all
// for ANY and *. It is false where one of its words is none.
func MethodsIn(text string) ([]string, bool) {
	var methods []string
	for _, word := range WordsIn(strings.ToUpper(text)) {
		if word == "*" || word == "ANY" {
			return []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodHead, http.MethodOptions}, true
		}
		if !slices.Contains(anyMethods[:], word) {
			return nil, false
		}
		if !slices.Contains(methods, word) {
			methods = append(methods, word)
		}
	}
	return methods, len(methods) > 0
}

// NamesIn returns the names in a list of methods or headers whose members may be
// none, as browsers read them; a method that SAM CLI refuses and that can be told,
// as it takes it.
func NamesIn(setting string, members []string) []string {
	var all []string
	if setting != "AllowMethods" {
		for _, member := range members {
			all = append(all, HeadersIn(member)...)
		}
		return all
	}
	for _, word := range WordsIn(strings.Join(members, ",")) {
		methods := []string{word}
		if known, ok := MethodsIn(word); ok && word != "*" && !slices.Contains(known, strings.ToUpper(word)) {
			methods = known
		}
		for _, method := range methods {
			if !slices.Contains(all, method) {
				all = append(all, method)
			}
		}
	}
	return all
}

// ListText writes a text that is to be the value of AllowMethods or AllowHeaders
// as SAM CLI and browsers read it: names, separated by commas. What is right
// already, or cannot be told, is returned as it is.
func ListText(setting, text string) string {
	members := strings.Split(text, ",")
	isWrong := func(isRight func(string) bool) bool {
		return slices.ContainsFunc(members, func(m string) bool { return !isRight(strings.TrimSpace(m)) })
	}
	switch setting {
	case "AllowMethods":
		isMethod := func(word string) bool { return slices.Contains(anyMethods[:], strings.ToUpper(word)) }
		if methods, ok := MethodsIn(text); ok && text != "*" && isWrong(isMethod) {
			return strings.Join(methods, ",")
		}
	case "AllowHeaders":
		if !isWrong(IsWord) {
			break
		}
		var words []string
		for _, member := range members {
			names := HeadersIn(member)
			if names == nil {
				return text
			}
			words = append(words, names...)
		}
		if len(words) > 0 {
			return strings.Join(words, ",")
		}
	}
	return text
}
