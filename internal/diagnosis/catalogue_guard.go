package diagnosis

// CP21xx: the request is not one that corsproxy forwards.
const (
	MalformedRequest      Code = "CP2101"
	HeadTimeout           Code = "CP2102"
	ConnectRefused        Code = "CP2103"
	OtherHost             Code = "CP2104"
	Loop                  Code = "CP2105"
	UnsupportedVersion    Code = "CP2106"
	HeadTooLarge          Code = "CP2107"
	UnknownTransferCoding Code = "CP2108"
	ShuttingDown          Code = "CP2109"
)

var guardCodes = []Info{{
	Code:     MalformedRequest,
	Name:     "malformed-request",
	Severity: SeverityError,
	Status:   400,
	Title:    "The request is not well-formed HTTP",
	Text:     "The request can be read in two ways, or in none, and whatever stands behind corsproxy might read it the other way. It was not forwarded, or cut where its body is malformed. Browsers do not send such requests.",
	Fix:      "Correct the client that wrote it.",
	Since:    "0.1.0",
}, {
	Code:     HeadTimeout,
	Name:     "head-timeout",
	Severity: SeverityError,
	Status:   408,
	Title:    "The request's head was not complete in time",
	Text:     "A connection was opened and a request begun, and its head (request line and header fields) did not end in time. It was not forwarded.",
	Fix:      "Check whether the client sends the empty line that ends the head.",
	Since:    "0.1.0",
}, {
	Code:     ConnectRefused,
	Name:     "connect-refused",
	Severity: SeverityError,
	Status:   405,
	Title:    "corsproxy opens no tunnels",
	Text:     "The client used corsproxy as a forward proxy and asked it to open a tunnel by CONNECT. corsproxy serves one upstream and is never a way to other hosts.",
	Fix:      "Take corsproxy out of the client's proxy settings (HTTPS_PROXY, ALL_PROXY, the system's settings), and use its URL as the API's base URL instead.",
	Since:    "0.1.0",
}, {
	Code:     OtherHost,
	Name:     "other-host",
	Severity: SeverityError,
	Status:   421,
	Title:    "corsproxy does not forward to other hosts",
	Text:     "The request line names a whole URL of another host, as it is sent to a forward proxy. corsproxy serves one upstream and is never a way to other hosts.",
	Fix:      "Take corsproxy out of the client's proxy settings (HTTP_PROXY, the system's settings), and use its URL as the API's base URL instead.",
	Since:    "0.1.0",
}, {
	Code:     Loop,
	Name:     "loop",
	Severity: SeverityError,
	Status:   508,
	Title:    "The upstream leads back to corsproxy",
	Text:     "The upstream's address is corsproxy's own, or that of a proxy that sends requests here again. The request would go round until nothing is left to carry it.",
	Fix:      "Name the program behind corsproxy with --upstream, and check whether it forwards to corsproxy itself, as a development server's proxy setting does it.",
	Since:    "0.1.0",
}, {
	Code:     UnsupportedVersion,
	Name:     "unsupported-version",
	Severity: SeverityError,
	Status:   505,
	Title:    "corsproxy speaks HTTP/1.1 and HTTP/1.0",
	Text:     "The request is in another version of HTTP. Over plain connections browsers use HTTP/1.1; a client that assumes HTTP/2 without asking (prior knowledge) gets this answer.",
	Fix:      "Let the client use HTTP/1.1, for curl without --http2-prior-knowledge.",
	Since:    "0.1.0",
}, {
	Code:     HeadTooLarge,
	Name:     "head-too-large",
	Severity: SeverityError,
	Status:   431,
	Title:    "The request's header fields are too large",
	Text:     "Request line and header fields together are beyond the limit. Cookies are the usual cause: cookies of localhost are shared by every port, and pile up from all that was ever tried there. API Gateway allows 10,240 bytes.",
	Fix:      "Clear the cookies of localhost in the browser, or use 127.0.0.1 instead, which has its own.",
	Since:    "0.1.0",
}, {
	Code:     UnknownTransferCoding,
	Name:     "unknown-transfer-coding",
	Severity: SeverityError,
	Status:   501,
	Title:    "The request's Transfer-Encoding is not supported",
	Text:     "The only transfer coding of requests is chunked. Compressed transfer codings are not in use, and where one program knows them and the next does not the end of the request is in doubt.",
	Fix:      "Send the body with Content-Length or chunked. What Transfer-Encoding: gzip means is usually Content-Encoding: gzip.",
	Since:    "0.1.0",
}, {
	Code:     ShuttingDown,
	Name:     "shutting-down",
	Severity: SeverityInfo,
	Status:   503,
	Title:    "corsproxy is shutting down",
	Text:     "corsproxy was told to stop. It finishes the requests that it has and takes no new ones. Told a second time, it ends at once, and the requests under way get no answer, or not all of it.",
	Fix:      "Start it again, or press Ctrl-C a second time to end it at once.",
	Since:    "0.1.0",
}}
