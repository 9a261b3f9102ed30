//go:build !unix

package http1

import "net"

// isQuiet cannot look at an idle connection here without reading it. A request
// that may be sent again is, and others use a kept connection only while it is
// warm.
func isQuiet(net.Conn) bool { return true }
