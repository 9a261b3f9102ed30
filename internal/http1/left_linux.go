package http1

import "golang.org/x/sys/unix"

// isLeft asks the system about a socket, without reading it.
func isLeft(fd uintptr) bool {
	const end = unix.POLLRDHUP | unix.POLLHUP | unix.POLLERR
	p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}}
	n, err := unix.Poll(p, 0)
	return err == nil && n > 0 && p[0].Revents&end != 0
}
