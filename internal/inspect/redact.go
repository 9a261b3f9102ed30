package inspect

import (
	"regexp"
	"strings"

	"github.com/corsproxy/corsproxy/proxy"
)

// Redacted stands in place of a secret.
const Redacted = "REDACTED"

// A redactor replaces secrets, or nothing if it is false. Bodies are left as
// they are: what is a secret in them only their function knows.
type redactor bool

// secretName finds parameters whose values are secrets, wherever a URL stands:
// in a target, in Referer or Location, in a sentence about a path. "?", "&" and
// "=" may be percent-encoded. The list is short names that are usual in URLs,
// and endings that say what the value is.
const secretName = `(?i)((?:[?&;#]|%3f|%26|%23)(?:amp;)?(?:code|key|sig|jwt|auth|pass|pwd|[a-z0-9_.-]*(?:token|secret|password|passwd|api_?key|access_?key|signature|credential|x-amz-signature|assertion))(?:=|%3d))`

var (
	secretParam  = regexp.MustCompile(secretName + `([^&;#\s"'<>]*)`)
	secretInLine = regexp.MustCompile(secretName + `([^&#\s]*)`)
)

// text replaces secrets in a text with URLs in it.
func (r redactor) text(s string) string { return r.replace(secretParam, s) }

// line replaces secrets in a start line or a target, which has no words around
// it: what a sentence could put around a URL is a part of the value here.
func (r redactor) line(s string) string { return r.replace(secretInLine, s) }

func (r redactor) replace(secret *regexp.Regexp, s string) string {
	if !bool(r) || !strings.ContainsAny(s, "=%") {
		return s
	}
	return secret.ReplaceAllString(s, "${1}"+Redacted)
}

// fields replaces secrets in header fields.
func (r redactor) fields(fields []proxy.Field) []proxy.Field {
	out := make([]proxy.Field, len(fields))
	for i, f := range fields {
		out[i] = proxy.Field{Name: f.Name, Value: r.value(f.Name, f.Value)}
	}
	return out
}

// value replaces what is secret in the value of a field.
func (r redactor) value(name, value string) string {
	if !bool(r) || value == "" {
		return value
	}
	switch lower := strings.ToLower(name); {
	case lower == "cookie":
		return redactPairs(value)
	case lower == "set-cookie":
		return redactSetCookie(value)
	case lower == "authorization" || lower == "proxy-authorization":
		return redactAuthorization(value)
	case isSecretField(lower):
		return Redacted
	}
	return r.text(value)
}

// isSecretField reports whether a field, by its name, holds a secret. Those of
// CORS hold names and never secrets.
func isSecretField(lower string) bool {
	if strings.HasPrefix(lower, "access-control-") || strings.HasPrefix(lower, "sec-") {
		return false
	}
	for _, part := range [...]string{"token", "secret", "api-key", "apikey", "access-key", "password", "passwd", "signature", "credential", "authorization", "session-id", "cookie", "jwt", "assertion"} {
		if strings.Contains(lower, part) {
			return true
		}
	}
	return false
}

// redactAuthorization keeps the scheme (RFC 9110, section 11.4).
func redactAuthorization(value string) string {
	scheme, rest, ok := strings.Cut(value, " ")
	if !ok || rest == "" || len(scheme) > 32 {
		return Redacted
	}
	return scheme + " " + Redacted
}

// redactPairs keeps the names of cookies.
func redactPairs(value string) string {
	pairs := strings.Split(value, ";")
	for i, pair := range pairs {
		pairs[i] = redactPair(pair)
	}
	return strings.Join(pairs, ";")
}

func redactPair(pair string) string {
	name, _, ok := strings.Cut(pair, "=")
	if !ok {
		return Redacted // a cookie without a name
	}
	return name + "=" + Redacted
}

// redactSetCookie keeps the name and the attributes, which decide whether a
// browser takes and sends the cookie (RFC 6265, section 4.1).
func redactSetCookie(value string) string {
	pair, attributes, ok := strings.Cut(value, ";")
	if !ok {
		return redactPair(pair)
	}
	return redactPair(pair) + ";" + attributes
}

// hides reports whether anything in e is a secret.
func hides(e *entry) bool {
	all := redactor(true)
	if all.line(e.Target) != e.Target {
		return true
	}
	if e.Record == nil {
		return false
	}
	for _, m := range []proxy.Message{e.Record.Request, e.Record.Upstream, e.Record.Answer} {
		for _, f := range m.Fields {
			if all.value(f.Name, f.Value) != f.Value {
				return true
			}
		}
	}
	return false
}
