package inspect

import (
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/policy"
	"github.com/corsproxy/corsproxy/proxy"
)

// A row is an exchange as the list shows it.
type row struct {
	ID       string  `json:"id"`
	Rev      uint64  `json:"rev"`
	Start    string  `json:"start"`
	Duration float64 `json:"durationMs"`
	Pending  bool    `json:"pending"`
	Method   string  `json:"method"`
	Target   string  `json:"target"`
	Origin   string  `json:"origin"`
	Status   int     `json:"status"`
	Kind     string  `json:"kind"` // preflight, actual, options, non-cors
	Asks     string  `json:"asks"` // the method that a preflight asks for
	Answered bool    `json:"answered"`
	Upgraded bool    `json:"upgraded"`
	ReplayOf string  `json:"replayOf"`
	Bytes    int64   `json:"bytes"`
	Outcome  string  `json:"outcome"` // readable, plain, blocked, or "" where CORS does not apply
	Verdict  string  `json:"verdict"` // the browser's name for what blocked it
	Code     string  `json:"code"`
	Name     string  `json:"name"`
	Severity string  `json:"severity"`
	Deployed string  `json:"deployed"` // the code of what is different when deployed
	Noise    bool    `json:"noise"`    // asked by a browser or a monitor by itself
	Error    string  `json:"error"`
}

// viewRow returns e with no more than the first so many bytes of each text.
func viewRow(e *entry, hide redactor, most int) row {
	r := row{
		ID: e.ID, Rev: e.rev, Start: e.Start.Format(time.RFC3339Nano), Duration: milliseconds(e.Duration), Pending: e.pending,
		Method: e.Method, Target: hide.line(shorten(e.Target, most)), Origin: hide.value("Origin", shorten(e.Origin, most)), Status: e.Status, Kind: kindOf(e),
		Answered: e.Answered, Upgraded: e.Upgraded, ReplayOf: e.replayOf, Bytes: e.BytesOut, Noise: isNoise(e),
	}
	if isPreflight(e) {
		r.Asks = hide.value("Access-Control-Request-Method", shorten(askedMethod(e), most))
	}
	switch r.Outcome = outcome(e.Verdict); r.Outcome {
	case "blocked":
		r.Verdict = e.Verdict.Decisive().Name()
	case "plain":
		r.Verdict = e.Verdict.Credentials.Name()
	}
	if d := e.Diagnosis; d != nil {
		info, _ := diagnosis.Lookup(d.Code)
		r.Code, r.Name, r.Severity = string(d.Code), info.Name, string(info.Severity)
	}
	if e.Deployed != nil {
		r.Deployed = e.Deployed.Header()
	}
	if e.Err != nil {
		r.Error = hide.text(shorten(e.Err.Error(), most))
	}
	return r
}

// The most bytes that the list has of a target and of anything else; all of it is
// in the detail.
const (
	maxListedTarget = 2 << 10
	maxListed       = 256
)

// viewListed returns e as the list has it, with what is long cut.
func viewListed(e *entry) row {
	// Secrets are looked for before the cut, which could hide that they are some,
	// and not in all of a megabyte.
	r := viewRow(e, true, 4*maxListedTarget)
	r.Target = shorten(r.Target, maxListedTarget)
	for _, s := range []*string{&r.Method, &r.Origin, &r.Asks, &r.Error, &r.Verdict} {
		*s = shorten(*s, maxListed)
	}
	return r
}

// shorten cuts s after most bytes, and marks that.
func shorten(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most] + "…"
}

// kindOf returns the part that a request plays in CORS, also where the policy
// was not asked.
func kindOf(e *entry) string {
	switch {
	case isPreflight(e):
		return policy.Preflight.String()
	case e.Method == "OPTIONS":
		return policy.Options.String()
	case e.Decision.Kind == policy.NonCORS && e.Foreign:
		return policy.Actual.String()
	}
	return e.Decision.Kind.String()
}

// isNoise reports whether nobody's code has sent the request.
func isNoise(e *entry) bool {
	if e.Diagnosis != nil && e.Diagnosis.Code == diagnosis.BrowserNoise {
		return true
	}
	path, _, _ := strings.Cut(e.Target, "?")
	return e.Method == "OPTIONS" && e.Target == "*" && e.Origin == "" ||
		path == "/favicon.ico" || path == "/robots.txt" || strings.HasPrefix(path, "/.well-known/") ||
		strings.HasPrefix(path, "/apple-touch-icon") || strings.HasSuffix(path, ".js.map") || strings.HasSuffix(path, ".css.map")
}

// A detail is all that is known of one exchange.
type detail struct {
	row
	Host      string         `json:"host"`
	Remote    string         `json:"remote"`
	Revealed  bool           `json:"revealed"`
	Hidden    bool           `json:"hidden"` // secrets were left out
	Request   *messageView   `json:"request"`
	Upstream  *messageView   `json:"upstream"`
	Answer    *messageView   `json:"answer"`
	FirstByte float64        `json:"firstByteMs"`
	Route     string         `json:"route"`
	SetBy     []setter       `json:"setBy"`
	Steps     []step         `json:"steps"`
	Verdicts  []verdictView  `json:"verdicts"`
	Diagnosis *diagnosisView `json:"diagnosis"`
	Blocked   *diagnosisView `json:"blocked"`  // why browsers block it, where Diagnosis says something else
	Deployed  *diagnosisView `json:"deployed"` // where the deployed API would answer differently
	Preflight *relatedView   `json:"preflight"`
	Actual    []relatedView  `json:"actual"`
	Self      relatedView    `json:"self"` // the exchange as its relatives show it
	Curl      string         `json:"curl"`
	Replay    string         `json:"replay"` // why it cannot be replayed; "" where it can
	BytesIn   int64          `json:"bytesIn"`
}

// A relatedView is a preflight, or an actual request, beside the other.
type relatedView struct {
	row
	Fields []proxy.Field `json:"fields"` // of request and answer, those that decide
}

func viewRelated(e *entry, hide redactor) relatedView {
	v := relatedView{row: viewRow(e, hide, math.MaxInt), Fields: []proxy.Field{}}
	if e.Record == nil {
		return v
	}
	for _, f := range e.Record.Request.Fields {
		if bearsOnCORS(f.Name) || strings.EqualFold(f.Name, "Origin") {
			v.Fields = append(v.Fields, proxy.Field{Name: f.Name, Value: hide.value(f.Name, f.Value)})
		}
	}
	for _, f := range e.Record.Answer.Fields {
		if bearsOnCORS(f.Name) && !strings.EqualFold(f.Name, "Vary") {
			v.Fields = append(v.Fields, proxy.Field{Name: f.Name, Value: hide.value(f.Name, f.Value)})
		}
	}
	return v
}

type messageView struct {
	Line   string        `json:"line"`
	Fields []proxy.Field `json:"fields"`
	Body   bodyView      `json:"body"`
}

type verdictView struct {
	Credentials bool   `json:"credentials"`
	Likely      bool   `json:"likely"` // the mode that the request seems to have
	Allowed     bool   `json:"allowed"`
	Stage       string `json:"stage"`
	Chrome      string `json:"chrome"`
	Firefox     string `json:"firefox"`
	Safari      string `json:"safari"`
	Header      string `json:"header"`
	Detail      string `json:"detail"`
}

type diagnosisView struct {
	Code     string            `json:"code"`
	Name     string            `json:"name"`
	Title    string            `json:"title"`
	Severity string            `json:"severity"`
	Detail   string            `json:"detail"`
	Text     string            `json:"text"`
	Fix      string            `json:"fix"`
	Hints    []string          `json:"hints"`
	Routes   []diagnosis.Route `json:"routes"`
}

func (in *Inspector) viewDetail(e *entry, hide redactor) detail {
	d := detail{
		row: viewRow(e, hide, math.MaxInt), Host: hide.text(e.Host), Remote: e.RemoteAddr, Revealed: !bool(hide), Hidden: bool(hide) && hides(e),
		SetBy: setters(e, hide), Steps: steps(e, hide), Verdicts: viewVerdicts(e, hide), Diagnosis: viewDiagnosis(e.Diagnosis, hide), Deployed: viewDiagnosis(e.Deployed, hide),
		Curl: curl(e, in.config.ProxyURL, hide), Replay: whyNoReplay(e), BytesIn: e.BytesIn, Actual: []relatedView{}, Self: viewRelated(e, hide),
	}
	if v := e.Verdict; v != nil && v.Blocked != e.Diagnosis {
		d.Blocked = viewDiagnosis(v.Blocked, hide)
	}
	if rec := e.Record; rec != nil {
		d.Request, d.Upstream, d.Answer = viewMessage(rec.Request, hide), viewMessage(rec.Upstream, hide), viewMessage(rec.Answer, hide)
		d.FirstByte, d.Route = milliseconds(rec.FirstByte), rec.Route
		if d.Upstream != nil && !e.Replaced {
			d.Upstream.Body = bodyView{Kind: "same"}
		}
	}
	preflight, actual := in.ring.related(e)
	if preflight != nil {
		r := viewRelated(preflight, hide)
		d.Preflight = &r
	}
	for _, a := range actual {
		d.Actual = append(d.Actual, viewRelated(a, hide))
	}
	return d
}

func viewMessage(m proxy.Message, hide redactor) *messageView {
	if m.Line == "" && len(m.Fields) == 0 {
		return nil
	}
	return &messageView{Line: hide.line(m.Line), Fields: hide.fields(m.Fields), Body: viewBody(m, hide)}
}

func viewVerdicts(e *entry, hide redactor) []verdictView {
	v := e.Verdict
	if v == nil {
		return []verdictView{}
	}
	view := func(v browser.Verdict, credentials, likely bool) verdictView {
		return verdictView{
			Credentials: credentials, Likely: likely, Allowed: v.Allowed, Stage: string(v.Stage),
			Chrome: v.Name(), Firefox: hide.text(v.Firefox), Safari: hide.text(v.Safari), Header: v.Header, Detail: hide.text(v.Detail),
		}
	}
	if v.Included {
		return []verdictView{view(v.Credentials, true, true)}
	}
	return []verdictView{view(v.Plain, false, true), view(v.Credentials, true, false)}
}

func viewDiagnosis(d *diagnosis.Diagnosis, hide redactor) *diagnosisView {
	if d == nil {
		return nil
	}
	info, _ := diagnosis.Lookup(d.Code)
	v := &diagnosisView{
		Code: string(d.Code), Name: info.Name, Title: info.Title, Severity: string(info.Severity),
		Detail: hide.text(d.Detail), Text: info.Text, Fix: info.Fix, Hints: []string{}, Routes: []diagnosis.Route{},
	}
	for _, h := range d.Hints {
		v.Hints = append(v.Hints, hide.text(h))
	}
	v.Routes = append(v.Routes, d.Routes...)
	return v
}
