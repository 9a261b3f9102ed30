package diagnosis

import (
	"regexp"
	"strings"
)

// A rank says how much of a cause a trouble is.
type rank int

const (
	rankNone       rank = iota // it may follow from any other, or be no cause at all
	rankStart                  // why a command cannot start, or an error of a function's own server
	rankRaised                 // the function's error, as its runtime or itself prints it
	rankShape                  // what came of another: there is no response
	rankEnded                  // the runtime's process ended
	rankNamed                  // what has a name of its own
	rankAnswered               // the function's error, as SAM local has got it in place of a response
	rankAuthorizer             // the function that failed is an authorizer
)

// CauseOf returns which of several troubles, in the order of a log, has brought
// the others about; nil where there is none.
func CauseOf(all []Trouble) *Trouble {
	last := func(r rank) *Trouble {
		for i := len(all) - 1; i >= 0; i-- {
			if all[i].rank == r {
				return &all[i]
			}
		}
		return nil
	}
	if a := last(rankAuthorizer); a != nil {
		var before []Trouble
		for _, t := range all {
			if t.rank != rankAuthorizer && t.rank != rankNone {
				before = append(before, t)
			}
		}
		return a.causedBy(CauseOf(before))
	}
	for r := rankAnswered; r >= rankShape; r-- {
		for i := range all {
			if t := all[i]; t.rank == r {
				if before := last(rankRaised); r == rankEnded && before != nil && !t.killed {
					t = t.after(*before)
				}
				return &t
			}
		}
	}
	for r := rankRaised; r > rankNone; r-- {
		if t := last(r); t != nil {
			return t
		}
	}
	return last(rankNone)
}

// ended is the emulator's line about a runtime whose process has ended, or that
// it could not start.
var ended = regexp.MustCompile(`\(rapid\) (Init|Invoke) failed .*?error=(Runtime exited(?: with error: (.+?)| without providing a reason)|fork/exec .+?|.*[Nn]o valid bootstrap.*?|Couldn't find valid bootstrap.*?)(?: InvokeID=\S*)?$`)

// readEnded reads a line about the end of a runtime.
func readEnded(line string) (Trouble, bool) {
	m := ended.FindStringSubmatch(line)
	if m == nil {
		return Trouble{}, false
	}
	t := Trouble{Code: RuntimeEnded, rank: rankEnded}
	switch how := m[3]; {
	case !strings.HasPrefix(m[2], "Runtime exited"):
		t.public = "the function's runtime could not be started"
		t.Sentence = t.public + ": " + words(m[2])
		t.Hints = []string{startHint}
	case how == "signal: killed":
		t.killed = true
		t.Sentence = "the function was killed (" + how + "), most often because it needs more memory than its MemorySize"
		t.Hints = []string{"raise MemorySize in the function's Properties"}
	case m[1] == "Init":
		t.Sentence = "the function's runtime ended while it loaded the function" + inBrackets(how)
		t.Hints = []string{"read the lines before it in SAM local's log: the function's code, or what it loads, ended the process"}
	default:
		t.Sentence = "the function's runtime ended before the function had answered" + inBrackets(how)
		t.Hints = []string{"have the function give back a response, or raise an error, where it ends the process (sys.exit, process.exit, os.Exit); read its own lines in SAM local's log"}
	}
	if t.public == "" {
		t.public = t.Sentence
	}
	t.publicHints = t.Hints
	return t, true
}

// startHint is for a runtime that did not start.
const startHint = "check that the function's CodeUri holds what its Runtime starts, built for its Architectures; for provided.al2023 that is an executable file named bootstrap:\nsam build"

func inBrackets(how string) string {
	if how == "" {
		return ""
	}
	return " (" + words(how) + ")"
}

// after returns the end of a runtime, of which the error that it printed before
// is the cause.
func (t Trouble) after(before Trouble) Trouble {
	before.Code, before.rank = FunctionFailed, rankAnswered
	before.Sentence += ", and " + t.Sentence
	return before
}

// authorizer is SAM local's line about a Lambda authorizer that gave no answer
// that it can use. Two of them are none of these: a request that is denied, and
// a function that the template does not have, without which SAM local goes on.
var authorizer = regexp.MustCompile(`Lambda authorizer failed to invoke successfully: (.*)$`)

// authorizerName is the name in SAM local's words about its answer.
var authorizerName = regexp.MustCompile(`^Authorizer '?(.+?)'? (?:contains|return|is missing|policy document)`)

// readAuthorizer reads a line about a Lambda authorizer.
func readAuthorizer(line string) (Trouble, bool) {
	m := authorizer.FindStringSubmatch(line)
	if m == nil || strings.HasPrefix(m[1], "Request is not authorized for ") || strings.HasPrefix(m[1], "Unable to find a Function with name ") {
		return Trouble{}, false
	}
	t := Trouble{Code: AuthorizerFailed, rank: rankAuthorizer, public: "the Lambda authorizer failed"}
	t.who = "the Lambda authorizer"
	if name := authorizerName.FindStringSubmatch(m[1]); name != nil {
		t.who += " " + words(name[1])
	}
	switch {
	case m[1] == "":
		t.Sentence = t.who + " ended with an error"
	case strings.HasPrefix(m[1], "'NoneType' object has no attribute"):
		t.Sentence = t.who + " gave nothing back"
	default:
		t.Sentence = t.who + " gave back what SAM local does not take: " + words(m[1])
	}
	t.Hints = []string{"have the authorizer give back principalId and a policyDocument; or, of an HTTP API with EnableSimpleResponses, isAuthorized", "or do without it, by an option of sam local start-api:\n--disable-authorizer"}
	t.publicHints = t.Hints
	return t, true
}

// causedBy returns the failure of an authorizer, with what its function has
// done.
func (t Trouble) causedBy(cause *Trouble) *Trouble {
	switch {
	case cause == nil || cause.rank == rankShape:
		return &t
	case cause.message == "Unauthorized":
		t.Sentence = t.who + ` raised "Unauthorized", which a REST API answers with 401 when deployed, and an HTTP API with 500; SAM local makes 502 of it`
		t.Hints = []string{
			"have the authorizer deny in place of raising: by a policy whose Effect is Deny; or, of an HTTP API with EnableSimpleResponses, by isAuthorized: false",
			"or, of a REST API, take the 502 here for the 401 that it is when deployed",
		}
	case cause.rank == rankNamed:
		t.Code, t.Sentence, t.Hints = cause.Code, t.who+" failed: "+cause.Sentence, cause.Hints
	default:
		t.Sentence = strings.Replace(cause.Sentence, "the function", t.who, 1)
		if t.Sentence == cause.Sentence {
			t.Sentence = t.who + " failed: " + cause.Sentence
		}
		t.Hints = cause.Hints
	}
	t.publicHints = nil
	return &t
}
