package child_test

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/child"
)

func TestReached(t *testing.T) {
	t.Parallel()
	sockets := func(addresses ...string) (all []child.Socket) {
		for _, a := range addresses {
			all = append(all, child.Socket{Addr: netip.MustParseAddrPort(a)})
		}
		return all
	}
	tests := []struct {
		listening []child.Socket
		at, want  string
	}{
		{sockets("127.0.0.1:1", "127.0.0.1:2"), "127.0.0.1:2", "127.0.0.1:2"},
		{sockets("0.0.0.0:1", "127.0.0.1:1"), "127.0.0.1:1", "127.0.0.1:1"},
		{sockets("127.0.0.1:1", "0.0.0.0:1"), "127.0.0.1:1", "127.0.0.1:1"},
		{sockets("0.0.0.0:1"), "127.0.0.1:1", "0.0.0.0:1"},
		{sockets("[::]:1"), "127.0.0.1:1", "[::]:1"},
		{sockets("0.0.0.0:1"), "[::1]:1", ""},
		{sockets("[::ffff:127.0.0.1]:1"), "127.0.0.1:1", "[::ffff:127.0.0.1]:1"},
		{sockets("192.0.2.7:1"), "127.0.0.1:1", ""},
		{sockets("127.0.0.1:1"), "127.0.0.1:2", ""},
	}
	for _, tt := range tests {
		got, ok := child.Reached(tt.listening, netip.MustParseAddrPort(tt.at))
		if ok != (tt.want != "") || ok && got.Addr.String() != tt.want {
			t.Errorf("of %v, %s reaches %v, want %q", tt.listening, tt.at, got.Addr, tt.want)
		}
	}
}

// TestSockets tells the sockets of a tree from those of others.
func TestSockets(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells who listens")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	r := newRegister(t)
	p := start(t, command(t, "listen", r.env()))
	var at netip.AddrPort
	for address := range r.members(1) {
		at = netip.MustParseAddrPort(address)
	}
	all, known := child.Listening()
	own, telling := p.Sockets(all)
	if !known || !telling || len(own) != 1 || own[0].Addr != at {
		t.Errorf("the tree listens on %v (%v, %v), want %v", own, known, telling, at)
	}
	mine, ok := child.Reached(all, netip.MustParseAddrPort(l.Addr().String()))
	if want := fmt.Sprintf(", process %d", os.Getpid()); !ok || !strings.HasSuffix(mine.Holder(), want) {
		t.Errorf("%v is held by %q, want %q", mine.Addr, mine.Holder(), want)
	}
}
