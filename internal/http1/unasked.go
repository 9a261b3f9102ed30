package http1

import (
	"errors"
	"net/http"
)

var errGaveUp = errors.New("the upstream had given up waiting on a kept connection")

// gaveUp reports whether resp says that the upstream had given up waiting for a
// request on a kept connection, just as r, which may be repeated, was on its
// way: a 408 that nobody has asked for (RFC 9110, section 15.5.9).
//
// A 408 may also be the answer to r, which is not to be asked again then. It
// cannot be where a part of r had not even reached the upstream's system when
// the 408 was sent: what a system has received it acknowledges with what it
// sends. Where the whole request had, or the system does not tell, nobody knows
// whether it was read, and the 408 is taken for the answer.
func (c *upstreamConn) gaveUp(r *http.Request, resp *http.Response) bool {
	if resp.StatusCode != http.StatusRequestTimeout || !resp.Close || !c.reused || !isRepeatable(r) {
		return false
	}
	raw, ok := rawConn(withoutTLS(c.nc))
	if !ok {
		return false
	}
	unread := false
	err := raw.Control(func(fd uintptr) { unread = isUnacknowledged(fd) })
	return err == nil && unread
}
