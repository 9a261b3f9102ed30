package main

import (
	"cmp"
	"hash/maphash"
	"strings"
	"sync"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/proxy"
)

// maxNotes bounds what is remembered of notes that were logged. After as many
// it begins anew, and says a few of them again.
const maxNotes = 1000

// notes are what has been said. A frontend sends the same request again and
// again, and what one setting causes shows on many routes: once for each cause
// and origin is enough of the deployed API, and once for each route in full of
// what browsers block.
//
// Origins and paths are as long as a client makes them, so what is remembered is
// a hash.
type notes struct {
	mu   sync.Mutex
	seed maphash.Seed
	said map[uint64]bool
}

// isNew reports whether d has not been said to origin, and remembers it. Where
// it has no cause in common with other routes, its detail names the one.
func (n *notes) isNew(origin string, d *diagnosis.Diagnosis) bool {
	return n.first([2]string{origin, string(d.Code) + cmp.Or(d.Cause, d.Detail)})
}

// first reports whether key has not been said, and remembers it.
func (n *notes) first(key [2]string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.said == nil {
		n.seed, n.said = maphash.MakeSeed(), make(map[uint64]bool)
	}
	hash := maphash.Comparable(n.seed, key)
	if n.said[hash] {
		return false
	}
	if len(n.said) >= maxNotes {
		clear(n.said)
	}
	n.said[hash] = true
	return true
}

// has reports whether key has been said.
func (n *notes) has(key [2]string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.said != nil && n.said[maphash.Comparable(n.seed, key)]
}

// forget has all said again that still holds, after what it was said of has
// changed.
func (n *notes) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	clear(n.said)
}

// told reports whether the console has said in full, of this route, what it has
// to say of an exchange that browsers block.
func (n *notes) told(x *proxy.Exchange) bool {
	blocked := x.Verdict != nil && x.Diagnosis != nil && x.Diagnosis == x.Verdict.Blocked
	return (blocked || asAWS(x)) && !n.first([2]string{routeOf(x), x.Diagnosis.String()})
}

// routeOf is the route of an exchange, or its path where that is not known.
func routeOf(x *proxy.Exchange) string {
	if x.Diagnosis != nil && len(x.Diagnosis.Routes) == 1 {
		return x.Diagnosis.Routes[0].Method + " " + x.Diagnosis.Routes[0].Path
	}
	return x.Method + " " + pathOf(x)
}

// askedBy is who sends a request, or asks by a preflight whether it may, and which.
func askedBy(x *proxy.Exchange) [2]string {
	path, _, _ := strings.Cut(x.Target, "?")
	return [2]string{x.Origin, x.Decision.Method + " " + path}
}

// repeats reports whether the line of an exchange says what the note on the
// deployed API would: that the page may read there what it may not here.
func repeats(x *proxy.Exchange) bool {
	allowed := x.Deployed.Code == diagnosis.DeployedAllows || x.Deployed.Code == diagnosis.DeployedResponseReadable
	return allowed && x.Diagnosis != nil && strings.HasSuffix(x.Diagnosis.Step, " allows it: --cors-source template")
}

// note logs where the deployed API answers differently from what was just
// answered, with the fix.
func (l *logger) note(id string, d diagnosis.Diagnosis) {
	level := zapcore.WarnLevel
	if info, ok := diagnosis.Lookup(d.Code); ok && info.Severity == diagnosis.SeverityInfo {
		level = zapcore.InfoLevel
	}
	step := ""
	if len(d.Hints) > 0 {
		step = strings.ReplaceAll(d.Hints[0], "\n", " ")
	}
	message := l.withSteps(tell(d.String()), tellStep(step))
	l.say(level, message, zap.String("id", id), zap.String("code", string(d.Code)), zap.Strings("hints", tellAll(d.Hints)))
}
