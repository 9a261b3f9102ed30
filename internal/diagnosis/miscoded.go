package diagnosis

import (
	"net/http"
	"strings"
)

// codingLimit is how much is looked at of the body of a response that
// [MayBeMiscoded] holds for possible, in bytes.
const codingLimit = 4

// MayBeMiscoded reports whether the first bytes of a response's body can tell that
// it is not in the coding that its header names, and how many they are. A part of a
// body may begin with any.
func MayBeMiscoded(status int, header http.Header) (int, bool) {
	codings, ok := contentCodings(header)
	last := len(codings) - 1
	return codingLimit, ok && last >= 0 && strings.HasSuffix(codings[last], "gzip") && status != http.StatusPartialContent
}

// Miscoded explains a response that browsers cannot read, since its body is not
// gzip (RFC 1952, section 2.3.1), by whose name its header calls it. The evidence
// has the beginning of the body.
func Miscoded(e Evidence) (Diagnosis, bool) {
	body := e.UpstreamBody
	if _, ok := MayBeMiscoded(e.UpstreamStatus, e.UpstreamHeader); !ok || len(body) < 2 || strings.HasPrefix(body, "\x1f\x8b") {
		return Diagnosis{}, false
	}
	d := Diagnosis{Code: BodyMiscoded, Status: e.UpstreamStatus}
	const says = "the response says Content-Encoding: gzip, and its body is "
	if strings.HasPrefix(body, "H4sI") { // the first three bytes of gzip
		d.Detail = says + "the Base64 of that, which browsers cannot read"
		d.Hints = []string{"have the function send its body uncompressed, without Content-Encoding; or with isBase64Encoded: true, which a REST API, and SAM local for it, heeds only for what BinaryMediaTypes names"}
		return d, true
	}
	d.Detail = says + "not compressed so, which browsers cannot read"
	d.Hints = []string{handedOn}
	return d, true
}
