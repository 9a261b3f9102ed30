package main

import (
	"sync"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/corsproxy/corsproxy/proxy"
)

// object logs an exchange for programs.
func (l *logger) object(level zapcore.Level, x *proxy.Exchange) {
	f := fieldsPool.Get().(*fields)
	f.exchange = x
	// The lines of exchanges are by far the most, and what a Logger would add to
	// its core they do without.
	entry := zapcore.Entry{Level: level, Time: x.Start.Add(x.Duration), Message: "exchange"}
	_ = l.zap.Core().Write(entry, f.inline[:])
	f.exchange = nil
	fieldsPool.Put(f)
}

// fields writes an exchange for programs. What does not apply is left out.
type fields struct {
	exchange *proxy.Exchange
	inline   [1]zap.Field // of itself
}

var fieldsPool = sync.Pool{New: func() any {
	f := new(fields)
	f.inline[0] = zap.Inline(f)
	return f
}}

// MarshalLogObject implements [zapcore.ObjectMarshaler].
func (f *fields) MarshalLogObject(to zapcore.ObjectEncoder) error {
	x := f.exchange
	word := func(key, value string) { // of corsproxy's own
		if value != "" {
			to.AddString(key, value)
		}
	}
	text := func(key, value string) { // that may repeat what others sent
		if value != "" {
			to.AddString(key, tell(value))
		}
	}
	number := func(key string, value int64) {
		if value != 0 {
			to.AddInt64(key, value)
		}
	}
	to.AddString("id", x.ID)
	to.AddString("method", clean(x.Method))
	to.AddString("path", pathOf(x))
	to.AddInt("status", x.Status)
	to.AddFloat64("durationMs", float64(x.Duration.Microseconds())/1000)
	to.AddBool("answered", x.Answered)
	text("host", x.Host)
	text("origin", x.Origin)
	word("decision", decisionOf(x)) // told already
	word("reason", string(x.Decision.Reason))
	number("upstreamStatus", int64(x.UpstreamStatus))
	number("bytesIn", x.BytesIn)
	number("bytesOut", x.BytesOut)
	if d := x.Diagnosis; d != nil {
		word("code", string(d.Code))
		text("diagnosis", d.Header())
		text("detail", d.Detail)
		word("hint", tellStep(untoldHint(x)))
	}
	if v := x.Verdict; v != nil {
		word("blocked", v.Decisive().Name())
		word("firefox", v.Decisive().Firefox)
		word("setBy", string(v.SetBy[v.Decisive().Header]))
		if v.Differ() {
			word("blockedWithCredentials", v.Credentials.Name())
		}
	}
	if a := x.Applied; a != nil {
		zap.Strings("applied", a.Fields).AddTo(to)
	}
	if x.Upgraded {
		to.AddBool("upgraded", true)
	}
	if x.Err != nil {
		text("error", x.Err.Error())
	}
	text("remote", x.RemoteAddr)
	return nil
}
