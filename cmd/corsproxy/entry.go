package main

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap/zapcore"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/redact"
	"github.com/corsproxy/corsproxy/policy"
	"github.com/corsproxy/corsproxy/proxy"
)

// exchange logs one exchange.
//
// The query of the target is left out: it is where tokens and personal data
// stand, and a log is kept and shared more freely than a request.
func (l *logger) exchange(x *proxy.Exchange) {
	if x.Deployed != nil && (!l.console || !repeats(x)) && l.notes.isNew(x.Origin, x.Deployed) {
		defer l.note(x.ID, *x.Deployed)
	}
	level := levelOf(x)
	if !l.level.Enabled(level) {
		return
	}
	if l.console {
		l.zap.Log(level, l.line(x))
		return
	}
	l.object(level, x)
}

// levelOf returns warn for trouble and info for anything else. A ping, which
// is what a health check sends, is for the curious.
func levelOf(x *proxy.Exchange) zapcore.Level {
	switch {
	case x.Diagnosis != nil:
		if info, ok := diagnosis.Lookup(x.Diagnosis.Code); ok && info.Severity == diagnosis.SeverityInfo {
			return zapcore.InfoLevel
		}
		return zapcore.WarnLevel
	case x.Err != nil || x.Status >= 500 || x.Status == 0:
		return zapcore.WarnLevel
	case x.Method == http.MethodOptions && x.Target == "*" && x.Origin == "":
		return zapcore.DebugLevel
	}
	return zapcore.InfoLevel
}

// line returns the exchange for a console: method, status, duration, path
// and, where there is something to say, a note.
func (l *logger) line(x *proxy.Exchange) string {
	status := "---"
	if x.Status > 0 {
		status = strconv.Itoa(x.Status)
	}
	method := cmp.Or(clean(x.Method), "-") // none could be read
	line := fmt.Sprintf("%-7s  %s  %6s  %s", method, l.paint.status(x.Status, status), shortDuration(x.Duration), pathOf(x))
	note, steps := noteOf(x)
	if x.Decision.Kind == policy.Actual {
		l.followed.first(askedBy(x))
	}
	switch {
	case l.notes.told(x):
		note, steps = x.Diagnosis.Header(), nil
	case openOnly(x) && l.notes.first([2]string{routeOf(x), "open"}):
		if note == "" {
			note = "readable, not with credentials"
		} else {
			steps = append(steps, "readable, not with credentials")
		}
	case openPreflight(x) && !l.followed.has(askedBy(x)):
		note += ", not with credentials"
	}
	switch {
	case note == "":
		return line
	case levelOf(x) == zapcore.WarnLevel:
		note = l.paint.yellow(note)
	default:
		note = l.paint.dim(note)
	}
	return l.withSteps(line+"  "+note, steps...)
}

// openOnly reports whether a page may read the answer unless it asks with
// credentials, which a request does not tell.
func openOnly(x *proxy.Exchange) bool {
	return x.Decision.Kind == policy.Actual && x.Verdict != nil && x.Verdict.Plain.Allowed && x.Verdict.Differ()
}

// openPreflight is the same of a preflight: a request with credentials does not
// follow it. Where a request has followed an earlier one like it, the page sends
// none, and need not be told again.
func openPreflight(x *proxy.Exchange) bool {
	return x.Decision.Kind == policy.Preflight && x.Decision.Allowed && x.Diagnosis == nil && x.Verdict != nil && x.Verdict.Plain.Allowed && x.Verdict.Differ()
}

// stepIndent is as wide as the time in front of a line.
const stepIndent = "          "

// withSteps appends to a line what there is to do: on a terminal each in a line
// of its own, easy to find and to copy; elsewhere a line is one entry.
func (l *logger) withSteps(line string, steps ...string) string {
	separator := "; "
	if l.console && l.terminal {
		separator = "\n" + stepIndent + l.paint.cyan("→ ")
	}
	for _, step := range steps {
		if step != "" {
			line += separator + step
		}
	}
	return line
}

func pathOf(x *proxy.Exchange) string {
	path := x.Target
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path = path[:i]
	}
	return clean(redact.Line(enough(path)))
}

// noteOf says what is remarkable about the exchange, and what there is to do.
func noteOf(x *proxy.Exchange) (note string, steps []string) {
	switch d := x.Diagnosis; {
	case d != nil && x.UpstreamStatus != 0 && x.UpstreamStatus != x.Status && x.Status != 0:
		return fmt.Sprintf("%d → %d %s", x.UpstreamStatus, x.Status, tell(d.String())), []string{tell(alsoBlocked(x))}
	case d != nil && d.Step != "":
		return tell(strings.TrimSuffix(d.String(), "; "+d.Step)), []string{tellStep(d.Step)}
	case d != nil:
		return tell(d.String()), []string{tellStep(untoldHint(x)), tell(alsoBlocked(x))}
	case x.Err != nil:
		return tell(x.Err.Error()), nil
	case x.Upgraded:
		return fmt.Sprintf("WebSocket ended after %d bytes in and %d out", x.BytesIn, x.BytesOut), nil
	}
	return decisionOf(x), nil
}

// untoldHint returns the first hint of a diagnosis that the client was not
// given, because the upstream's answer went to it unchanged; else "". Hints that
// show more than a line are for bodies.
func untoldHint(x *proxy.Exchange) string {
	if !asAWS(x) && !refusedHere(x) && (x.UpstreamStatus == 0 || x.Answered || x.Replaced || x.Verdict != nil && x.Verdict.Blocked == x.Diagnosis) {
		return "" // of a verdict, the detail has the fix
	}
	for _, hint := range x.Diagnosis.Hints {
		if line, ok := inOneLine(hint); ok {
			return line
		}
	}
	return ""
}

// inOneLine returns a hint in one line; it is false for one that shows more.
func inOneLine(hint string) (string, bool) {
	lead, snippet, _ := strings.Cut(hint, "\n")
	return strings.TrimSpace(lead + " " + snippet), !strings.Contains(snippet, "\n")
}

// refusedHere reports whether the policy refused what an allowed origin, or a page
// of this machine, asked for: no page sees the body of such an answer either. How
// to allow any site that tries is not told.
func refusedHere(x *proxy.Exchange) bool {
	return x.Answered && x.Decision.Kind == policy.Preflight && !x.Decision.Allowed && x.Diagnosis != nil &&
		(x.Diagnosis.Code != diagnosis.OriginNotAllowed || isLocal(x.Decision.Origin))
}

// asAWS reports whether a preflight was refused as the deployed API does it. No
// page sees what stands in the body of such an answer.
func asAWS(x *proxy.Exchange) bool {
	return x.Answered && x.Diagnosis != nil && x.Decision.Kind == policy.Preflight && strings.HasPrefix(string(x.Diagnosis.Code), "CP12")
}

// alsoBlocked says that browsers keep an answer from the page for which the
// log has something else to say. Where corsproxy made the answer, that is said of
// requests with credentials alone: the policy keeps it from others.
func alsoBlocked(x *proxy.Exchange) string {
	if x.Verdict == nil || x.Verdict.Blocked == nil || x.Verdict.Blocked == x.Diagnosis {
		return ""
	}
	if (x.UpstreamStatus == 0 || x.Replaced) && !x.Verdict.Included {
		return ""
	}
	return "also " + x.Verdict.Blocked.String()
}

// decisionOf says what the policy made of the request; it is empty where the
// policy has nothing to do with it.
func decisionOf(x *proxy.Exchange) string {
	d := x.Decision
	switch {
	case d.Kind == policy.Preflight && d.Allowed:
		return "preflight allowed " + tell(d.Origin)
	case d.Kind == policy.Preflight:
		return "preflight refused " + tell(d.Origin)
	case d.Kind == policy.Actual && !d.Allowed:
		return "the policy does not allow " + tell(d.Origin)
	}
	return ""
}

// shortDuration returns d with about two digits: 0.4ms, 12ms, 1.2s, 2m3s.
func shortDuration(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return strconv.FormatFloat(float64(d.Microseconds())/1000, 'f', 1, 64) + "ms"
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + "ms"
	case d < time.Minute:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + "s"
	}
	return d.Round(time.Second).String()
}
