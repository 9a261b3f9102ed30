//go:build !unix

package http1

import "net"

// isQuiet cannot look at an idle connection here without reading it. A request
// that may be sent again is, and others use a kept connection only for as long
// as the upstream has announced that it stays open.
func isQuiet(net.Conn) bool { return true }
