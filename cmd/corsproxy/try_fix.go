package main

import (
	"encoding/json"
	"net/url"
	"strings"

	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/fetch"
	"github.com/corsproxy/corsproxy/internal/shell"
)

// tryFix returns what to do about a fetch that is blocked, "" where the verdict
// tells of no remedy. The server that was asked may be anything.
func tryFix(r fetch.Request, result fetch.Result) string {
	if result.Verdict.Chrome == "" {
		return "" // of the network: what explain has is all there is
	}
	last := result.Exchanges[len(result.Exchanges)-1]
	if code := diagnosed(last); code != "" {
		return toldFix(code, last.Body)
	}
	if isMissingToken(last) && last.Stage != browser.StagePreflight {
		return "no route is mounted for " + last.Method + " " + r.URL.EscapedPath() + ", or its function said so; " +
			"in the folder of the template, corsproxy routes lists those that are"
	}
	d, ok := new(diagnosis.Explainer).Blocked(diagnosis.Blocked{
		Verdict: result.Verdict, Origin: r.Origin, Method: browser.NormalizeMethod(r.Method), Path: r.URL.Path,
		Credentials: r.Credentials, Status: last.Status, SetBy: diagnosis.SetByUpstream,
	})
	switch beside, here := strings.CutPrefix(d.Step, "here: "+d.Here); {
	case !ok:
		return ""
	case here && d.Here != "" && onThisMachine(last.URL):
		return "run corsproxy with " + d.Here + beside
	case here && d.Here != "" && beside == "":
		return "to read it on this machine, run corsproxy with --upstream " + shell.Word(originOf(last.URL)) + " " + d.Here
	case here && d.Here != "":
		return strings.TrimPrefix(beside, ", or ")
	}
	return d.Step
}

// isMissingToken reports whether an answer is 403 Missing Authentication Token.
func isMissingToken(x fetch.Exchange) bool {
	return diagnosis.IsMissingToken(x.Status, fetch.Header(x.Response), x.Body)
}

// diagnosed returns the code that corsproxy itself gave, if the answer is its
// own.
func diagnosed(x fetch.Exchange) string {
	code, _, _ := strings.Cut(fetch.Header(x.Response).Get(diagnosis.HeaderName), " ")
	if !aCode.MatchString(code) {
		return ""
	}
	return code
}

// An ownAnswer is what corsproxy's own answer says.
type ownAnswer struct {
	Detail string
	Hints  []string
}

// ownAnswerIn reads the body of corsproxy's own answer; it is empty where the
// body is something else.
func ownAnswerIn(body []byte) (a ownAnswer) {
	_ = json.Unmarshal(body, &a)
	return a
}

// toldFix is the fix in corsproxy's own answer, or what its code has for all.
func toldFix(code string, body []byte) string {
	if hints := ownAnswerIn(body).Hints; len(hints) > 0 {
		return strings.ReplaceAll(hints[0], "\n", " ")
	}
	info, _ := diagnosis.Lookup(diagnosis.Code(code))
	return strings.TrimSuffix(info.Fix, ".")
}

func onThisMachine(target string) bool {
	u, err := url.Parse(target)
	return err == nil && (u.Hostname() == "localhost" || u.Hostname() == "::1" || strings.HasPrefix(u.Hostname(), "127."))
}

// originOf is a URL without its path.
func originOf(target string) string {
	u, err := url.Parse(target)
	if err != nil {
		return target
	}
	return browser.OriginOf(u)
}
