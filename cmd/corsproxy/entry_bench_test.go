package main

import (
	"io"
	"testing"
	"time"

	"go.uber.org/zap/zapcore"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/policy"
	"github.com/corsproxy/corsproxy/proxy"
)

// BenchmarkExchangeLine is what the log line of one exchange costs.
func BenchmarkExchangeLine(b *testing.B) {
	allowed := proxy.Verdict{Plain: browser.Verdict{Allowed: true}, Credentials: browser.Verdict{Allowed: true}}
	exchanges := map[string]proxy.Exchange{
		"preflight": {
			ID: "0a1b2c3d", Start: time.Now(), Duration: 94 * time.Microsecond, Method: "OPTIONS", Target: "/scanRecords",
			Host: "localhost:8080", Origin: "http://localhost:5173", RemoteAddr: "127.0.0.1:52814", Status: 204, Answered: true,
			Decision: policy.Decision{Kind: policy.Preflight, Origin: "http://localhost:5173", Allowed: true}, Verdict: &allowed,
		},
		"GET": {
			ID: "0a1b2c3d", Start: time.Now(), Duration: 412 * time.Millisecond, Method: "GET", Target: "/scanRecords?page=2",
			Host: "localhost:8080", Origin: "http://localhost:5173", RemoteAddr: "127.0.0.1:52814", Status: 200, UpstreamStatus: 200,
			BytesOut: 1843, Decision: policy.Decision{Kind: policy.Actual, Origin: "http://localhost:5173", Allowed: true}, Verdict: &allowed,
		},
	}
	for _, format := range []string{"json", "console"} {
		for name, x := range exchanges {
			b.Run(format+"/"+name, func(b *testing.B) {
				l := newLogger(world{stderr: io.Discard}, config.Log{Level: zapcore.InfoLevel.String(), Format: format})
				b.Cleanup(l.close)
				b.ReportAllocs()
				for b.Loop() {
					l.exchange(&x)
				}
			})
		}
	}
}
