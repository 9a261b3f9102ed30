package check

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/printable"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// An origin is one that a policy allows, and where it is written.
type origin struct {
	text    string
	pos     tree.Pos
	literal bool // no function made it
	entry   bool // it stands there as it is, and a function takes it from there
	// mapping and key are those of the entry, where it is one of a mapping; key is ""
	// of an item of a list.
	mapping, key string
}

// originsIn returns the origins that stand in one value.
func originsIn(text string) []string {
	if list, ok := strings.CutPrefix(strings.Trim(text, " '"), "["); ok && strings.Contains(list, "://") {
		text = strings.TrimSuffix(list, "]") // as JSON
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(`, ;|"`, r) })
	for i := range parts {
		parts[i] = strings.Trim(parts[i], "'")
	}
	return slices.DeleteFunc(parts, func(part string) bool { return part == "" })
}

// oneOrigin returns that of a value's origins which a REST API is to keep: the
// first that is a site's, and no page's of this machine.
func oneOrigin(text string) string {
	parts := originsIn(text)
	if len(parts) == 0 {
		return text
	}
	for _, part := range parts {
		if u, err := url.Parse(part); err == nil && u.Host != "" && u.Hostname() != "localhost" && u.Hostname() != "127.0.0.1" && u.Hostname() != "::1" {
			return part
		}
	}
	return parts[0]
}

// serialized is an origin as browsers write it, of any scheme.
var serialized = regexp.MustCompile(`^[a-z][a-z0-9+.-]*://(\[[0-9a-f:.]+\]|[a-z0-9._~-]+)(:[0-9]+)?$`)

// rightOrigin returns what an origin is to be: all of its faults are put right,
// or, where that leads nowhere, an origin that stands for the page's own.
func rightOrigin(s string) string {
	for range 8 { // more faults than one value can have
		fault, right := originFault(s)
		if fault == "" || isWildcard(s) {
			return s
		}
		s = right
	}
	return "https://app.example.com"
}

// isWildcard reports whether what stands for an origin is none on purpose.
func isWildcard(s string) bool { return s == "*" || s == "null" || strings.HasSuffix(s, "://*") }

// aTypo is a scheme with other marks behind it than it should have.
var aTypo = regexp.MustCompile(`^(?i:(https?))(?::/*|/+)([^/].*)$`)

// originFault says what is wrong with an origin, and what comes nearer to what
// is right.
func originFault(s string) (fault, nearer string) {
	scheme, rest, ok := strings.Cut(s, "://")
	host, _, hasPath := strings.Cut(rest, "/")
	typo := aTypo.FindStringSubmatch(s)
	switch {
	case isQuoted(s):
		return "has single quotes inside, which are for REST APIs", unquote(s)
	case strings.Contains(s, "'"):
		return "has a stray single quote", strings.ReplaceAll(s, "'", "")
	case typo != nil && (!ok || strings.HasPrefix(rest, "/")):
		return "has no :// behind its scheme", strings.ToLower(typo[1]) + "://" + typo[2]
	case !ok:
		return "has no scheme", usualScheme(strings.ToLower(strings.TrimLeft(s, "/")))
	case strings.Contains(host, "*"):
		return "has a wildcard, which API Gateway does not know", scheme + "://" + withoutWildcards(scheme, host)
	case hasPath && rest == host+"/":
		return "ends with a slash", scheme + "://" + host
	case hasPath:
		return "has a path", scheme + "://" + host
	case scheme == "https" && strings.HasSuffix(host, ":443"), scheme == "http" && strings.HasSuffix(host, ":80"):
		return "has its scheme's default port", scheme + "://" + host[:strings.LastIndexByte(host, ':')]
	case s != strings.ToLower(s):
		return "has capital letters", strings.ToLower(s)
	case !serialized.MatchString(s):
		return "is no origin", "https://app.example.com"
	}
	return "", ""
}

// usualScheme puts before a host the scheme that pages of it have: those of this
// machine, and of others that have no name, are served without a certificate.
func usualScheme(host string) string {
	if u, err := url.Parse("http://" + host); err == nil {
		name := u.Hostname()
		if name == "localhost" || strings.HasSuffix(name, ".localhost") || net.ParseIP(name) != nil {
			return "http://" + host
		}
	}
	return "https://" + host
}

// withoutWildcards is an example of what a host and its port with wildcards stand
// for.
func withoutWildcards(scheme, host string) string {
	name, port, hasPort := strings.Cut(host, ":")
	switch {
	case name == "*" && scheme == "http":
		name = "localhost"
	case name == "*":
		name = "app.example.com"
	}
	name = strings.ReplaceAll(name, "*", "app")
	switch {
	case !hasPort:
		return name
	case strings.Contains(port, "*"):
		port = "5173"
	}
	return name + ":" + port
}

// asLetters is what becomes of a value that Fn::Sub does not make.
const asLetters = "no function puts a value in its place, here or on AWS"

const isParameterName = "is the name of a parameter, in place of its value"

var inBraces = regexp.MustCompile(`\$\{([^{}]*)\}`)

// forgetsSub reports whether a text has references as Fn::Sub takes them, all of
// them to what its template has.
func (p *policy) forgetsSub(text string) bool {
	references := inBraces.FindAllStringSubmatch(text, -1)
	template := p.api.stack.Template
	return len(references) > 0 && !slices.ContainsFunc(references, func(match []string) bool {
		name, _, _ := strings.Cut(match[1], ".")
		return !strings.HasPrefix(name, "AWS::") && !template.Get("Parameters").Has(name) && !template.Get("Resources").Has(name)
	})
}

// faultOf says what is wrong with an origin, and what it is to be.
func (p *policy) faultOf(o origin) (fault, right string) {
	switch {
	case p.api.stack.Template.Get("Parameters").Has(o.text):
		return isParameterName, "${" + o.text + "}"
	case !o.literal && strings.Contains(o.text, "${"):
		return partFault(o.text)
	case p.quoted() && isQuoted(o.text):
		return "has single quotes twice", rightOrigin(o.text)
	case !o.literal && mayBeExample(o.text), o.text == "", o.text == "*", o.text == "null", strings.ContainsAny(o.text, ", ;|$"),
		p.quoted() && expression.MatchString(o.text), !p.quoted() && strings.HasSuffix(o.text, "://*"),
		p.form == formURL && strings.Contains(o.text, "*"): // of which Lambda's documentation says nothing
		return "", ""
	}
	fault, _ = originFault(o.text)
	return fault, rightOrigin(o.text)
}

// putRight says what makes an origin, and what is to be changed in that: the one
// parameter whose value is at fault, or the function.
func (p *policy) putRight(found *problem, o origin, right string) {
	if o.mapping != "" {
		found.why += fmt.Sprintf("; %s takes it from mapping %s", p.settings["AllowOrigin"].name(), quote(o.mapping))
	}
	s, ok := p.shareIn(o)
	isText := o.entry && !strings.Contains(right, "${") // which takes a function
	switch {
	case isText && p.quoted():
		found.fix = o.rewritten(yamlQuoted(right))
	case isText:
		found.fix = o.rewritten(flowWord(right))
	case !ok || strings.Contains(o.text, "${"):
		found.why += "; a function makes it here"
		found.fix = "have the function make " + printable.Line(right)
		if p.quoted() {
			found.fix = "have the function make " + yamlQuoted(right)
		}
	case p.api.stack.Template.Get("Parameters").Get(s.parameter).Get("Default").EqualsString(s.value):
		found.why += "; it comes of the Default of parameter " + quote(s.parameter)
		found.fix = "in parameter " + printable.Line(s.parameter) + ":\nDefault: " + flowWord(s.right)
	default:
		found.why += "; it comes of parameter " + quote(s.parameter)
		found.fix = fmt.Sprintf("in the value of parameter %s, write %s in place of %s", printable.Line(s.parameter), printable.Line(s.right), printable.Line(s.value))
	}
}

// rewritten is how another value is written in place of an entry.
func (o origin) rewritten(value string) string {
	if o.key != "" {
		return printable.Line(o.key) + ": " + value
	}
	return "write in its place: " + value
}
