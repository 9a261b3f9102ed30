package console

// networkTopics are about requests that got no response that CORS is about.
func networkTopics() []Topic {
	return []Topic{{
		ID:      unnamed,
		Title:   "The browser blocked a request because of CORS",
		Meaning: "This line says that it did, and not why. The reason stands in another line of the console, most often the one before.",
		Causes:  []string{"The response lacks Access-Control-Allow-Origin, or the preflight was refused."},
		Fix:     "Paste the lines around this one too, or let corsproxy try find the reason.",
	}, {
		ID:      noResponse,
		Title:   "The request failed, and the script is not told why",
		Meaning: "It is what a script sees of every failure: one of CORS, of the network, and of a blocker. The reason stands in another line of the console.",
		Causes: []string{
			"CORS: the console has another line that says so. Paste that one too.",
			"Nothing listens at that address: sam local start-api is not running, is not ready yet, or is on another port.",
			"The server closed the connection without an answer.",
			"Plain http from an https page, or a certificate that is not trusted.",
		},
		Fix: "Look for another line of the console, or let corsproxy try find the reason.",
	}, {
		ID:      errorStatus,
		Title:   "The server answered with an error",
		Meaning: "The request was sent, and an answer came: the status is the server's own. It is no CORS error, unless another line of the console says so.",
		Causes: []string{
			"404, and 403 Missing Authentication Token: SAM local has no such route. The stage (/Prod) is not a part of its paths, and a method that the path lacks is answered so, too.",
			"401 and 403: an authorizer or an API key.",
			"500 and 502: the function failed, or returned what API Gateway cannot use. The terminal of sam local start-api says which.",
		},
		Fix:      "Look at the body of the answer. Through corsproxy it names the cause, and the nearest route.",
		remedies: []remedy{proxyPlain},
	}, {
		ID:      refusedConnection,
		Title:   "Nothing listens at that address",
		Meaning: "The machine refused the connection: no program listens on that port. It is no CORS error, though the script cannot tell.",
		Causes: []string{
			"sam local start-api is not running, or not ready: it needs 5 to 15 seconds.",
			"It is on another port (3000 unless told otherwise), or in a container whose port is not published.",
			"SAM local listens on 127.0.0.1 alone: from a container or another machine start it with --host 0.0.0.0.",
		},
		Fix: "Start it, and check the port in the URL.",
	}, {
		ID:      emptyResponse,
		Title:   "The connection ended before an answer",
		Meaning: "The server took the request and closed or reset the connection. It is no CORS error, though the script cannot tell.",
		Causes: []string{
			"The server crashed, or was restarted, during the request.",
			"It speaks TLS, and the URL says http.",
		},
		Fix: "Look at the log of the server for the moment of the request.",
	}, {
		ID:      notHTTPResponse,
		Title:   "The answer is not HTTP, or contradicts itself",
		Meaning: "The browser could not read the answer: it does not begin like one of HTTP/1, or has two different lengths or locations. It is no CORS error, though the script cannot tell.",
		Causes: []string{
			"Another program listens on that port: a database, a debugger, a server that speaks TLS.",
			"Two set the same header: the function and a proxy or a framework's middleware before it.",
		},
		Fix: "Check the port in the URL, and look at the raw answer: curl -i.",
	}, {
		ID:      unreadableBody,
		Title:   "The body is not what the answer's header says",
		Meaning: "Status and header came, and the body does not go with them: it is not in the coding that Content-Encoding names, is shorter than Content-Length, or is not in whole chunks as Transfer-Encoding says. It is no CORS error, though the script cannot tell.",
		Causes: []string{
			"The function hands on the header of another response, whose body was decompressed or changed on the way. SAM local sends these fields as they are.",
			"The function compresses its body itself and gives it back as Base64, which a REST API decodes only where BinaryMediaTypes names its media type.",
			"The server crashed, or was restarted, while it sent the body.",
		},
		Fix: "Leave out Content-Encoding, Content-Length and Transfer-Encoding of what the function hands on. Through corsproxy, the log tells of it: CP2015 where the body is not gzip, CP2012 where it ends early.",
	}, {
		ID:      unreachable,
		Title:   "The address cannot be reached",
		Meaning: "No connection came about: there is no way to the address, or nothing answered in time. It is no CORS error, though the script cannot tell.",
		Causes: []string{
			"A network or a VPN that leads to the API is down.",
			"A firewall drops what it does not let through.",
			"The address of a container, which only other containers reach.",
		},
		Fix: "Check the host in the URL. From a browser on this machine, a published port is localhost.",
	}, {
		ID:      unknownName,
		Title:   "The host's name is not known",
		Meaning: "No address was found for the host in the URL, so no request was sent.",
		Causes: []string{
			"A typing error, or an API that is not deployed any more.",
			"A name of a container network (http://sam:3000), which only other containers know. The browser is not in one.",
		},
		Fix: "Check the host. From a browser on this machine, a published port is localhost.",
	}, {
		ID:      untrusted,
		Title:   "The certificate is not trusted",
		Meaning: "The browser does not trust the server's certificate, and a script cannot ask the user. No request was sent.",
		Causes:  []string{"The certificate is self-signed, is for another name, or has expired."},
		Fix:     "Use plain http on this machine, or install the certificate's authority (mkcert -install).",
	}, {
		ID:      notTLS,
		Title:   "The server does not speak TLS",
		Meaning: "The URL says https, and what listens on that port does not.",
		Causes:  []string{"sam local start-api speaks plain http, unless it is given a certificate; so does corsproxy."},
		Fix:     "Write http:// in the URL.",
	}, {
		ID:      tooManyRedirects,
		Title:   "The redirects do not end",
		Meaning: "The browser gave up after 20 redirects.",
		Causes:  []string{"Two servers redirect to each other: http to https and back, or a slash added and removed."},
		Fix:     "Let corsproxy try show each hop.",
	}, {
		ID:      badPort,
		Title:   "Browsers refuse to call that port",
		Meaning: "The port belongs to another protocol, and browsers call nothing on it, whatever listens there. No request was sent.",
		Causes:  []string{"A server of this machine was given a port of the list of bad ports in the Fetch standard: 6000, 6666, 6667, 10080."},
		Fix:     "Serve on another port, such as 8080, and write that one in the URL.",
	}, {
		ID:      blockedByClient,
		Title:   "An extension of the browser blocked the request",
		Meaning: "An ad blocker, or another extension, or a policy of the machine kept the request from being sent.",
		Causes:  []string{"A path that looks like an advertisement or a tracker: /ads, /analytics, /track."},
		Fix:     "Turn the extension off for this page, or rename the path.",
	}, {
		ID:      mixedContent,
		Title:   "A page over https called plain http",
		Meaning: "The browser sends nothing: an https page may call http only on this machine (http://localhost and http://127.0.0.1), and Safari not even there.",
		Causes:  []string{"A page of a preview or staging host, or a development server with a certificate, calls http."},
		Fix:     "Serve both over https, or both over http.",
	}, {
		ID:      contentPolicy,
		Title:   "The page's Content-Security-Policy forbids the call",
		Meaning: "It is no CORS error: the page itself says, in connect-src or default-src, what it may call. No request was sent.",
		Causes:  []string{"The policy names the deployed API, and not the one on this machine."},
		Fix:     "Add the API's origin to connect-src of the page's policy.",
	}, {
		ID:      resourcePolicy,
		Title:   "The response may not be embedded in this page",
		Meaning: "It is another check than CORS: the page isolates itself (Cross-Origin-Embedder-Policy), or the browser will not give such a response to a page that asked without CORS.",
		Causes: []string{
			"The page says Cross-Origin-Embedder-Policy: require-corp, and the response has no Cross-Origin-Resource-Policy.",
			"A script or image element without crossorigin got JSON or HTML, such as an error.",
		},
		Fix: "Call with CORS (crossorigin, or fetch), or answer with Cross-Origin-Resource-Policy: cross-origin.",
	}}
}
