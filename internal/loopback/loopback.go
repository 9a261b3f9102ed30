// Package loopback is for tests that need an address on which nothing listens.
package loopback

import (
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
)

// Where systems take the ports from that they choose themselves: Linux from
// 32768 on, others from 49152 on (RFC 6335, section 6).
const (
	lowest = 20000
	beyond = 32768
	// Processes whose numbers are near each other get ports of their own.
	perProcess = 64
)

var given atomic.Int64

// Unused returns an address of 127.0.0.1 on which nothing listens. A port that
// was opened as port 0 and closed again may be given to the next who asks for
// port 0, which is most of the tests that run beside; this one is not.
func Unused(t testing.TB) string {
	t.Helper()
	for range beyond - lowest {
		n := os.Getpid()*perProcess + int(given.Add(1))
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(lowest+n%(beyond-lowest)))
		if l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address); err == nil {
			_ = l.Close()
			return address
		}
	}
	t.Fatalf("no port from %d to %d is free", lowest, beyond-1)
	return ""
}
