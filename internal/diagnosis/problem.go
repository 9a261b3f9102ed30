package diagnosis

import (
	"bytes"
	"encoding/json"
)

// problem is a problem details object (RFC 9457, section 3), with extensions.
// The fields stand in the order in which they are written.
type problem struct {
	Type      string    `json:"type"`
	Title     string    `json:"title"`
	Status    int       `json:"status,omitempty"`
	Detail    string    `json:"detail"`
	Code      Code      `json:"code"`
	Hints     []string  `json:"hints"`
	Routes    []Route   `json:"routes"`
	Upstream  *Upstream `json:"upstream,omitempty"`
	RequestID string    `json:"requestId,omitempty"`
}

// Problem returns the diagnosis as a body of [MediaType] (RFC 9457). hints and
// routes are always arrays; upstream and requestId are left out where there is
// none. It is indented, because people read it too.
func (d Diagnosis) Problem(requestID string) []byte {
	info, _ := Lookup(d.Code)
	p := problem{
		Type:      d.Type(),
		Title:     info.Title,
		Status:    d.Status,
		Detail:    d.Detail,
		Code:      d.Code,
		Hints:     append([]string{}, d.Hints...),
		Routes:    append([]Route{}, d.Routes...),
		Upstream:  d.Upstream,
		RequestID: requestID,
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // the media type is never HTML, and people read it
	e.SetIndent("", "  ")
	if err := e.Encode(p); err != nil {
		return nil // cannot happen: strings, numbers and slices of them
	}
	return b.Bytes()
}

// Type returns the URI that identifies the kind of problem (RFC 9457, section
// 3.1.1). It is a tag (RFC 4151): a name, with nothing to be fetched behind it.
func (d Diagnosis) Type() string { return "tag:corsproxy,2026:" + string(d.Code) }
