package sam

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/corsproxy/corsproxy/internal/printable"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
	"github.com/corsproxy/corsproxy/internal/shell"
)

// InQuotes writes what stands for the value of a REST API's header as YAML, with
// the single quotes that it needs where its texts stand: in the branches of a
// condition, and around what another function makes. It is false where that
// cannot be told.
func (s Stack) InQuotes(v *tree.Value) (string, bool) {
	if s.resolver == nil {
		return "", false
	}
	return inQuotes(s.Template, v, s.resolver.Resolve)
}

func inQuotes(template, v *tree.Value, resolve func(*tree.Value) *tree.Value) (string, bool) {
	quote := func(s string) string { return `"'` + printable.Line(s) + `'"` }
	text, isText := v.Str()
	name, isRef := v.Get("Ref").Str()
	sub, isSub := v.Get("Fn::Sub").Str()
	parts, attribute := v.Get("Fn::Sub").Items(), v.Get("Fn::GetAtt").Items()
	if isText {
		return quote(strings.Trim(text, "'")), !strings.ContainsAny(text, `"\`)
	}
	if branches := v.Get("Fn::If").Items(); len(branches) == 3 {
		then, ok := inQuotes(template, branches[1], resolve)
		otherwise, known := inQuotes(template, branches[2], resolve)
		return "!If [" + printable.Line(branches[0].Text()) + ", " + then + ", " + otherwise + "]", ok && known
	}
	made, _ := resolve(v).Str()
	switch {
	case !isFunction(v) || strings.ContainsAny(sub, `"\`):
		return "", false
	case isQuoted(made) && len(parts) > 0:
		return InParts(v) // which SAM CLI makes as AWS does
	case name == "AWS::NoValue" || isQuoted(made):
		return v.Inline()
	case isQuoted(template.Get("Parameters").Get(name).Get("Default").Text()):
		return "", false // which it has where no other value is given
	case isRef && !strings.HasPrefix(name, "AWS::") && !template.Get("Parameters").Has(name) && !template.Get("Resources").Has(name):
		return "", false // a name that nothing has
	case isRef:
		return "!Sub " + quote("${"+name+"}"), true
	case isSub:
		return "!Sub " + quote(sub), true
	case len(attribute) == 2 && attribute[1].Is(tree.String):
		return "!Sub " + quote("${"+attribute[0].Text()+"."+attribute[1].Text()+"}"), true
	case quotedInMap(template, v):
		return "", false // some of what it makes has them
	case len(parts) == 2 && parts[0].Is(tree.String):
		text, _ := parts[0].Str()
		return joinOf("'"+text+"'", parts[1])
	}
	inner, ok := v.Inline()
	return `!Join ["", ["'", ` + inner + `, "'"]]`, ok
}

// InParts writes a !Sub with variables of its own as the !Join that makes the
// same: SAM CLI takes the value of such a variable for a name, and puts what it
// knows of that in its place, of a text with a dot "$" and the text. It is false
// where v is none, or that cannot be told.
func InParts(v *tree.Value) (string, bool) {
	parts := v.Get("Fn::Sub").Items()
	if len(parts) != 2 || !parts[0].Is(tree.String) {
		return "", false
	}
	text, _ := parts[0].Str()
	return joinOf(text, parts[1])
}

// substitution is a variable in the text of a !Sub.
var substitution = regexp.MustCompile(`\$\{([^!}][^}]*)\}`)

// joinOf writes the text of a !Sub and its variables as a !Join.
func joinOf(text string, own *tree.Value) (string, bool) {
	if strings.Contains(text, "${!") {
		return "", false
	}
	var parts []string
	add := func(text string) {
		if text != "" {
			parts = append(parts, strconv.Quote(printable.Line(text)))
		}
	}
	at := 0
	for _, m := range substitution.FindAllStringSubmatchIndex(text, -1) {
		add(text[at:m[0]])
		at = m[1]
		name := strings.TrimSpace(text[m[2]:m[3]])
		value, ok := own.Get(name).Inline()
		switch {
		case own.Has(name) && !ok:
			return "", false
		case own.Has(name):
			parts = append(parts, value)
		case strings.Contains(name, "."):
			parts = append(parts, "!GetAtt "+printable.Line(name))
		default:
			parts = append(parts, "!Ref "+printable.Line(name))
		}
	}
	add(text[at:])
	return `!Join ["", [` + strings.Join(parts, ", ") + "]]", true
}

func isQuoted(s string) bool {
	return len(s) > 1 && strings.HasPrefix(s, "'") && strings.HasSuffix(s, "'")
}

// quotedInMap reports whether Fn::FindInMap finds a value that has the quotes
// already, be it not for what the parameters say here.
func quotedInMap(template, v *tree.Value) bool {
	args := v.Get("Fn::FindInMap").Items()
	if len(args) < 3 {
		return false
	}
	name, _ := args[0].Str()
	return slices.ContainsFunc(template.Get("Mappings").Get(name).Entries(), func(e tree.Entry) bool {
		return slices.ContainsFunc(e.Value.Entries(), func(e tree.Entry) bool {
			text, _ := e.Value.Str()
			return isQuoted(text) && (!args[2].Is(tree.String) || args[2].EqualsString(e.Name()))
		})
	})
}

// A corsSource is where the values of a CORS policy come from.
type corsSource struct {
	stack   *stack
	written *tree.Value // the policy with functions as written; nil where it is not known
	prefix  string      // of the keys, where they are names of response parameters
}

// unquote returns a value without the single quotes that it must stand in. Where
// a function makes it, what it makes here is not to be written in its place.
func (in corsSource) unquote(key string, v *tree.Value, s string) (string, error) {
	if strings.HasPrefix(s, "'") && strings.HasSuffix(s, "'") {
		return strings.Trim(s, "'"), nil
	}
	label, written := "Cors."+key, in.written.Get(key)
	text := strings.Trim(ListText(key, s), "' ")
	switch {
	case key == "Cors":
		label, written = key, in.written
	case in.prefix != "":
		key = in.prefix + strings.Replace(key, "Allow", "Allow-", 1)
		label = key
	}
	err := &TemplateError{
		Pos:  v.Pos(),
		What: fmt.Sprintf("%s is %q, without single quotes inside", label, s),
		Why:  "SAM CLI refuses it, and API Gateway would take it for an expression",
		Fix:  fmt.Sprintf("write %s: \"'%s'\"", key, printable.Line(text)),
	}
	if key == "AllowCredentials" {
		err.Why = "SAM CLI refuses it, and on AWS the boolean alone counts"
		err.Fix = fmt.Sprintf("write AllowCredentials: %t", !IsNo(text))
		if isFunction(written) {
			err.Pos = written.Pos()
		}
		return "", err
	}
	if isFunction(written) {
		err.Pos = written.Pos()
		err.Fix = "write the single quotes into what the function makes"
		if made, _ := in.stack.resolver().AsDeployed().Resolve(written).Str(); isQuoted(made) && len(written.Get("Fn::Sub").Items()) > 0 {
			err.Why = "SAM CLI takes the values of !Sub's own variables for names, and refuses what it makes of them"
		}
		if text, ok := inQuotes(in.stack.template, written, in.stack.resolver().AsDeployed().Resolve); ok {
			err.Fix = "write " + key + ": " + text
		}
		name, isRef := written.Get("Ref").Str()
		if isQuoted(in.stack.template.Get("Parameters").Get(name).Get("Default").Text()) {
			err.Fix = QuotedParameter(name, s)
		}
		if isRef && name == s && !in.stack.template.Get("Parameters").Has(name) && !in.stack.template.Get("Resources").Has(name) {
			err.What = fmt.Sprintf("%s refers to %q, which the template does not declare", label, name)
			err.Why = "SAM CLI takes the name for the value, and refuses it without single quotes inside"
			err.Fix = "correct the name, or declare the parameter"
		}
		if isRef && name == s && isParameter(in.stack.template, written) {
			err.What = fmt.Sprintf("%s is parameter %q, which has no value here", label, name)
			err.Why = "SAM CLI takes its name for the value, and refuses it without single quotes inside"
			err.Fix = "give it one, with single quotes inside"
		}
	} else if isFunction(in.written) {
		err.Fix = "write the single quotes into the branch that makes it"
	}
	return "", err
}

// IsNo reports whether a text that stands for a boolean means false, or nothing.
func IsNo(text string) bool {
	return slices.Contains([]string{"", "false", "no", "off", "0"}, strings.ToLower(text))
}

// QuotedParameter says how a parameter whose Default has single quotes inside gets
// another value with such quotes.
func QuotedParameter(name, value string) string {
	return "give parameter " + printable.Line(name) + " its value in single quotes within double ones, since SAM CLI takes the outer ones off: " + QuotedOverride(name, value)
}

// QuotedOverride is the option that gives a parameter a value with single quotes
// inside, as a shell takes it: SAM CLI takes the outer quotes off.
func QuotedOverride(name, value string) string {
	override := printable.Line(fmt.Sprintf(`%s="'%s'"`, name, value))
	word := `"` + strings.ReplaceAll(override, `"`, `\"`) + `"`
	if strings.ContainsAny(override, "$`\\!") { // which a shell looks at there
		word = shell.Word(override)
	}
	return "--parameter-overrides " + word
}
