package childlog_test

import (
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/childlog"
)

// BenchmarkLog reads what functions print at their most verbose, and what names
// an address over and over: the program waits for its log to be read.
func BenchmarkLog(b *testing.B) {
	for name, line := range map[string]string{
		"ordinary": "2026-11-28 10:00:01 INFO some.module request 1 handled in 1ms path=/items/1 ok\n",
		"JSON":     `{"time":"2026-11-28T10:00:01Z","level":"debug","url":"https://sqs.eu-west-1.amazonaws.com/1/q","message":"sent"}` + "\n",
		"colours":  "\x1b[32mINFO\x1b[0m request \x1b[1m1\x1b[0m handled\n",
		"address":  `{"level":"info","message":"the server http://example.com is listening on port 80"}` + "\n",
	} {
		b.Run(name, func(b *testing.B) {
			text := []byte(strings.Repeat(line, 100))
			l := &childlog.Log{Address: func(string) {}}
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				_, _ = l.Write(text)
			}
		})
	}
}
