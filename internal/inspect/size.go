package inspect

import (
	"strings"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/proxy"
)

// What something takes beside the bytes of its text.
const (
	sizeOfEntry  = 4 << 10 // an exchange with its record and its verdict
	sizeOfString = 16
)

// sizeOf returns about how many bytes of memory x takes, rather too many than too
// few.
func sizeOf(x proxy.Exchange) int64 {
	n := sizeOfEntry + len(x.Target) + len(x.Host) + len(x.Origin) + len(x.Decision.Detail)
	n += sizeOfDiagnosis(x.Diagnosis) + sizeOfDiagnosis(x.Deployed)
	if x.Verdict != nil && x.Verdict.Blocked != x.Diagnosis {
		n += sizeOfDiagnosis(x.Verdict.Blocked)
	}
	if x.Record == nil {
		return int64(n)
	}
	for _, m := range []proxy.Message{x.Record.Request, x.Record.Upstream, x.Record.Answer} {
		n += len(m.Line) + len(m.Body.Data) + sizeOfFields(m.Fields)
	}
	if x.Verdict != nil {
		n += sizeOfJudged(x.Record)
	}
	return int64(n)
}

func sizeOfDiagnosis(d *diagnosis.Diagnosis) int {
	if d == nil {
		return 0
	}
	n := len(d.Detail)
	for _, hint := range d.Hints {
		n += len(hint) + sizeOfString
	}
	return n
}

func sizeOfFields(fields []proxy.Field) int {
	n := 0
	for _, f := range fields {
		n += len(f.Name) + len(f.Value) + 2*sizeOfString
	}
	return n
}

// sizeOfJudged is what a verdict holds beside the record: the header of the
// answer, and each name that a preflight asks for, in lower case.
func sizeOfJudged(r *proxy.Record) int {
	n := sizeOfFields(r.Answer.Fields)
	for _, f := range r.Request.Fields {
		if strings.EqualFold(f.Name, "Access-Control-Request-Headers") {
			n += len(f.Value) + (strings.Count(f.Value, ",")+1)*sizeOfString
		}
	}
	return n
}
