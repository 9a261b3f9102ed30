package diagnosis

import "syscall"

// What Winsock says of a connection that did not come about or did not last.
// The constants ECONNREFUSED and so on of package syscall are invented on
// Windows, and no error of a socket is one of them.
var (
	refused     = []error{syscall.Errno(10061)}                                                                                         // WSAECONNREFUSED
	cutOff      = []error{syscall.WSAECONNRESET, syscall.WSAECONNABORTED, syscall.Errno(10058)}                                         // WSAESHUTDOWN
	noWay       = []error{syscall.Errno(10065), syscall.Errno(10051), syscall.Errno(10064), syscall.Errno(10050), syscall.Errno(10049)} // WSAEHOSTUNREACH, WSAENETUNREACH, WSAEHOSTDOWN, WSAENETDOWN, WSAEADDRNOTAVAIL
	dialTimeout = []error{syscall.Errno(10060)}                                                                                         // WSAETIMEDOUT
	noFiles     = []error{syscall.Errno(10024)}                                                                                         // WSAEMFILE
)
