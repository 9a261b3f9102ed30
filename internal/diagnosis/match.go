package diagnosis

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// MatchLimit bounds a body that [MatchMissingToken] holds for possible, in
// bytes, before and after decoding.
const MatchLimit = 4096

// A State is what is known of a body that is still arriving.
type State uint8

// A body starts Undecided and ends as one of the others.
const (
	Undecided State = iota // it may still become either
	Match                  // it is Missing Authentication Token
	Mismatch               // it is not, whatever follows
)

func (s State) String() string {
	switch s {
	case Match:
		return "match"
	case Mismatch:
		return "mismatch"
	default:
		return "undecided"
	}
}

// tokenBody are the JSON tokens of the answer. White space (RFC 8259, section
// 2) may stand before, between and after them.
var tokenBody = [...]string{"{", `"message"`, ":", `"Missing Authentication Token"`, "}"}

// A Matcher compares a decoded body, in pieces, with the JSON text
//
//	{"message":"Missing Authentication Token"}
//
// in which any insignificant white space may stand. Another spelling of the
// same strings, with escapes, does not match: neither SAM local nor API
// Gateway writes one. The zero Matcher is ready for use.
type Matcher struct {
	token, pos int // the next byte expected is tokenBody[token][pos]
	size       int
	failed     bool
}

// Feed takes the next piece of the body. It returns Mismatch as soon as a byte
// cannot belong to a match or the body is longer than [MatchLimit], and
// Undecided otherwise: what follows may still spoil it.
func (m *Matcher) Feed(p []byte) State {
	m.size += len(p)
	if m.size > MatchLimit {
		m.failed = true
	}
	for _, c := range p {
		if m.failed {
			return Mismatch
		}
		m.feed(c)
	}
	if m.failed {
		return Mismatch
	}
	return Undecided
}

func (m *Matcher) feed(c byte) {
	if m.pos == 0 && (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
		return
	}
	if m.token == len(tokenBody) || c != tokenBody[m.token][m.pos] {
		m.failed = true
		return
	}
	if m.pos++; m.pos == len(tokenBody[m.token]) {
		m.token, m.pos = m.token+1, 0
	}
}

// End returns Match or Mismatch, the body being complete.
func (m *Matcher) End() State {
	if m.failed || m.token < len(tokenBody) {
		return Mismatch
	}
	return Match
}

// IsMissingToken reports whether a complete response is 403 Missing
// Authentication Token, as SAM local and API Gateway send it. body is as it
// was sent, possibly compressed.
func IsMissingToken(status int, header http.Header, body []byte) bool {
	return status == http.StatusForbidden && MatchMissingToken(header, body, true) == Match
}

// MatchMissingToken is [IsMissingToken] for a 403 that is still arriving. raw
// is all of the body so far, as it was sent, and eof says whether that is all
// of it. At eof the answer is never Undecided.
//
// With no body at all yet, Mismatch says by the header alone that the response
// need not be held back.
func MatchMissingToken(header http.Header, raw []byte, eof bool) State {
	if !isJSON(header, true) || len(raw) > MatchLimit {
		return Mismatch
	}
	if n, ok := contentLength(header); ok && n > MatchLimit {
		return Mismatch
	}
	codings, ok := contentCodings(header)
	if !ok {
		return Mismatch
	}
	return matchCoded(codings, raw, eof)
}

// IsMissingTokenHead is [IsMissingToken] for the response to a HEAD request,
// which has no body to look at: API Gateway names the error in a field, and SAM
// local sends no field but its server's own and those of a body of 43 bytes.
func IsMissingTokenHead(status int, header http.Header) bool {
	if status != http.StatusForbidden || !isJSON(header, false) {
		return false
	}
	if name, _, _ := strings.Cut(header.Get("X-Amzn-Errortype"), ":"); name == "MissingAuthenticationTokenException" {
		n, _ := contentLength(header)
		return n == 42
	}
	return ofSAM(header)
}

// ofSAM reports whether the fields of a 403 are those of SAM local's Missing
// Authentication Token.
func ofSAM(header http.Header) bool {
	n, _ := contentLength(header)
	return n == int64(len(tokenAnswer)) && fieldsOfSAM(header)
}

// fieldsOfSAM reports whether a response has the fields of an error that SAM local
// makes itself, and no others. A function's answer has its own besides, and those
// that SAM local adds to it by the template's CORS setting.
func fieldsOfSAM(header http.Header) bool {
	for name, values := range header {
		switch name {
		case "Server", "Date", "Content-Type", "Content-Length", "Connection":
		default:
			if values != nil {
				return false
			}
		}
	}
	return strings.HasPrefix(header.Get("Server"), "Werkzeug/") && isJSON(header, false)
}

// isJSON reports whether the media type is JSON by name or by suffix (RFC
// 6839, section 3.1). absent is the answer where there is none.
func isJSON(header http.Header, absent bool) bool {
	values := header.Values("Content-Type")
	if len(values) == 0 {
		return absent
	}
	// An error in the parameters does not matter here; the media type is then
	// returned all the same.
	mediaType, _, _ := mime.ParseMediaType(values[0])
	return len(values) == 1 && (mediaType == "application/json" || strings.HasSuffix(mediaType, "+json"))
}

// contentLength returns the Content-Length, if there is one that is a number.
func contentLength(header http.Header) (int64, bool) {
	n, err := strconv.ParseInt(header.Get("Content-Length"), 10, 64)
	return n, err == nil && n >= 0
}
