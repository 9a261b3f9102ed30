package redact

import (
	"regexp"
	"slices"
	"strings"
)

// Field replaces what is secret in the value of a header field.
func Field(name, value string) string {
	if value == "" {
		return value
	}
	switch lower := strings.ToLower(name); {
	case lower == "cookie":
		return pairs(value)
	case lower == "set-cookie":
		return setCookie(value)
	case lower == "authorization" || lower == "proxy-authorization":
		return authorization(value)
	case lower == "sec-websocket-protocol":
		return protocols(value)
	case isSecretField(name):
		return Mark
	case !isOpen(lower) && hasScheme(value): // Authorization under another name
		return authorization(value)
	case !isOpen(lower) && hasSecretMember(value):
		return Mark
	}
	return Value(value)
}

// member finds the name of a member of JSON, or of what looks like it.
var member = regexp.MustCompile(`["']([^"'\\]+)\\*["']\s*:`)

// hasSecretMember reports whether a value has JSON in it, percent-encoded or not,
// with a member whose name says that it is a secret.
func hasSecretMember(value string) bool {
	if !strings.ContainsAny(value, ":%") {
		return false
	}
	return slices.ContainsFunc(member.FindAllStringSubmatch(decode(value), -1), func(m []string) bool { return isSecret(m[1]) })
}

// schemes are those of authentication that are registered
// (https://www.iana.org/assignments/http-authschemes), and some that are usual.
var schemes = [...]string{
	"basic", "bearer", "concealed", "digest", "dpop", "gnap", "hoba", "mutual", "negotiate", "oauth", "privatetoken",
	"scram-sha-1", "scram-sha-256", "vapid", "ntlm", "aws4-hmac-sha256", "apikey", "token",
}

// authorization keeps the scheme (RFC 9110, section 11.4). A first word that is
// none may be the secret.
func authorization(value string) string {
	if !hasScheme(value) {
		return Mark
	}
	scheme, _, _ := strings.Cut(value, " ")
	return scheme + " " + Mark
}

// hasScheme reports whether a value is that of a scheme.
func hasScheme(value string) bool {
	word, rest, _ := strings.Cut(value, " ")
	return rest != "" && slices.ContainsFunc(schemes[:], func(scheme string) bool { return strings.EqualFold(word, scheme) })
}

// pairs keeps the names of cookies.
func pairs(value string) string {
	all := strings.Split(value, ";")
	for i, p := range all {
		all[i] = pair(p)
	}
	return strings.Join(all, ";")
}

func pair(p string) string {
	name, _, ok := strings.Cut(p, "=")
	if !ok {
		return Mark // a cookie without a name
	}
	return name + "=" + Mark
}

// setCookie keeps the name and the attributes, which decide whether a browser
// takes and sends the cookie (RFC 6265, section 4.1).
func setCookie(value string) string {
	parts := strings.Split(value, ";")
	parts[0] = pair(parts[0])
	for i, part := range parts[1:] {
		name, v, valued := strings.Cut(part, "=")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "secure", "httponly", "partitioned":
			if valued {
				part = name + "=" + Mark
			}
		case "expires", "max-age", "domain", "path", "samesite", "priority":
			part = name
			if valued {
				part += "=" + Value(v)
			}
		default:
			if strings.TrimSpace(part) != "" {
				part = " " + Mark // a value that has a semicolon in it
			}
		}
		parts[i+1] = part
	}
	return strings.Join(parts, ";")
}

// openProtocols are subprotocols of WebSockets that are no secrets. Scripts,
// which can set no header field there, send tokens among them.
var openProtocols = [...]string{
	"graphql-ws", "graphql-transport-ws", "mqtt", "mqttv3.1", "soap", "wamp", "wamp.2.json", "xmpp",
	"v10.stomp", "v11.stomp", "v12.stomp", "ocpp1.6", "ocpp2.0.1", "vite-hmr", "bearer", "authorization",
}

// protocols keeps the names of subprotocols that are known.
func protocols(value string) string {
	all := strings.Split(value, ",")
	for i, p := range all {
		name := strings.TrimSpace(p)
		known := name == ""
		for _, open := range openProtocols {
			known = known || strings.EqualFold(name, open)
		}
		if !known {
			all[i] = strings.Replace(p, name, Mark, 1)
		}
	}
	return strings.Join(all, ",")
}
