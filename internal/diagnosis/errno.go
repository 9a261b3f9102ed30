package diagnosis

import "syscall"

// The errors of Winsock. The constants of package syscall that are named alike
// are invented on Windows, and no error of a socket there is one of them. On
// other systems no error has these numbers.
const (
	wsaEMFILE        = syscall.Errno(10024)
	wsaEADDRNOTAVAIL = syscall.Errno(10049)
	wsaENETDOWN      = syscall.Errno(10050)
	wsaENETUNREACH   = syscall.Errno(10051)
	wsaECONNABORTED  = syscall.Errno(10053)
	wsaECONNRESET    = syscall.Errno(10054)
	wsaESHUTDOWN     = syscall.Errno(10058)
	wsaETIMEDOUT     = syscall.Errno(10060)
	wsaECONNREFUSED  = syscall.Errno(10061)
	wsaEHOSTDOWN     = syscall.Errno(10064)
	wsaEHOSTUNREACH  = syscall.Errno(10065)
)

// What the operating system says of a connection that did not come about or
// did not last.
var (
	refused     = []error{syscall.ECONNREFUSED, wsaECONNREFUSED}
	cutOff      = []error{syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE, wsaECONNRESET, wsaECONNABORTED, wsaESHUTDOWN}
	noWay       = []error{syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.EHOSTDOWN, syscall.ENETDOWN, syscall.EADDRNOTAVAIL, wsaEHOSTUNREACH, wsaENETUNREACH, wsaEHOSTDOWN, wsaENETDOWN, wsaEADDRNOTAVAIL}
	dialTimeout = []error{syscall.ETIMEDOUT, wsaETIMEDOUT}
	noFiles     = []error{syscall.EMFILE, syscall.ENFILE, wsaEMFILE}
)
