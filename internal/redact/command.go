package redact

import (
	"regexp"
	"strings"
)

var (
	// assignment is a word that sets a variable or an option. Quotes may stand in
	// the name of a parameter.
	assignment = regexp.MustCompile(`(?s)^(["']*-{0,2}[\w.]+(?:["'-]+[\w.]+)*["']*)=(.+)$`)

	// setting is the beginning of one within a word: of a script, or of all
	// parameters of a template in one word.
	setting = regexp.MustCompile(`-{0,2}[\w.]+(?:["'-]+[\w.]+)*["']*=`)

	// field is a word that is a header field, or an option with a colon: curl -H
	// 'X-Api-Key: x'. What begins with "//" belongs to a URL.
	field = regexp.MustCompile(`(?s)^((?:--?[\w-]+=|-H)?-{0,2})([A-Za-z][\w-]*)(:[ \t]*)([^/].*|/[^/].*)$`)

	// option finds an option and its value within a script: sh -c 'app --token x'.
	option = regexp.MustCompile(`(^|\s)(--?[\w.-]+)([ \t]+)("[^"]*"|'[^']*'|\S+)`)

	// bearer finds what follows a scheme of Authorization within a script.
	bearer = regexp.MustCompile(`(?i)\b((?:bearer|basic)[ \t]+)[\w.~+/=-]+`)

	// parameterValue finds the value of a template's parameter in the long form
	// of --parameter-overrides, whose name stands apart from it.
	parameterValue = regexp.MustCompile(`(?i)\b(ParameterValue=).+?(\s+ParameterKey=|$)`)

	// curl is a word, or a part of one, that calls the program.
	curl = regexp.MustCompile(`(^|[\s/\\;|&(])curl(\.exe)?($|\s)`)

	// curlOption is an option of curl whose value is a user and a password. They
	// are other things to other programs: docker run -u 1000:1000.
	curlOption = regexp.MustCompile(`^(?:` + curlUserOption + `)$`)

	// curlUser finds one in a word, up to the colon before the password.
	curlUser = regexp.MustCompile(`(?:^|\s)(?:` + curlUserOption + `)[ \t=]*(["']?)[^\s:"']*:`)
)

// curlUserOption is -u, also behind letters that are options without a value, or
// one of the long names.
const curlUserOption = `-[fgGikLNsSv]*[uU]|--(?:proxy-)?user`

// Command returns the words of a command line without secrets: the values of
// options, variables and header fields whose names say so, and what is secret in
// the URLs among them.
func Command(args []string) []string {
	out := make([]string, len(args))
	isValue, isUser := false, false // of the option before
	ofCurl := false
	for i, a := range args {
		switch user, _, hasPassword := strings.Cut(a, ":"); {
		case isValue:
			out[i] = Mark
		case isUser && hasPassword:
			out[i] = user + ":" + Mark
		default:
			out[i] = word(curlUsers(a, ofCurl))
		}
		isValue, isUser = isOption(a) && isSecretOption(a), ofCurl && curlOption.MatchString(a)
		ofCurl = ofCurl || curl.MatchString(a)
	}
	return out
}

// curlUsers replaces the passwords of users that curl is given within a word: of
// curl's own, or of a script.
func curlUsers(s string, ofCurl bool) string {
	var b strings.Builder
	done := 0
	for _, m := range curlUser.FindAllStringSubmatchIndex(s, -1) {
		if !ofCurl && !curl.MatchString(s[:m[0]]) {
			continue
		}
		quote := byte(0)
		if m[2] < m[3] {
			quote = s[m[2]]
		}
		if end := valueEnd(s, m[1], quote); m[1] >= done && end > m[1] {
			b.WriteString(s[done:m[1]] + Mark)
			done = end
		}
	}
	return b.String() + s[done:]
}

// isOption reports whether a word is an option whose value stands in the next.
func isOption(word string) bool {
	return strings.HasPrefix(word, "-") && !strings.ContainsAny(word, "=: \t\n")
}

// isSecretOption reports whether the value of an option is a secret by the name of
// that. An option that turns something off, such as --disable-authorizer, has none.
func isSecretOption(name string) bool {
	return isSecret(name) && !strings.HasPrefix(name, "--disable-") && !strings.HasPrefix(name, "--no-")
}

// word returns a word of a command line without secrets.
func word(s string) string {
	if m := assignment.FindStringSubmatch(s); m != nil && isSecretParam(m[1]) {
		return m[1] + "=" + Mark
	}
	if m := field.FindStringSubmatch(s); m != nil {
		return m[1] + m[2] + m[3] + Field(m[2], m[4])
	}
	s = parameterValue.ReplaceAllString(s, "${1}"+Mark+"${2}")
	s = settings(s)
	s = option.ReplaceAllStringFunc(s, func(found string) string {
		m := option.FindStringSubmatch(found)
		if !isSecretOption(m[2]) {
			return found
		}
		return m[1] + m[2] + m[3] + Mark
	})
	s = bearer.ReplaceAllString(s, "${1}"+Mark)
	return Text(s)
}

// Setting returns an item of a list of settings without secrets: a URL, or
// parameters of a template with their values.
func Setting(s string) string {
	if m := assignment.FindStringSubmatch(s); m != nil && isSecretParam(m[1]) {
		return m[1] + "=" + Mark
	}
	return Value(settings(parameterValue.ReplaceAllString(s, "${1}"+Mark+"${2}")))
}

// settings replaces the values of what is set within a word: NAME=VALUE, behind
// a blank, a quotation mark, or what separates such. The parameters of a URL are
// others.
func settings(s string) string {
	var b strings.Builder
	done := 0
	for at := 0; ; {
		m := setting.FindStringIndex(s[at:])
		if m == nil {
			return b.String() + s[done:]
		}
		begin, value := at+m[0], at+m[1]
		at = value
		if begin > 0 && !strings.ContainsRune(" \t\n\"'=,;(", rune(s[begin-1])) || !isSecretParam(s[begin:value-1]) {
			continue
		}
		quote := byte(0)
		if begin > 0 && (s[begin-1] == '"' || s[begin-1] == '\'') && s[value-2] != s[begin-1] { // else the name alone is in quotes
			quote = s[begin-1]
		}
		if at = valueEnd(s, value, quote); at > value {
			b.WriteString(s[done:value])
			b.WriteString(Mark)
			done = at
		}
	}
}

// valueEnd returns where a value that begins at a place ends: before the quote
// that stands before its name, or before a blank that is neither within quotes
// nor behind "\".
func valueEnd(s string, at int, quote byte) int {
	within := quote
	for ; at < len(s); at++ {
		switch c := s[at]; {
		case c == '\\':
			at++
		case within != 0 && c == within:
			if quote != 0 {
				return at
			}
			within = 0
		case within != 0:
		case c == '"' || c == '\'':
			within = c
		case c == ' ' || c == '\t' || c == '\n':
			return at
		}
	}
	return len(s)
}
