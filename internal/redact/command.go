package redact

import (
	"regexp"
	"strings"
)

var (
	// assignment is a word that sets a variable or an option.
	assignment = regexp.MustCompile(`(?s)^(-{0,2}[\w.]+(?:-[\w.]+)*)=(.+)$`)

	// field is a word that is a header field: curl -H 'X-Api-Key: x'. What
	// begins with "//" belongs to a URL.
	field = regexp.MustCompile(`(?s)^([A-Za-z][\w-]*:[ \t]*)([^/].*|/[^/].*)$`)

	// option finds an option and its value within a script: sh -c 'app --token x'.
	option = regexp.MustCompile(`(^|\s)(--?[\w.-]+)([ \t]+)("[^"]*"|'[^']*'|\S+)`)

	// bearer finds what follows a scheme of Authorization within a script.
	bearer = regexp.MustCompile(`(?i)\b((?:bearer|basic)[ \t]+)[\w.~+/=-]+`)

	// parameterValue finds the value of a template's parameter in the long form
	// of --parameter-overrides, whose name stands apart from it.
	parameterValue = regexp.MustCompile(`(?i)\b(ParameterValue=).+?(\s+ParameterKey=|$)`)
)

// Command returns the words of a command line without secrets: the values of
// options, variables and header fields whose names say so, and what is secret in
// the URLs among them.
func Command(args []string) []string {
	out := make([]string, len(args))
	isValue := false // of the option before
	for i, a := range args {
		out[i] = word(a)
		if isValue {
			out[i] = Mark
		}
		isValue = isOption(a) && isSecret(a)
	}
	return out
}

// isOption reports whether a word is an option whose value stands in the next.
func isOption(word string) bool {
	return strings.HasPrefix(word, "-") && !strings.ContainsAny(word, "= \t\n")
}

// word returns a word of a command line without secrets.
func word(s string) string {
	if m := assignment.FindStringSubmatch(s); m != nil && isSecretParam(m[1]) {
		return m[1] + "=" + Mark
	}
	if m := field.FindStringSubmatch(s); m != nil {
		return m[1] + Field(strings.TrimRight(m[1], ": \t"), m[2])
	}
	s = option.ReplaceAllStringFunc(s, func(found string) string {
		m := option.FindStringSubmatch(found)
		if !isSecret(m[2]) {
			return found
		}
		return m[1] + m[2] + m[3] + Mark
	})
	s = bearer.ReplaceAllString(s, "${1}"+Mark)
	return Text(parameterValue.ReplaceAllString(s, "${1}"+Mark+"${2}"))
}
