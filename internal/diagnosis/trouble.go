package diagnosis

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/redact"
	"github.com/corsproxy/corsproxy/internal/shell"
)

// A Trouble is something that a child's log says went wrong.
type Trouble struct {
	Code     Code     // "" where it has no name of its own
	Sentence string   // what is wrong
	Hints    []string // what to do

	// What may be told to any web page: the same, without the log's own words.
	public      string
	publicHints []string

	rank    rank
	killed  bool   // a runtime's end is the kernel's doing
	message string // of an error that a function raised
	who     string // an authorizer, in words
}

// IsCause reports whether the trouble has a name of its own. One that has not
// may follow from another.
func (t Trouble) IsCause() bool { return t.Code != "" }

// noteIn adds the trouble to what is known of a failure, which it may explain.
// Every page that calls gets that in a body, and a log may have secrets, such
// as the URL of a database in a traceback: its own words stay in it.
func (t *Trouble) noteIn(d *Diagnosis) {
	if t == nil {
		return
	}
	d.Detail += "; its log says: " + t.public
	d.Hints = append(append([]string(nil), t.publicHints...), d.Hints...)
}

// Explain returns d, which names an answer that SAM local gave in place of a
// function's, with the trouble as its cause. Certain says that the log has it
// for this very request; otherwise others were under way at the time. What has a
// cause already, such as a HEAD that no route takes, is not explained by a trouble
// that has no name: that is how SAM local fails of it.
func (t Trouble) Explain(d Diagnosis, certain bool) Diagnosis {
	if !t.IsCause() && slices.Contains([]Code{HeadNotMounted, NoFunction, InlineCode, NoIdentity, AuthorizerDenied, PayloadTooLarge}, d.Code) {
		return d
	}
	if d.Code == PayloadTooLarge && t.rank != rankNamed {
		return d // how a runtime fails of it
	}
	if !certain {
		d.Detail += "; SAM local's log has, for this request or another at the time: " + t.Sentence
		return d
	}
	before, _, _ := strings.Cut(d.Detail, ": ")
	d.Detail = before + ": " + t.Sentence
	d.Hints = t.Hints
	if t.Code == BodyNotText && d.ifBinary != nil {
		d.Hints = d.ifBinary
	}
	if d.lasting {
		d.Hints = slices.DeleteFunc(slices.Clone(d.Hints), func(h string) bool { return strings.Contains(h, "--disable-authorizer") })
	}
	if t.IsCause() {
		d.Code = t.Code
	}
	return d
}

// Unanswered returns d, which says that a request was given up, with the trouble for
// which SAM local leaves one without an answer. Certain is as for Explain.
func (t Trouble) Unanswered(d Diagnosis, certain bool) Diagnosis {
	if t.Code != HeaderNotLatin1 {
		return d
	}
	if !certain {
		d.Detail += "; SAM local's log has, for this request or another at the time: " + t.Sentence
		return d
	}
	d.Code, d.Hints = t.Code, nil
	d.Detail = "SAM local leaves the request without an answer: " + t.Sentence + "; " + t.Hints[0]
	return d
}

// ReadTrouble reads a line of a child's log, without terminal sequences.
func ReadTrouble(line string) (Trouble, bool) {
	if strings.Contains(line, "(rapid) ") { // of the emulator of Lambda
		return readEnded(line)
	}
	for _, read := range []func(string) (Trouble, bool){readAuthorizer, readFailedAnswer, readRaised} {
		if t, ok := read(line); ok {
			return t, true
		}
	}
	lower := strings.ToLower(line)
	for _, known := range troubles {
		if !slices.ContainsFunc(known.words, func(word string) bool { return strings.Contains(lower, word) }) {
			continue
		}
		if m := known.line.FindStringSubmatch(line); m != nil {
			groups, hints := groupsOf(m), known.hints
			if known.code == HandlerNotLoaded {
				hints = unloadedHints(strings.Join(groups, ""))
			}
			return fill(known.code, known.sentence, hints, groups), true
		}
	}
	return Trouble{}, false
}

// traceback is the last line of a Python traceback. SAM local's output has the
// emulator's words behind it, where they come at the same time.
var traceback = regexp.MustCompile(`^([A-Za-z_][\w.]*(?:: .*?)?)(?:END RequestId: .*)?$`)

// ReadTraceback reads the last line of a Python traceback: "package.Error: what
// is wrong". Inside says that a function's code has printed it: then the words of
// its error name no trouble of SAM local's.
func ReadTraceback(last string, inside bool) (Trouble, bool) {
	if t, ok := ReadTrouble(last); ok && (!inside || t.rank != rankNamed && t.rank != rankStart) {
		return t, true
	}
	m := traceback.FindStringSubmatch(last)
	if m == nil || m[1] == "RuntimeError: Failed to get next" { // the runtime's, which is ended after each answer
		return Trouble{}, false
	}
	return unnamed("a traceback", "a traceback that ends in "+words(m[1])), true
}

// Spliced returns SAM local's words about an answer that stand within a line:
// it writes them while a container's output is being written, too.
func Spliced(line string) string {
	for _, mark := range []string{"Invalid lambda response received: ", "Lambda authorizer failed to invoke successfully: "} {
		if i := strings.Index(line, mark); i >= 0 && !strings.HasPrefix(line[i+len(mark):], "%s") { // its own source, in a traceback
			return line[i:]
		}
	}
	return ""
}

// unnamed returns a trouble that has no name of its own.
func unnamed(public, sentence string) Trouble {
	hints := []string{"read the traceback in its log"}
	return Trouble{Sentence: sentence, Hints: hints, public: public, publicHints: hints}
}

// words returns words of a log, fit to be shown, without the secrets of URLs.
func words(text string) string { return show(redact.Text(text)) }

// groupsOf returns the groups of a match that are not empty.
func groupsOf(m []string) []string {
	var groups []string
	for _, g := range m[1:] {
		if g = strings.TrimSpace(g); g != "" {
			groups = append(groups, words(g))
		}
	}
	return groups
}

// isNumber is a word of a log that is no secret: a port, seconds.
var isNumber = regexp.MustCompile(`^[0-9]{1,5}$`)

func fill(code Code, sentence string, hints []string, groups []string) Trouble {
	var all, numbers []string
	for i, g := range groups {
		mark := fmt.Sprintf("{%d}", i+1)
		all = append(all, mark, g)
		if isNumber.MatchString(g) {
			numbers = append(numbers, mark, g)
		} else {
			numbers = append(numbers, ": "+mark, "", " "+mark, "")
		}
	}
	if len(groups) == 0 {
		all = []string{": {1}", "", " {1}", ""}
		numbers = all
	}
	var pasted []string
	for i, s := range all {
		if i%2 == 1 && s != "" {
			s = shell.Word(s)
		}
		pasted = append(pasted, s)
	}
	r, public, command := strings.NewReplacer(all...), strings.NewReplacer(numbers...), strings.NewReplacer(pasted...)
	t := Trouble{Code: code, Sentence: r.Replace(sentence), public: public.Replace(sentence), rank: rankNamed}
	switch code {
	case BadResponse:
		t.rank = rankShape
	case PortInUse:
		t.rank = rankStart
	}
	for _, h := range hints {
		t.Hints = append(t.Hints, command.Replace(h))
		if !strings.Contains(h, "{1}") {
			t.publicHints = append(t.publicHints, h)
		}
	}
	return t
}
