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
	if !t.IsCause() && slices.Contains([]Code{HeadNotMounted, NoFunction, InlineCode, NoIdentity, AuthorizerDenied}, d.Code) {
		return d
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
	if t.IsCause() {
		d.Code = t.Code
	}
	return d
}

// troubles are the lines of a log that name a cause. The first that matches a
// line counts. {1} in a sentence or hint is what the expression's group has. What
// the expression matches has one of the words, in lower case, in it: nearly all
// lines of a log have none, and are looked at no further.
var troubles = []struct {
	words    []string
	line     *regexp.Regexp
	code     Code
	sentence string
	hints    []string
}{
	// On a terminal the traceback is broken into lines, and has lines of source.
	{[]string{"error building docker image: ", "docker build failed with errors: "}, regexp.MustCompile(`(?:Error building docker image|Docker build failed with errors): ([^{].*)`), ImageNotBuilt,
		"the image of the function cannot be built: {1}",
		[]string{"check whether the registry of the base image can be reached", "with the base image here already, have the registry not asked, by an option of sam local start-api:\n--skip-pull-image"}},
	{[]string{"image locally and failed to pull it"}, regexp.MustCompile(`Could not find (\S+) image locally and failed to pull it`), ImageNotPulled,
		"the image {1} is not on this machine and cannot be pulled",
		[]string{"try it by hand:\ndocker pull {1}"}},
	{[]string{"dockerdistributionapierror"}, regexp.MustCompile(`DockerDistributionAPIError: .*/distribution/(\S+)/json\b`), ImageNotPulled,
		"the registry of the image {1} cannot be asked, as without a network",
		[]string{"with the image here already, have the registry not asked, by an option of sam local start-api:\n--skip-pull-image", "try it by hand:\ndocker pull {1}"}},
	{[]string{"requires a container runtime", "docker daemon", "fetching server api version", "connection aborted", "max retries exceeded with url: /v"}, regexp.MustCompile(`requires a container runtime|Cannot connect to the Docker daemon|Is the docker daemon running|docker daemon is not running|Error while fetching server API version|ConnectionError: \('Connection aborted\.', (?:ConnectionRefusedError|FileNotFoundError|PermissionError)\(|Max retries exceeded with url: /v\d\.\d+/(?:containers|images|info|networks|version)\b`), EngineNotRunning,
		"no container engine answers: Docker is not running, or this user may not use it",
		[]string{"start Docker, and check:\ndocker info"}},
	{[]string{"runtime."}, regexp.MustCompile(`Runtime\.(?:ImportModuleError|HandlerNotFound|UserCodeSyntaxError|MalformedHandlerName|InvalidEntrypoint|InvalidHandler|NoHandler)"?[:,]?\s*(?:"?errorMessage"?:\s*)?"?(?:Error: )?([^"\\]*)`), HandlerNotLoaded,
		"the function's handler cannot be loaded: {1}", nil}, // the hints are unloadedHints
	{[]string{"response must be valid json"}, regexp.MustCompile(`Invalid lambda response received: (Lambda response must be valid json)`), BadResponse,
		"the function's runtime did not start, or the function gave back no JSON: {1}",
		[]string{startHint, "if the function ran, have it give back:\n{\"statusCode\": 200, \"headers\": {}, \"body\": \"a string\"}"}},
	{[]string{"invalid lambda response received: "}, regexp.MustCompile(`Invalid lambda response received: (.+)`), BadResponse,
		"the function's response is not what API Gateway takes: {1}",
		[]string{"have the function give back:\n{\"statusCode\": 200, \"headers\": {}, \"body\": \"a string\"}"}},
	{[]string{"unicodedecodeerror"}, regexp.MustCompile(`UnicodeDecodeError while processing HTTP request: (.+)`), BodyNotText,
		"SAM local took the request's body for text, and it is none: {1}",
		[]string{"send the body with its Content-Type, and add that to BinaryMediaTypes in the REST API's Properties, such as:\nBinaryMediaTypes: [application~1octet-stream]", orHTTP}},
	{[]string{"eaddrinuse", "port ", "address already in use"}, regexp.MustCompile(`EADDRINUSE.*?:(\d+)\b|(?i:port) (\d+) is (?:already )?(?:in use|unavailable|allocated)|(?i:address already in use)`), PortInUse,
		"another program listens on its port {1} already",
		[]string{"end the other program, often an earlier start of the same one, or give the command another port"}},
	{[]string{"timed out after "}, regexp.MustCompile(`Function '(.+?)' timed out after (\d+) seconds`), FunctionTimedOut,
		"the function {1} was ended after {2} seconds, its Timeout",
		[]string{"raise Timeout in the function's Properties, and start SAM local again, or look at what it waits for; from a container, 127.0.0.1 is the container itself"}},
	{[]string{"no space left on device"}, regexp.MustCompile(`(?i)no space left on device`), DiskFull,
		"the disk is full",
		[]string{"make room:\ndocker system prune"}},
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
