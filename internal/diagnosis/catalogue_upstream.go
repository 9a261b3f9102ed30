package diagnosis

// CP20xx: the upstream could not be reached or did not answer as it should.
const (
	UpstreamRefused      Code = "CP2001"
	UpstreamDialTimeout  Code = "CP2002"
	UpstreamUnreachable  Code = "CP2003"
	UpstreamNameNotFound Code = "CP2004"
	UpstreamClosed       Code = "CP2005"
	UpstreamTimeout      Code = "CP2006"
	UpstreamNotHTTP      Code = "CP2007"
	UpstreamSpeaksTLS    Code = "CP2008"
	UpstreamWithoutTLS   Code = "CP2009"
	UpstreamTLSFailed    Code = "CP2010"
	TooManyOpenFiles     Code = "CP2011"
	UpstreamBodyCut      Code = "CP2012"
	ClientGone           Code = "CP2013"
	UpstreamFailed       Code = "CP2014"
	BodyMiscoded         Code = "CP2015"
)

var upstreamCodes = []Info{{
	Code:     UpstreamRefused,
	Name:     "upstream-refused",
	Severity: SeverityError,
	Status:   502,
	Title:    "Nothing listens at the upstream's address",
	Text: "The upstream's machine refused the connection: no program listens on that port. " +
		"SAM local needs 5 to 15 seconds to start, and listens on port 3000 of 127.0.0.1 unless told otherwise.",
	Fix:   "Start the upstream (sam local start-api), or name the right address with --upstream. From a container 127.0.0.1 is the container itself: use http://host.docker.internal:3000, and start SAM with --host 0.0.0.0.",
	Since: "0.1.0",
}, {
	Code:     UpstreamDialTimeout,
	Name:     "upstream-dial-timeout",
	Severity: SeverityError,
	Status:   504,
	Title:    "The upstream did not accept a connection in time",
	Text:     "No connection to the upstream came about within timeouts.dial. Neither was it refused: packets get lost on the way, as a firewall does it, or the program does not accept connections.",
	Fix:      "Check whether the address is right and whether a firewall stands between. On this machine, check whether the program hangs.",
	Since:    "0.1.0",
}, {
	Code:     UpstreamUnreachable,
	Name:     "upstream-unreachable",
	Severity: SeverityError,
	Status:   502,
	Title:    "The upstream's address cannot be reached",
	Text:     "The operating system knows no way to the upstream's address.",
	Fix:      "Check whether the address given with --upstream is right, and whether the network, VPN or container network that leads to it is up.",
	Since:    "0.1.0",
}, {
	Code:     UpstreamNameNotFound,
	Name:     "upstream-name-not-found",
	Severity: SeverityError,
	Status:   502,
	Title:    "The upstream's name cannot be resolved",
	Text:     "No address was found for the host name in the upstream's URL.",
	Fix:      "Check the spelling of --upstream. In Docker Compose the name is that of the service, and both containers must share a network; on Linux host.docker.internal needs extra_hosts: [\"host.docker.internal:host-gateway\"].",
	Since:    "0.1.0",
}, {
	Code:     UpstreamClosed,
	Name:     "upstream-closed",
	Severity: SeverityError,
	Status:   502,
	Title:    "The upstream closed the connection without an answer",
	Text:     "The upstream accepted the request and then closed or reset the connection before a response was complete enough to forward. Most often it crashed, was restarted, or does not speak HTTP. The request may have had its effect.",
	Fix:      "Look at the upstream's own log for the moment of this request.",
	Since:    "0.1.0",
}, {
	Code:     UpstreamTimeout,
	Name:     "upstream-timeout",
	Severity: SeverityError,
	Status:   504,
	Title:    "The upstream did not answer in time",
	Text:     "The upstream took the request, and no response began within timeouts.response_header. The first invocation of a function in SAM local builds a container image and can take long. The request may still have its effect.",
	Fix:      "Raise timeouts.response_header, or set it to 0s for no limit; look at the upstream's log for what it waits for.",
	Since:    "0.1.0",
}, {
	Code:     UpstreamNotHTTP,
	Name:     "upstream-not-http",
	Severity: SeverityError,
	Status:   502,
	Title:    "The upstream's answer is not HTTP/1.1",
	Text:     "What the upstream sent is not an HTTP/1 response. Usually another program listens on that port. Where it begins as one, it is most often the function's: SAM local sends what the function gives back, also a statusCode such as 99, or a header whose name has a blank.",
	Fix:      "Check whether --upstream has the right port: sam local start-api listens on 3000 unless told otherwise. Where the answer begins as HTTP, look at what the function gives back.",
	Since:    "0.1.0",
}, {
	Code:     UpstreamSpeaksTLS,
	Name:     "upstream-speaks-tls",
	Severity: SeverityError,
	Status:   502,
	Title:    "The upstream speaks TLS, and the URL says http",
	Text:     "The upstream answered a plain request with a TLS record.",
	Fix:      "Write https:// instead of http:// in --upstream.",
	Since:    "0.1.0",
}, {
	Code:     UpstreamWithoutTLS,
	Name:     "upstream-without-tls",
	Severity: SeverityError,
	Status:   502,
	Title:    "The upstream does not speak TLS, and the URL says https",
	Text:     "The upstream answered the beginning of a TLS handshake with something else.",
	Fix:      "Write http:// instead of https:// in --upstream. sam local start-api speaks plain HTTP unless it is given a certificate.",
	Since:    "0.1.0",
}, {
	Code:     UpstreamTLSFailed,
	Name:     "upstream-tls-failed",
	Severity: SeverityError,
	Status:   502,
	Title:    "No trusted TLS connection to the upstream",
	Text:     "The TLS handshake with the upstream failed, most often because its certificate is signed by an authority that this machine does not trust, is for another name, or has expired. corsproxy has no switch that turns verification off.",
	Fix:      "Install the certificate's authority on this machine (for mkcert: mkcert -install), or name its file in SSL_CERT_FILE on Linux. Where the upstream is on this machine plain http:// does.",
	Since:    "0.1.0",
}, {
	Code:     TooManyOpenFiles,
	Name:     "too-many-open-files",
	Severity: SeverityError,
	Status:   503,
	Title:    "No file descriptor is left",
	Text:     "A connection to the upstream needs a file descriptor, and the operating system's limit for this process, or for the machine, is reached. A page that opens connections without closing them, or very many requests at once, leads here.",
	Fix:      "Raise the limit (ulimit -n 4096 in the shell that starts corsproxy; ulimits: {nofile: 4096} in Docker Compose), and check whether the page leaves streams or WebSockets open.",
	Since:    "0.1.0",
}, {
	Code:     UpstreamBodyCut,
	Name:     "upstream-body-cut",
	Severity: SeverityError,
	Title:    "The upstream's response ended early",
	Text:     "The upstream's connection ended before the body was complete: shorter than its Content-Length, without the last chunk, or, where nothing but the connection's end ends it, without TLS's close_notify; or its header says Transfer-Encoding: chunked, and it is in no chunks. Status and headers had been forwarded already, so that corsproxy cuts its own connection to show the same to the client. Browsers report a network error.",
	Fix:      "Look at the upstream's own log: usually it crashed while it was writing. SAM local sends a function's Content-Length and Transfer-Encoding as they are: a function that hands on the headers of another response is to leave them out. Where corsproxy has ended it to start it again, as its log says then, send the request again.",
	Since:    "0.1.0",
}, {
	Code:     ClientGone,
	Name:     "client-gone",
	Severity: SeverityInfo,
	Status:   400,
	Title:    "The client left before the end of the answer",
	Text:     "The client closed its connection, or stopped sending its body, before the exchange was over. A page that is left or reloaded, an event stream that is closed, and AbortController in a script, do so. The upstream's connection was closed too. Should the client still listen, the answer is 400 (RFC 9112, section 8), or 502 where it is the upstream that gave none.",
	Fix:      "Nothing, unless it comes as a surprise: then check the client's own timeout.",
	Since:    "0.1.0",
}, {
	Code:     UpstreamFailed,
	Name:     "upstream-failed",
	Severity: SeverityError,
	Status:   502,
	Title:    "The request could not be forwarded",
	Text:     "Forwarding the request to the upstream failed for a reason that corsproxy has no better name for. The detail carries the operating system's words.",
	Fix:      "Check whether the upstream answers when it is called without corsproxy, for example with curl.",
	Since:    "0.1.0",
}, {
	Code:     BodyMiscoded,
	Name:     "body-not-in-its-coding",
	Severity: SeverityWarning,
	Title:    "The response's body is not in the coding that its header names",
	Text:     "The response says Content-Encoding: gzip, and its body does not begin as gzip does. It was forwarded as it is. Browsers cannot read it: Chrome reports net::ERR_CONTENT_DECODING_FAILED. Most often a function hands on the headers of another response, whose body what fetched it has decompressed; or it compresses its body and gives it back as Base64, which SAM local and API Gateway decode for a REST API only where BinaryMediaTypes names its media type.",
	Fix:      "Leave out Content-Encoding, with Content-Length and Transfer-Encoding, of headers that are handed on. Do not compress in the function: a REST API does so itself with MinimumCompressionSize.",
	Since:    "0.2.0",
}}
