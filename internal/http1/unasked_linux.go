package http1

import "golang.org/x/sys/unix"

// isUnacknowledged reports whether a part of what was written to a socket has
// not been acknowledged.
func isUnacknowledged(fd uintptr) bool {
	n, err := unix.IoctlGetInt(int(fd), unix.SIOCOUTQ)
	return err == nil && n > 0
}
