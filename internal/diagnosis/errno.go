//go:build !windows

package diagnosis

import "syscall"

// What the operating system says of a connection that did not come about or
// did not last.
var (
	refused     = []error{syscall.ECONNREFUSED}
	cutOff      = []error{syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE}
	noWay       = []error{syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.EHOSTDOWN, syscall.ENETDOWN, syscall.EADDRNOTAVAIL}
	dialTimeout = []error{syscall.ETIMEDOUT}
	noFiles     = []error{syscall.EMFILE, syscall.ENFILE}
)
