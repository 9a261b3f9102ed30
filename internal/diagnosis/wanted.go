package diagnosis

import (
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/shell"
)

// A wanted field is what an answer has to say.
type wanted struct{ header, value, rest, http, flag string }

// wants returns the fields that are to be set, in the words of each of those
// who may set them.
func (b *obstacle) wants(code Code) []wanted {
	v := b.Verdict
	origin, ok := originValue(b.Origin)
	if !ok || origin == "null" {
		origin = "*" // to allow null would allow sandboxed frames of any site
	}
	credentials := wanted{"Access-Control-Allow-Credentials", "true", "AllowCredentials: true", "AllowCredentials: true", "--allow-credentials"}
	switch code {
	case MethodDisallowedByPreflightResponse, InvalidAllowMethodsPreflightResponse:
		methods := readable([]string{strings.ToUpper(strings.Join(v.Values, ","))}, methodValue, b.Method)
		list := strings.Join(methods, ",")
		all := []wanted{{"Access-Control-Allow-Methods", list, `AllowMethods: "'` + list + `'"`, "AllowMethods:\n  - " + strings.Join(methods, "\n  - "), "--allow-method " + shell.Word(list)}}
		if next, ok := b.afterMethod(); ok {
			all = append(all, headersWanted(next)...)
		}
		return all
	case HeaderDisallowedByPreflightResponse, InvalidAllowHeadersPreflightResponse:
		return headersWanted(v)
	case InvalidAllowCredentials, PreflightInvalidAllowCredentials:
		return []wanted{credentials}
	case PreflightInvalidStatus, PreflightDisallowedRedirect, RedirectContainsCredentials, CorsDisabledScheme, RedirectNotFollowed:
		return nil
	}
	if origin == "*" && b.Credentials {
		return nil
	}
	all := []wanted{{"Access-Control-Allow-Origin", origin, `AllowOrigin: "'` + origin + `'"`, b.allowOrigins(origin), b.Allows.originFlag(origin)}}
	if b.Credentials {
		all = append(all, credentials)
	}
	return all
}

// headersWanted is the list of headers that a preflight's answer lacks some of.
func headersWanted(v browser.Verdict) []wanted {
	headers := readable(v.Values, headerValue, firstOf(v.Refused)...)
	list := strings.Join(headers, ",")
	if list == "" {
		return nil
	}
	return []wanted{{"Access-Control-Allow-Headers", list, `AllowHeaders: "'` + list + `'"`, "AllowHeaders:\n  - " + strings.Join(headers, "\n  - "), "--allow-header " + shell.Word(list)}}
}

// afterMethod is the verdict on the headers of a preflight whose method is not
// allowed: it would be the next. It is false where they are, and where there is
// another step for the method, or for one of the two lists, which a function makes.
func (b *obstacle) afterMethod() (browser.Verdict, bool) {
	if _, lower := lowerCase(b.Method); lower || b.Verdict.Chrome != "MethodDisallowedByPreflightResponse" {
		return browser.Verdict{}, false
	}
	if b.api != nil && b.api.CORS != nil {
		for _, key := range slices.Concat(b.api.CORS.Computed, b.api.CORS.Unresolved) {
			if key == "AllowMethods" || key == "AllowHeaders" {
				return browser.Verdict{}, false
			}
		}
	}
	next := b.Verdict.WithMethod()
	return next, len(next.Refused) > 0
}

// readable returns the members of a list that are names, and more.
func readable(lines []string, valid func(string) (string, bool), more ...string) []string {
	var all []string
	for _, member := range append(sam.WordsIn(strings.Join(lines, ",")), more...) {
		if name, ok := valid(member); ok && !slices.ContainsFunc(all, func(a string) bool { return strings.EqualFold(a, name) }) {
			all = append(all, name)
		}
	}
	return all
}
