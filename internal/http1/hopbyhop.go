package http1

import (
	"maps"
	"net/http"
	"strings"
)

// isHopByHop reports whether a field is about one connection only, apart from
// what a Connection field names itself (RFC 9110, section 7.6.1).
func isHopByHop(key string) bool {
	switch key {
	case "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "Te", "Upgrade", "Transfer-Encoding":
		return true
	}
	return false
}

// mayTrail reports whether a field may stand in a trailer section. One that
// frames or routes a message may not (RFC 9110, section 6.5.1): who merges
// trailers into the head would read another message than was sent.
func mayTrail(key string) bool {
	switch key {
	case "Content-Length", "Host", "Trailer":
		return false
	}
	return !isHopByHop(key)
}

// EndToEnd returns h without the fields that are about one connection only
// (RFC 9110, section 7.6.1). It returns h itself where there are none, else a
// copy. "TE: trailers" is kept, since trailers are passed on, and so is the
// upgrade to WebSocket; an upgrade to anything else (h2c above all) would take
// requests past the gateway, and is dropped.
func EndToEnd(h http.Header) http.Header {
	if !hasHopByHop(h) {
		return h
	}
	named := h["Connection"]
	var options []string
	kept := make(http.Header, 3)
	if len(h["Upgrade"]) == 1 && strings.EqualFold(h["Upgrade"][0], "websocket") && hasToken(named, "upgrade") {
		options = append(options, "Upgrade")
		kept["Upgrade"] = h["Upgrade"]
	}
	if hasToken(h["Te"], "trailers") {
		kept["Te"] = []string{"trailers"}
		if hasToken(named, "te") {
			options = append(options, "TE")
		}
	}
	if len(options) > 0 {
		kept["Connection"] = []string{strings.Join(options, ", ")}
	}
	h = h.Clone()
	for _, list := range named {
		for name := range strings.SplitSeq(list, ",") {
			delete(h, http.CanonicalHeaderKey(trimOWS(name)))
		}
	}
	for key := range h {
		if isHopByHop(key) {
			delete(h, key)
		}
	}
	maps.Copy(h, kept)
	return h
}

func hasHopByHop(h http.Header) bool {
	for key := range h {
		if isHopByHop(key) {
			return true
		}
	}
	return false
}
