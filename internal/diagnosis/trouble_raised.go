package diagnosis

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// A lambdaError is what a Lambda runtime says of an error of the function: the
// members of what it posts to the runtime API that all languages have.
type lambdaError struct{ ErrorType, ErrorMessage string }

// ruby is how the runtime of Ruby writes a type: with where it was raised.
var ruby = regexp.MustCompile(`^(?:Function|Init)<(.+)>$`)

// trouble returns what an error is a sign of.
func (f lambdaError) trouble() Trouble {
	for _, tell := range []func() (Trouble, bool){f.notLoaded, f.tooLarge} {
		if t, ok := tell(); ok {
			return t
		}
	}
	sentence := "the function raised " + words(ruby.ReplaceAllString(f.ErrorType, "$1"))
	if f.ErrorMessage != "" {
		sentence += ": " + words(f.ErrorMessage)
	}
	t := unnamed("the function raised an error", sentence)
	t.rank, t.message = rankRaised, f.ErrorMessage
	if f.ErrorType == "Runtime.MarshalError" {
		t.Hints = []string{"make text of what JSON has no form for, such as a date, in what the function gives back: isoformat(), str()"}
		t.publicHints = t.Hints
	}
	return t
}

// notLoaded tells the errors of runtimes that found no handler.
func (f lambdaError) notLoaded() (Trouble, bool) {
	switch {
	case strings.HasPrefix(f.ErrorType, "Runtime."): // Python, Node.js
	case f.ErrorType == "LambdaValidationException": // .NET
	case f.ErrorType == "java.lang.ClassNotFoundException" && strings.HasPrefix(f.ErrorMessage, "Class not found: "):
	case f.ErrorType == "Init<LoadError>", f.ErrorType == "Init<NameError>": // Ruby
	default:
		return Trouble{}, false
	}
	whole := strings.TrimPrefix(f.ErrorMessage, "Error: ")
	message, _, _ := strings.Cut(whole, "\n") // Node.js adds who requires it
	name := f.ErrorType
	if !strings.HasPrefix(name, "Runtime.") {
		name = "Runtime.HandlerNotFound"
	}
	for _, known := range troubles {
		if known.code != HandlerNotLoaded {
			continue
		}
		if m := known.line.FindStringSubmatch(name); m != nil {
			return fill(known.code, known.sentence, unloadedHints(whole), groupsOf([]string{"", message})), true
		}
	}
	return Trouble{}, false
}

// raised is the line of Python's runtime about an error of a function.
var raised = regexp.MustCompile(`^\[ERROR\] (\w[\w.]*)(?:: (.*))?$`)

// readRaised reads what a runtime prints of an error of its function. The
// function may have printed it, too, of an error that it has dealt with.
func readRaised(line string) (Trouble, bool) {
	if m := raised.FindStringSubmatch(line); m != nil {
		return lambdaError{m[1], m[2]}.trouble(), true
	}
	if !strings.Contains(line, `"errorType"`) {
		return Trouble{}, false
	}
	var f lambdaError
	start := strings.IndexByte(line, '{')
	if start < 0 || json.NewDecoder(strings.NewReader(line[start:])).Decode(&f) != nil || f.ErrorType == "" {
		return Trouble{}, false
	}
	return f.trouble(), true
}

// readFailedAnswer reads SAM local's line about an answer that is the function's
// error. SAM local knows an error by its members, and takes it for a response
// where there are others: Python's runtime adds requestId.
func readFailedAnswer(line string) (Trouble, bool) {
	_, why, ok := strings.Cut(line, "Invalid lambda response received: Invalid API Gateway Response Key")
	if !ok {
		return Trouble{}, false
	}
	_, repr, ok := strings.Cut(why, "} in {") // Keys: {…} in {…}
	if !ok {
		_, repr, _ = strings.Cut(why, "statusCode is not in {") // Key: statusCode is not in {…}
	}
	members := stringsOf(repr)
	kind, ok := members["errorType"]
	message, has := members["errorMessage"]
	if has && !ok && strings.Contains(why, "'errorType'") { // the line is too long to be kept whole
		kind, ok = "an error", true
	}
	if !ok || !has {
		return Trouble{}, false
	}
	t := lambdaError{kind, message}.trouble()
	if t.rank = rankAnswered; !t.IsCause() {
		t.Code = FunctionFailed
	}
	return t, true
}

// stringsOf returns the members of a Python dict that are strings. It is given
// what repr makes of the dict, without the brace in front; the end may be cut.
func stringsOf(repr string) map[string]string {
	members := make(map[string]string)
	key, depth := "", 0
	for i := 0; i < len(repr) && depth >= 0; {
		switch c := repr[i]; c {
		case '{', '[', '(':
			depth++
		case '}', ']', ')':
			depth--
		case ',':
			if depth == 0 {
				key = ""
			}
		case '\'', '"':
			text, n := pythonString(repr[i+1:], c)
			i += 1 + n
			switch {
			case depth > 0:
			case strings.HasPrefix(repr[i:], ":"):
				key = text
			case key != "":
				members[key] = text
			}
			continue
		}
		i++
	}
	return members
}

// pythonString reads the rest of a string as repr writes it, behind its quote,
// and says how long that is.
func pythonString(rest string, quote byte) (string, int) {
	var b strings.Builder
	left := rest
	for left != "" && left[0] != quote {
		c, _, tail, err := strconv.UnquoteChar(left, 0)
		switch {
		case err != nil && len(left) > 1 && left[0] == '\\': // \' beside no "
			c, tail = rune(left[1]), left[2:]
		case err != nil:
			c, tail = rune(left[0]), left[1:]
		}
		b.WriteRune(c)
		left = tail
	}
	return b.String(), min(len(rest)-len(left)+1, len(rest))
}
