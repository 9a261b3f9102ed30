package proxy

import (
	"net/http"
	"strings"

	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/memo"
)

// judged holds verdicts. The same few questions and answers come over and over,
// and what a browser makes of them does not change.
type judged struct {
	verdicts memo.Table[judgedKey, *Verdict]
}

// maxJudgedKey is how many bytes of an exchange are held.
const maxJudgedKey = 1024

// A judgedKey is all that a verdict depends on, of an exchange in which each of
// these fields stands at most once and that is no redirect.
type judgedKey struct {
	status    int
	preflight bool
	included  bool // credentials
	fields    [7]string
}

var (
	judgedRequest = [3]string{"Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"}
	judgedAnswer  = [4]string{"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers"}
)

// keyOfJudged returns the key of r and its answer; it is false where there is
// none.
func keyOfJudged(r *http.Request, status int, h http.Header) (k judgedKey, ok bool) {
	if browser.IsRedirect(status, h) {
		return k, false
	}
	k.status, k.preflight, k.included = status, r.Method == http.MethodOptions, r.Header["Cookie"] != nil
	size := 0
	for i := range k.fields {
		var lines []string
		if i < len(judgedRequest) {
			lines = r.Header[judgedRequest[i]]
		} else {
			lines = h[judgedAnswer[i-len(judgedRequest)]]
		}
		switch len(lines) {
		case 0:
			k.fields[i] = "\n" // which no line is
		case 1:
			k.fields[i] = lines[0]
		default:
			return k, false
		}
		size += len(k.fields[i])
	}
	return k, size <= maxJudgedKey
}

// header returns the fields of k from first on, which have the names.
func (k judgedKey) header(names []string, first int) http.Header {
	own := make(http.Header, len(names))
	for i, name := range names {
		if v := k.fields[first+i]; v != "\n" {
			own[name] = []string{v}
		}
	}
	return own
}

// of returns the verdict that is held, or the one that judge comes to, which is
// given what it may look at of the request and of the answer. The result is not
// to be changed.
func (j *judged) of(r *http.Request, status int, h http.Header, judge func(asked, answer http.Header) Verdict) *Verdict {
	k, ok := keyOfJudged(r, status, h)
	if !ok {
		// A verdict keeps what it was made from, and the server uses its maps again.
		v := judge(r.Header.Clone(), h.Clone())
		return &v
	}
	if v, held := j.verdicts.Get(k); held {
		return v
	}
	// A verdict keeps what it was made from. These are copies, since the answer's
	// header may yet be changed, and a field of a request may be a part of its whole
	// head, which would stay in memory with it.
	for i, v := range k.fields {
		k.fields[i] = strings.Clone(v)
	}
	asked := k.header(judgedRequest[:], 0)
	if k.included {
		asked["Cookie"] = []string{""}
	}
	fresh := judge(asked, k.header(judgedAnswer[:], len(judgedRequest)))
	j.verdicts.Put(k, &fresh)
	return &fresh
}
