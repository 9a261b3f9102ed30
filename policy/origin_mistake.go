package policy

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"
	"golang.org/x/net/idna"

	"github.com/corsproxy/corsproxy/internal/redact"
)

// checkOrigin reports what is wrong with an entry of AllowOrigins.
func checkOrigin(v string) (reason, suggestion string) {
	if newOriginSet(nil).add(v) {
		return "", ""
	}
	return originMistake(v), originSuggestion(v)
}

// originSuggestion tells what to write instead of v: its meaning in the right
// form if there is one.
func originSuggestion(v string) string {
	switch {
	case v == "":
		return `write an origin such as "http://localhost:5173", or remove it`
	case strings.ContainsAny(strings.TrimSpace(v), ", \t\r\n"):
		return "write one origin in each entry, without spaces"
	}
	if r := repairOrigin(v); newOriginSet(nil).add(r) {
		return fmt.Sprintf("write %q", r)
	}
	return `write a scheme, a host and a port if there is one, such as "http://localhost:5173", or "*" alone for any origin`
}

// originMistake says what keeps v, which is not empty of mistakes, from being
// an entry of AllowOrigins. It names what a reader sees first.
func originMistake(v string) string {
	scheme, rest, hasScheme := strings.Cut(v, "://")
	authority := rest
	if i := strings.IndexAny(rest, `/?#\`); i >= 0 {
		authority = rest[:i]
	}
	tail := rest[len(authority):]
	switch {
	case v == "":
		return "is empty"
	case strings.TrimSpace(v) != v:
		return "has white space around it"
	case strings.ContainsAny(v, ", \t\r\n"):
		return "is more than one origin"
	case strings.Trim(v, "'\"`") != v:
		return "has quotes inside its value"
	case strings.EqualFold(v, originNull) || strings.EqualFold(v, originLoopback):
		return "is not in lower case"
	case !hasScheme:
		return "has no scheme"
	case strings.EqualFold(scheme, "file"):
		return "is not an origin: browsers say null for files"
	case strings.EqualFold(scheme, "ws") || strings.EqualFold(scheme, "wss"):
		return "is the address of a WebSocket, which is not where a page comes from"
	case redact.HasUser(v):
		return "has a user in it"
	case tail == "/":
		return "ends in a slash, which browsers never send in an origin"
	case tail != "":
		return "has more than scheme, host and port"
	case strings.ToLower(v) != v:
		return "is not in lower case, and browsers never send upper case in an origin"
	case !isScheme(scheme):
		return "has a scheme that is none"
	}
	return hostMistake(scheme, authority)
}

// hostMistake says what is wrong with the host or port of an origin.
func hostMistake(scheme, authority string) string {
	host, port := splitPort(authority)
	switch {
	case authority == "" || host == "":
		return "has no host"
	case strings.Contains(strings.TrimPrefix(host, "*."), "*"), strings.Contains(port, "*") && port != anyPort:
		return `has a wildcard where none may stand: it is "*." before a whole domain, or the whole port`
	case strings.HasPrefix(host, "*."):
		if _, ok := parseOrigin(scheme + "://" + host[2:]); ok {
			return "has a wildcard before what is not a domain"
		}
	case strings.HasSuffix(authority, ":"):
		return "has a colon without a port"
	case port != "" && port == defaultPort(scheme):
		return fmt.Sprintf("names the default port of %s, which browsers leave out", scheme)
	case port != "" && port != anyPort && !isPort(port):
		return "has a port that is not a number from 1 to 65535, written without a zero before it"
	}
	for _, r := range host {
		if r >= 0x80 {
			return "has a host that is not in ASCII, as browsers send it"
		}
	}
	return "has a host that no browser writes so"
}

// splitPort splits host and port; a colon inside brackets is no port's.
func splitPort(authority string) (host, port string) {
	if i := strings.LastIndexByte(authority, ':'); i > strings.LastIndexByte(authority, ']') {
		return authority[:i], authority[i+1:]
	}
	return authority, ""
}

// repairOrigin returns v in the form that its author may have meant. The
// result need not be an origin.
func repairOrigin(v string) string {
	v = strings.ToLower(redact.WithoutUser(strings.Trim(v, " \t\r\n'\"`")))
	if v == wildcard || v == originNull || v == originLoopback {
		return v
	}
	if len(v) < 2*len(originLoopback) && levenshtein.ComputeDistance(v, originLoopback) <= 2 {
		return originLoopback // misspelt
	}
	scheme, rest, ok := strings.Cut(v, "://")
	if !ok {
		scheme, rest = "http", strings.TrimLeft(v, "/")
		for _, s := range []string{"http", "https"} {
			if after, found := strings.CutPrefix(v, s+":"); found && !isPort(after) {
				scheme, rest = s, strings.TrimLeft(after, "/")
			}
		}
	}
	switch scheme {
	case "file":
		return originNull
	case "ws":
		scheme = "http"
	case "wss":
		scheme = "https"
	}
	if i := strings.IndexAny(rest, `/?#\`); i >= 0 {
		rest = rest[:i]
	}
	host, port := splitPort(rest)
	if n, err := strconv.ParseUint(port, 10, 16); err == nil && n > 0 {
		port = strconv.FormatUint(n, 10)
	}
	if port == defaultPort(scheme) {
		port = ""
	}
	host = repairHost(host)
	switch {
	case host == originLoopback && strings.Contains(v, "*"):
		return originLoopback // http://localhost*, which would match localhost.evil.example
	case port != "":
		return scheme + "://" + host + ":" + port
	}
	return scheme + "://" + host
}

// repairHost returns a host as browsers write it, as far as that can be told.
func repairHost(host string) string {
	if inner, ok := strings.CutPrefix(host, "["); ok {
		if c := canonicalIPv6(strings.TrimSuffix(inner, "]")); c != "" {
			return "[" + c + "]"
		}
		return host
	}
	base, wild := strings.CutPrefix(host, "*")
	base = strings.TrimPrefix(base, ".")
	base = strings.TrimSuffix(base, "*")
	if ascii, err := idna.Lookup.ToASCII(base); err == nil {
		base = ascii
	}
	if wild && base != originLoopback {
		return "*." + base
	}
	return base
}
