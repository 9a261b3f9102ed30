// Package redact replaces secrets in what is shown: in header fields, in URLs,
// and in sentences that repeat either. What is a secret is told by its name, and
// where that is in doubt it is one: a value that is hidden can be revealed, and
// one that was shared cannot be taken back.
package redact

import (
	"regexp"
	"strings"
)

// Mark stands in place of a secret.
const Mark = "REDACTED"

var (
	// param finds the name of a parameter and its "=", which may be
	// percent-encoded, as in a URL within a URL.
	param = regexp.MustCompile(`(?i)([^=?&;#,\s"<>]+?)(?:=|%(?:25)*3d)`)

	// userinfo finds the user name and the password of a URL (RFC 3986,
	// section 3.2.1). Browsers take "\" for "/", and what cleans a path makes one
	// slash of two. The slashes and the "@" may be percent-encoded, each or all.
	userinfo        = regexp.MustCompile(`([/\\:][/\\]+)[^/?#\s]+@`)
	encodedUserinfo = regexp.MustCompile(`(?i)((?:[/\\:]|%(?:25)*(?:2f|5c|3a))(?:[/\\]|%(?:25)*(?:2f|5c))+)[^/?#&\s]+?(%(?:25)*40|@)`)

	// authority finds them where a target has nothing before them, as that of
	// CONNECT (RFC 9112, section 3.2.3).
	authority = regexp.MustCompile(`^([A-Za-z]+ )?[^/?#\s]*@`)

	encodedSlash = regexp.MustCompile(`(?i)%(?:25)*2f`)
	slashes      = regexp.MustCompile(`(?i)/|%(?:25)*2f`)

	// webToken finds a JSON Web Token (RFC 7519) by its first characters, which
	// are those of {" in base64url.
	webToken = regexp.MustCompile(`\beyJ[\w-]{8,}(?:\.[\w-]*)*`)
)

// Line replaces secrets in a start line or a target. A value ends at "&" or a
// blank.
func Line(s string) string {
	s = replace(s, 0, func(at int) int { return until(s, at, "& \t") })
	if strings.Contains(s, "@") {
		s = authority.ReplaceAllString(s, "${1}"+Mark+"@")
	}
	return s
}

// Path replaces secrets in the path of a target, so that it can be taken apart
// and said in parts: no part tells that it was one of a URL, or what was its
// name. A value ends with its segment, so that the path has as many as before.
func Path(s string) string {
	s = params(s, 0, func(at int) int {
		end := until(s, at, "/&")
		if m := encodedSlash.FindStringIndex(s[at:end]); m != nil {
			return at + m[0]
		}
		return end
	})
	var b strings.Builder
	done := 0
	for _, slash := range slashes.FindAllStringIndex(s, -1) {
		b.WriteString(named(s[done:slash[0]]) + s[slash[0]:slash[1]])
		done = slash[1]
	}
	return b.String() + named(s[done:])
}

// Value replaces secrets in the value of a header field: a URL, parameters, or
// JSON.
func Value(s string) string { return value(s, 0) }

// value is Value for one that lies within so many texts of JSON. A parameter ends
// at "&", since what else could end it may be part of it.
func value(s string, within int) string {
	s, isJSON := jsonWithin(s, within)
	if isJSON {
		return s
	}
	return replace(s, within, func(at int) int { return until(s, at, "&") })
}

// Text replaces secrets in a sentence. A value within double quotes, which
// sentences put around what they repeat, ends with them.
func Text(s string) string {
	if isAddress(s) {
		return s
	}
	quoted, seen := false, 0
	return replace(s, 0, func(at int) int {
		for ; seen < at; seen++ {
			switch {
			case s[seen] == '\\' && quoted:
				seen++
			case s[seen] == '"':
				quoted = !quoted
			}
		}
		if !quoted {
			return until(s, afterQuotes(s, at), "& \t\n\"")
		}
		for end := at; end < len(s); end++ {
			switch s[end] {
			case '\\':
				end++
			case '"', '&':
				return end
			}
		}
		return len(s)
	})
}

// afterQuotes returns where what is quoted at a place ends, or the place.
func afterQuotes(s string, at int) int {
	if at == len(s) || s[at] != '"' && s[at] != '\'' {
		return at
	}
	for end := at + 1; end < len(s); end++ {
		switch s[end] {
		case '\\':
			end++
		case s[at]:
			return end + 1
		}
	}
	return len(s)
}

func until(s string, at int, stops string) int {
	if i := strings.IndexAny(s[at:], stops); i >= 0 {
		return at + i
	}
	return len(s)
}

// replace replaces secrets in s, which lies within so many texts of JSON. End
// tells where a value ends that begins at a place; the places come in order.
func replace(s string, within int, end func(at int) int) string {
	return named(params(s, within, end))
}

// params replaces the values of parameters, and what is a secret wherever it
// stands: users and their passwords in URLs, and web tokens.
func params(s string, within int, end func(at int) int) string {
	if holdsNone(s) {
		return s
	}
	if strings.ContainsAny(s, "=%") {
		s = parameters(s, within, end)
	}
	if strings.ContainsAny(s, "@%") {
		s = userinfo.ReplaceAllString(s, "${1}"+Mark+"@")
		s = encodedUserinfo.ReplaceAllString(s, "${1}"+Mark+"${2}")
	}
	if strings.Contains(s, "eyJ") {
		s = webToken.ReplaceAllString(s, Mark)
	}
	return s
}

// parameters replaces the values of parameters that are secrets, and what is
// secret in those that are JSON.
func parameters(s string, within int, end func(at int) int) string {
	var b strings.Builder
	done, read := 0, 0 // read: no more JSON is looked for before
	for at := 0; ; {
		m := param.FindStringSubmatchIndex(s[at:])
		if m == nil {
			return b.String() + s[done:]
		}
		name, begin := s[at+m[2]:at+m[3]], at+m[1]
		at = begin
		switch {
		case isSecretParam(name):
			if at = max(end(begin), begin); at > begin {
				b.WriteString(s[done:begin])
				b.WriteString(Mark)
				done = at
			}
		case begin >= read && jsonLevel(s[begin:]) >= 0:
			read = max(end(begin), begin)
			shown, is := jsonWithin(s[begin:read], within+1)
			if !is && shown == s[begin:read] {
				continue // there may be parameters in it
			}
			if !is {
				shown = params(shown, within+1, func(at int) int { return until(shown, at, "&") })
			}
			b.WriteString(s[done:begin])
			b.WriteString(shown)
			done, at = read, read
		}
	}
}

// isAddress reports whether s is an origin, or a host and a port, as most texts of
// a log are: there is no secret in one.
func isAddress(s string) bool {
	host, port, hasPort := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(s, "http://"), "https://"), ":")
	for i := range len(port) {
		if port[i] < '0' || port[i] > '9' {
			return false
		}
	}
	for i := range len(host) {
		if c := host[i]; c == 'J' || !isNameByte(c) {
			return false
		}
	}
	return !hasPort || len(host)+1+len(port) < len(s) || !isFieldName(host)
}

// hints are the characters without which nothing in a text is a secret.
var hints = [256]bool{'=': true, '%': true, '@': true, 'J': true}

// holdsNone reports whether there is, at first glance, no secret in s. Most texts
// of a log have none, and there are many.
func holdsNone(s string) bool {
	for i := range len(s) {
		if hints[s[i]] && (s[i] != 'J' || strings.HasSuffix(s[:i], "ey")) {
			return false
		}
	}
	return true
}
