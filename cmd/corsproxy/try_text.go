package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/fetch"
)

// A tryText says what was sent, what came back, and what a browser makes
// of it.
type tryText struct {
	strings.Builder
	paint palette
}

// writeTry prints a fetch for people.
func (w world) writeTry(r fetch.Request, result fetch.Result) error {
	t := &tryText{paint: palette(isTerminal(w.stdout) && wantsColour(w.environ))}
	t.introduce(r)
	for _, x := range result.Exchanges {
		t.exchange(x)
	}
	t.verdict(r, result)
	for _, n := range fetch.Notes(r, result) {
		t.line("note     ", clean(n))
	}
	_, err := io.WriteString(w.stdout, t.String())
	return err
}

func (t *tryText) line(words ...string) { t.WriteString(strings.Join(words, "") + "\n") }

// introduce says what the page does, and why a preflight goes first.
func (t *tryText) introduce(r fetch.Request) {
	call := browser.NormalizeMethod(r.Method) + " " + clean(r.URL.Redacted()) + " from a page at " + clean(r.Origin)
	if r.Credentials {
		call += ", with credentials"
	}
	t.line(call)
	p := r.Preflight()
	switch unsafe := r.UnsafeHeaders(); {
	case !r.CrossOrigin():
		t.line("no preflight: the page is of the same origin")
	case !r.NeedsPreflight():
		t.line("no preflight: a page may send this without asking")
	case len(unsafe) > 0:
		t.line("a preflight goes first: ", clean(strings.Join(unsafe, ", ")), plainly(len(unsafe), " needs", " need"), " permission")
	default:
		t.line("a preflight goes first: ", clean(p.Method), " needs permission")
	}
}

// plainly chooses the form of a verb.
func plainly(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// exchange writes one request, its response, and the checks on it.
func (t *tryText) exchange(x fetch.Exchange) {
	t.line("\n", t.paint.cyan(clean(x.Method)+" "+clean(x.URL)), t.paint.dim("   "+string(x.Stage)))
	for _, f := range x.Own {
		t.line(t.paint.dim("  > "), clean(f.Name+": "+f.Value))
	}
	if x.Err != nil {
		t.line("  ", t.paint.red("✗ "), clean(x.Verdict.Detail))
		return
	}
	t.line(t.paint.dim("  < "), t.paint.status(x.Status, clean(strings.TrimSpace(fmt.Sprintf("%d %s", x.Status, x.Reason)))),
		t.paint.dim(fmt.Sprintf("   %.1fms", float64(x.Took.Microseconds())/1000)))
	for _, f := range x.Response {
		if decides(f.Name) {
			t.line(t.paint.dim("  < "), clean(f.Name+": "+f.Value))
		}
	}
	if said := bodyLine(x); said != "" {
		t.line(t.paint.dim("  < "), said)
	}
	t.steps(x.Verdict)
}

// bodyLine is what the body of an answer that is no success says: what
// corsproxy's own answer has found, or the first line.
func bodyLine(x fetch.Exchange) string {
	body := strings.TrimSpace(string(x.Body))
	if x.Status < 300 || !utf8.ValidString(body) {
		return ""
	}
	if detail := ownAnswerIn(x.Body).Detail; detail != "" && diagnosed(x) != "" {
		return clean(detail)
	}
	first, _, more := strings.Cut(body, "\n")
	if more {
		first += " …"
	}
	return clip(clean(first))
}

// decides reports whether a response header is shown.
func decides(name string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(name, "access-control-") || name == "location" || name == "vary" || name == strings.ToLower(diagnosis.HeaderName)
}

// steps writes what a browser looks at, in its order.
func (t *tryText) steps(v browser.Verdict) {
	for _, s := range v.Steps() {
		if s.Passed && (len(s.Values) == 0 || s.Needless != "") {
			continue // nothing depends on it
		}
		mark := t.paint.green("✓ ")
		if !s.Passed {
			mark = t.paint.red("✗ ")
		}
		value := "missing"
		if len(s.Values) > 0 {
			value = clip(clean(strings.Join(s.Values, " | ")))
		}
		t.line("  ", mark, fmt.Sprintf("%-66s ", s.Check), t.paint.dim(value))
	}
}

// verdict writes what becomes of the fetch, and what to do next.
func (t *tryText) verdict(r fetch.Request, result fetch.Result) {
	v := result.Verdict
	t.line("")
	switch {
	case result.Err != nil:
		t.line(t.paint.yellow("no verdict"))
		return
	case len(result.Exchanges) == 0:
		t.line(t.paint.green("nothing to ask"), "  this request needs no preflight, so nothing was sent")
		return
	case v.Allowed && v.Stage == browser.StagePreflight:
		t.line(t.paint.green("allowed"), "  the browser would send the request")
		return
	case v.Allowed:
		last := result.Exchanges[len(result.Exchanges)-1]
		t.line(t.paint.green("readable"), fmt.Sprintf("  the page gets the %d, and may read it", last.Status))
		return
	}
	t.line(t.paint.red("blocked"), "  ", clean(v.Detail))
	for _, row := range [][2]string{{"Chrome", v.Name()}, {"Firefox", v.Firefox}, {"Safari", v.Safari}} {
		if row[1] != "" {
			t.line(fmt.Sprintf("%-9s", row[0]), clean(row[1]))
		}
	}
	if fix := tryFix(r, result); fix != "" {
		t.line("fix      ", clean(fix))
	}
	t.line("next     corsproxy explain ", cmp.Or(explained(result.Exchanges[len(result.Exchanges)-1]), v.Name()))
}

// explained returns the code that explains an answer better than the verdict on
// it does, "" where there is none.
func explained(x fetch.Exchange) string {
	if isMissingToken(x) && x.Stage != browser.StagePreflight {
		return string(diagnosis.Unexplained)
	}
	return diagnosed(x)
}
