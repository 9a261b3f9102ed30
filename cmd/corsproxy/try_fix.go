package main

import (
	"encoding/json"
	"net/url"
	"strings"

	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/fetch"
)

// tryFix returns what to do about a fetch that is blocked, "" where the verdict
// tells of no remedy. The server that was asked may be anything.
func tryFix(r fetch.Request, result fetch.Result) string {
	if result.Verdict.Chrome == "" {
		return "" // of the network: what explain has is all there is
	}
	last := result.Exchanges[len(result.Exchanges)-1]
	if code := diagnosed(result); code != "" {
		return toldFix(code, last.Body)
	}
	d, ok := new(diagnosis.Explainer).Blocked(diagnosis.Blocked{
		Verdict: result.Verdict, Origin: r.Origin, Method: browser.NormalizeMethod(r.Method), Path: r.URL.Path,
		Credentials: r.Credentials, Status: last.Status, SetBy: diagnosis.SetByUpstream, Header: fetch.Header(last.Request),
	})
	switch beside, here := strings.CutPrefix(d.Step, "here: "+d.Here); {
	case !ok:
		return ""
	case here && d.Here != "" && onThisMachine(last.URL):
		return "run corsproxy with " + d.Here + beside
	case here && d.Here != "" && beside == "":
		return "to read it on this machine, run corsproxy with --upstream " + originOf(last.URL) + " " + d.Here
	case here && d.Here != "":
		return strings.TrimPrefix(beside, ", or ")
	}
	return d.Step
}

// toldFix is the fix in corsproxy's own answer, or what its code has for all.
func toldFix(code string, body []byte) string {
	var problem struct{ Hints []string }
	if json.Unmarshal(body, &problem) == nil && len(problem.Hints) > 0 {
		return strings.ReplaceAll(problem.Hints[0], "\n", " ")
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
