package console

import (
	"regexp"
	"strings"
)

var (
	allowHeader = regexp.MustCompile(`(?i)Access-Control-(?:Allow-(?:Origin|Methods|Headers|Credentials)|Expose-Headers)`)
	quoted      = regexp.MustCompile(`'([^']*)'`)
	aToken      = regexp.MustCompile(`^[A-Za-z0-9!#$%&*+.^_|~-]+$`)
)

// byHeader reads a message of which nothing but the name of a header is
// understood, because it is in another language, or cut short.
func byHeader(part string) (Message, bool) {
	m := Message{Text: tidy(part), ByHeader: true}
	name := strings.ToLower(allowHeader.FindString(part))
	var others []string // what is quoted beside the header's name
	for _, q := range quoted.FindAllStringSubmatch(part, -1) {
		if !allowHeader.MatchString(q[1]) {
			others = append(others, q[1])
		}
	}
	var id string
	switch name {
	case "":
		return m, false
	case "access-control-allow-origin":
		id = missingOrigin
		for _, o := range others {
			switch {
			case o == "*":
				id = wildcardOrigin
			case strings.Contains(o, "://") && strings.Count(o, "/") == 2:
				// A URL has a path, as browsers write it.
				id, m.Value = originMismatch, o
			}
		}
	case "access-control-allow-credentials":
		id = missingCredentials
	case "access-control-allow-methods":
		id, m.Stage = methodNotAllowed, Preflight
	case "access-control-allow-headers":
		id, m.Stage = headerNotAllowed, Preflight
		for _, o := range others {
			if aToken.MatchString(o) {
				m.Header = strings.ToLower(o)
			}
		}
	default:
		id = hiddenHeader
	}
	m.Topic = topic(id)
	m.Chrome, m.Firefox = names(id, m.Stage)
	return m, true
}
