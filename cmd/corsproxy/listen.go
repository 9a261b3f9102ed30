package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
	"github.com/corsproxy/corsproxy/internal/child"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// listen opens the configured address. The error says what to do next.
func listen(ctx context.Context, c *config.Loaded) (net.Listener, error) {
	return listenFor(ctx, c.Listen, "--listen")
}

// listenFor opens the address that a flag has given.
func listenFor(ctx context.Context, address, flag string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err == nil {
		return l, nil
	}
	return nil, errors.New(diagnosis.Diagnosis{
		Code:   diagnosis.ListenFailed,
		Detail: fmt.Sprintf("cannot listen on %s: %s", address, whyNot(ctx, address, flag, err)),
	}.String())
}

func whyNot(ctx context.Context, address, flag string, err error) string {
	_, port, _ := net.SplitHostPort(address)
	var dns *net.DNSError
	switch {
	case isInUse(err) && !isListening(ctx, address):
		return fmt.Sprintf("nothing listens there, but a connection of this machine has the port, or had it until just now; try again in a minute, or choose another port, such as %s %s",
			flag, another(ctx, address))
	case isInUse(err):
		return fmt.Sprintf("another program listens there; stop it (%s shows which it is), or choose another port, such as %s %s",
			finder(port), flag, another(ctx, address))
	case errors.Is(err, fs.ErrPermission):
		return "ports below 1024 are for privileged users here; choose another, such as " + flag + " 8080"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "no interface of this machine has this address; write " + flag + " :" + port + " for all of them, or " + flag + " " + port + " for loopback"
	case errors.As(err, &dns):
		return "its host has no address; write " + flag + " " + port + " for loopback"
	}
	return err.Error()
}

// isInUse knows the error of Windows too, which is not syscall.EADDRINUSE.
func isInUse(err error) bool {
	const wsaEADDRINUSE = syscall.Errno(10048)
	return errors.Is(err, syscall.EADDRINUSE) || runtime.GOOS == "windows" && errors.Is(err, wsaEADDRINUSE)
}

// isListening reports whether a program listens on the port of an address.
func isListening(ctx context.Context, address string) bool {
	_, port, _ := net.SplitHostPort(address)
	if sockets, known := child.Listening(); known {
		return slices.ContainsFunc(sockets, func(s child.Socket) bool { return fmt.Sprint(s.Addr.Port()) == port })
	}
	conn, err := (&net.Dialer{Timeout: knockTimeout}).DialContext(ctx, "tcp", address) // of no host, this machine's
	if err == nil {
		_ = conn.Close()
	}
	return err == nil
}

// finder is the command that shows who listens on a port.
func finder(port string) string {
	switch runtime.GOOS {
	case "windows":
		return "netstat -ano | findstr :" + port
	case "linux":
		return "ss -ltnp 'sport = :" + port + "'"
	}
	return "lsof -nP -iTCP:" + port + " -sTCP:LISTEN"
}

// searched bounds the ports that are tried in search of a free one.
const searched = 50

// another returns address with the next port that is free, or with 0, which is
// any free one.
func another(ctx context.Context, address string) string {
	host, port, _ := net.SplitHostPort(address)
	taken, _ := strconv.Atoi(port) // of a name, such as http, none is next
	free := 0
	for n := taken + 1; taken > 0 && n <= min(taken+searched, 65535); n++ {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(n)))
		if err == nil {
			_ = l.Close()
			free = n
			break
		}
	}
	if strings.HasPrefix(host, "127.") {
		return strconv.Itoa(free)
	}
	return net.JoinHostPort(host, strconv.Itoa(free))
}
