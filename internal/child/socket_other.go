//go:build !linux

package child

// Listening returns the sockets that listen on this machine. It is false where
// the system does not say.
func Listening() ([]Socket, bool) { return nil, false }

// Holder names the program that listens. It is empty where this user may not
// know.
func (Socket) Holder() string { return "" }

// Sockets returns those of the sockets that the tree holds. It is false where
// the system does not say.
func (*Process) Sockets([]Socket) ([]Socket, bool) { return nil, false }
