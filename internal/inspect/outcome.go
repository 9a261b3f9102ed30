package inspect

import (
	"net/http"
	"net/textproto"

	"github.com/corsproxy/corsproxy/proxy"
)

// outcome says in a word what a browser does: readable, blocked, or plain,
// which is readable only without credentials. It is "" where nobody asks for
// permission.
func outcome(v *proxy.Verdict) string {
	switch {
	case v == nil:
		return ""
	case !v.Decisive().Allowed:
		return "blocked"
	case !v.Credentials.Allowed:
		return "plain"
	}
	return "readable"
}

// headerOf returns the fields of m as net/http has them.
func headerOf(m proxy.Message) http.Header {
	h := make(http.Header, len(m.Fields))
	for _, f := range m.Fields {
		key := textproto.CanonicalMIMEHeaderKey(f.Name)
		h[key] = append(h[key], f.Value)
	}
	return h
}
