package proxy

import (
	"net/http"
	"strings"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/pathpattern"
)

// evidenceOf returns what a diagnosis of resp is made from, without its body.
func evidenceOf(r *http.Request, resp *http.Response) diagnosis.Evidence {
	raw, query, _ := strings.Cut(r.URL.Opaque, "?")
	return diagnosis.Evidence{
		Method:         r.Method,
		Path:           pathpattern.Decode(raw),
		RawPath:        raw,
		Query:          query,
		Header:         r.Header,
		Length:         r.ContentLength,
		UpstreamStatus: resp.StatusCode,
		UpstreamHeader: resp.Header,
	}
}

// suspect has the body of resp kept as it passes, if SAM local may have
// answered in place of a function, or the body is not what its header says. The
// answer goes to the client as it is and when it comes; only the log is to say more.
func (x *exchange) suspect(r *http.Request, resp *http.Response) {
	keep, ok := diagnosis.MayBeMiscoded(resp.StatusCode, resp.Header)
	if diagnosis.MayBeSAMs(resp.StatusCode, resp.Header) {
		keep, ok = diagnosis.AnswerLimit, true
	}
	if !ok {
		return
	}
	e := evidenceOf(r, resp)
	e.UpstreamHeader = resp.Header.Clone() // the policy's fields may come on top
	x.suspected = &e
	x.body.keep = keep
}

// explainSuspect says what SAM local meant, now that its answer has passed.
func (x *exchange) explainSuspect() {
	e := *x.suspected
	e.UpstreamBody = string(x.body.kept)
	d, ok := diagnosis.Miscoded(e)
	if !ok {
		d, ok = x.rules.explainer.Answer(e)
	}
	if ok {
		x.Diagnosis = &d
	}
}
