package inspect

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/corsproxy/corsproxy/proxy"
)

// The HTTP Archive format, version 1.2
// (http://www.softwareishard.com/blog/har-12-spec/). Fields whose names begin
// with "_" are corsproxy's own, as the format provides.
type (
	// A harLog is the log of an archive, but for its entries.
	harLog struct {
		Version string     `json:"version"`
		Creator harCreator `json:"creator"`
		Comment string     `json:"comment,omitempty"`
	}
	harCreator struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	harEntry struct {
		Started   string      `json:"startedDateTime"`
		Time      float64     `json:"time"`
		Request   harRequest  `json:"request"`
		Response  harResponse `json:"response"`
		Cache     struct{}    `json:"cache"`
		Timings   harTimings  `json:"timings"`
		ID        string      `json:"_id"`
		ReplayOf  string      `json:"_replayOf,omitempty"`
		Diagnosis string      `json:"_diagnosis,omitempty"`
		Comment   string      `json:"comment,omitempty"`
	}
	harRequest struct {
		Method      string       `json:"method"`
		URL         string       `json:"url"`
		HTTPVersion string       `json:"httpVersion"`
		Cookies     []harPair    `json:"cookies"`
		Headers     []harPair    `json:"headers"`
		QueryString []harPair    `json:"queryString"`
		PostData    *harPostData `json:"postData,omitempty"`
		HeadersSize int64        `json:"headersSize"`
		BodySize    int64        `json:"bodySize"`
	}
	harPostData struct {
		MimeType string    `json:"mimeType"`
		Params   []harPair `json:"params"`
		Text     string    `json:"text"`
		Encoding string    `json:"_encoding,omitempty"`
		Comment  string    `json:"comment,omitempty"`
	}
	harResponse struct {
		Status      int        `json:"status"`
		StatusText  string     `json:"statusText"`
		HTTPVersion string     `json:"httpVersion"`
		Cookies     []harPair  `json:"cookies"`
		Headers     []harPair  `json:"headers"`
		Content     harContent `json:"content"`
		RedirectURL string     `json:"redirectURL"`
		HeadersSize int64      `json:"headersSize"`
		BodySize    int64      `json:"bodySize"`
	}
	harContent struct {
		Size     int64  `json:"size"`
		MimeType string `json:"mimeType"`
		Text     string `json:"text,omitempty"`
		Encoding string `json:"encoding,omitempty"`
		Comment  string `json:"comment,omitempty"`
	}
	harPair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	harTimings struct {
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
	}
)

// writeHAR writes an archive of exchanges that have ended. It does so one by one,
// and forgets each then: as text all together are several times what the ring
// holds, and whoever reads slowly would keep that.
func writeHAR(w io.Writer, entries []*entry, base, version string, hide redactor) error {
	log := harLog{Version: "1.2", Creator: harCreator{"corsproxy", version}}
	if hide {
		log.Comment = "Secrets in headers, URLs, JSON and forms stand as " + Redacted + ". Other bodies are as they were."
	}
	head, err := marshal(log)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, `{"log":`+strings.TrimSuffix(string(head), "}\n")+`,"entries":[`); err != nil {
		return err
	}
	between := ""
	for i, e := range entries {
		entries[i] = nil
		if e.pending || e.Record == nil {
			continue
		}
		text, err := marshal(newHAREntry(e, base, hide))
		if err != nil {
			return err
		}
		if _, err := w.Write(append([]byte(between), text...)); err != nil {
			return err
		}
		between = ","
	}
	_, err = io.WriteString(w, "]}}\n")
	return err
}

func newHAREntry(e *entry, base string, hide redactor) harEntry {
	out := harEntry{
		Started:  e.Start.Format(time.RFC3339Nano),
		Time:     milliseconds(e.Duration),
		Request:  newHARRequest(e, base, hide),
		Response: newHARResponse(e, hide),
		ID:       e.ID,
		ReplayOf: e.replayOf,
	}
	// Where no upstream answered, all of the time was spent waiting.
	wait := e.Record.FirstByte
	if wait == 0 {
		wait = e.Duration
	}
	out.Timings = harTimings{Wait: milliseconds(wait), Receive: milliseconds(e.Duration - wait)}
	if e.Diagnosis != nil {
		out.Diagnosis = e.Diagnosis.Header()
		out.Comment = hide.text(e.Diagnosis.Detail)
	}
	return out
}

func newHARRequest(e *entry, base string, hide redactor) harRequest {
	m := e.Record.Request
	target := hide.line(e.Target)
	if !strings.HasPrefix(target, "/") {
		target = "/" + target // of OPTIONS *, or a URL: an archive has no other place for it
	}
	r := harRequest{
		Method: e.Method, URL: base + target, HTTPVersion: lastWord(m.Line),
		Cookies: []harPair{}, Headers: pairs(hide.fields(m.Fields)), QueryString: query(target),
		HeadersSize: -1, BodySize: m.Body.Size,
	}
	for _, f := range hide.fields(m.Fields) {
		if strings.EqualFold(f.Name, "Cookie") {
			for pair := range strings.SplitSeq(f.Value, ";") {
				name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
				r.Cookies = append(r.Cookies, harPair{name, value})
			}
		}
	}
	if m.Body.Size > 0 || !m.Body.Whole {
		text, encoding, comment := harText(m, hide)
		r.PostData = &harPostData{hide.value("Content-Type", fieldOf(m, "Content-Type")), []harPair{}, text, encoding, comment}
	}
	return r
}

func newHARResponse(e *entry, hide redactor) harResponse {
	m := e.Record.Answer
	_, rest, _ := strings.Cut(m.Line, " ")
	_, reason, _ := strings.Cut(rest, " ")
	r := harResponse{
		Status: e.Status, StatusText: hide.text(reason), HTTPVersion: "HTTP/1.1",
		Cookies: []harPair{}, Headers: pairs(hide.fields(m.Fields)), RedirectURL: hide.value("Location", fieldOf(m, "Location")),
		HeadersSize: -1, BodySize: m.Body.Size,
	}
	for _, f := range hide.fields(m.Fields) {
		if strings.EqualFold(f.Name, "Set-Cookie") {
			pair, _, _ := strings.Cut(f.Value, ";")
			name, value, _ := strings.Cut(pair, "=")
			r.Cookies = append(r.Cookies, harPair{strings.TrimSpace(name), value})
		}
	}
	r.Content = harContent{Size: m.Body.Size, MimeType: hide.value("Content-Type", fieldOf(m, "Content-Type"))}
	if r.Content.MimeType == "" {
		r.Content.MimeType = "x-unknown"
	}
	r.Content.Text, r.Content.Encoding, r.Content.Comment = harText(m, hide)
	return r
}

// harText returns a body as an archive has it.
func harText(m proxy.Message, hide redactor) (text, encoding, comment string) {
	b := m.Body
	if !b.Whole {
		comment = fmt.Sprintf("cut: %s of %s bytes were kept", strconv.Itoa(len(b.Data)), strconv.FormatInt(b.Size, 10))
	}
	data := hide.data(m)
	if isText(data) {
		return string(data), "", comment
	}
	return base64.StdEncoding.EncodeToString(data), "base64", comment
}

func pairs(fields []proxy.Field) []harPair {
	out := make([]harPair, len(fields))
	for i, f := range fields {
		out[i] = harPair(f)
	}
	return out
}

func query(target string) []harPair {
	out := []harPair{}
	_, raw, ok := strings.Cut(target, "?")
	if !ok || raw == "" {
		return out
	}
	for part := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(part, "=")
		out = append(out, harPair{unescape(name), unescape(value)})
	}
	return out
}

// unescape returns s decoded, or as it is where it cannot be.
func unescape(s string) string {
	if decoded, err := url.QueryUnescape(s); err == nil {
		return decoded
	}
	return s
}

func lastWord(s string) string { return s[strings.LastIndexByte(s, ' ')+1:] }

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
