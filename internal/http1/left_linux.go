package http1

import "golang.org/x/sys/unix"

// presenceAt asks the system about a socket, without reading it.
func presenceAt(fd uintptr) presence {
	p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}}
	switch n, err := unix.Poll(p, 0); {
	case err != nil || n == 0:
		return present
	case p[0].Revents&unix.POLLERR != 0:
		return cutOff
	case p[0].Revents&unix.POLLHUP != 0:
		return gone
	case p[0].Revents&unix.POLLRDHUP != 0:
		return halfClosed
	}
	return present
}
