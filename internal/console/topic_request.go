package console

// requestTopics are about where a request may go, and in what mode.
func requestTopics() []Topic {
	return []Topic{{
		ID:      redirectRefused,
		Title:   "A redirect leads where the request may not go",
		Meaning: "A request that was redirected is checked at each hop: the redirecting response needs Access-Control-Allow-Origin itself, and a preflight may not be redirected at all. After a hop across origins the browser sends Origin: null.",
		Causes: []string{
			"http moves to https, a path gains or loses its slash, or something in front of the API leads to a login page.",
			"Two slashes within the path: SAM local answers 308.",
		},
		Fix: "Call the last URL at once. corsproxy try follows each hop and shows where it ends.",
	}, {
		ID:      redirectCredentials,
		Title:   "A redirect leads to a URL with a user name",
		Meaning: "The Location has user:password@ before the host, which no request across origins may follow.",
		Causes:  []string{"A base URL with credentials in a setting of the server that redirects."},
		Fix:     "Remove user and password from the Location; send them in a header.",
	}, {
		ID:      notHTTP,
		Title:   "The URL is neither http nor https",
		Meaning: "CORS is a protocol of HTTP. A page cannot fetch a file, or any other scheme, across origins.",
		Causes: []string{
			"The page was opened as a file (file://…), and calls a file beside it.",
			"The scheme is missing: localhost:3000/items is a URL of the scheme localhost.",
			"A redirect leads to another scheme.",
		},
		Fix: "Serve the page over HTTP, and write http:// before the host of the API.",
	}, {
		ID:      sameOriginMode,
		Title:   "The page itself allows no other origin",
		Meaning: "The call says mode: 'same-origin', or is of a kind that must be: the browser sends nothing to another origin.",
		Causes:  []string{"fetch(url, {mode: 'same-origin'}), or a worker's script from another origin."},
		Fix:     "Remove the mode from the call. It is cors by default.",
	}, {
		ID:      noCORSRedirect,
		Title:   "mode: 'no-cors' goes with redirect: 'follow' alone",
		Meaning: "The call has both mode: 'no-cors' and another redirect mode, and the browser sends nothing.",
		Causes:  []string{"mode: 'no-cors' was added to silence a CORS error. It hides the response from the script altogether."},
		Fix:     "Remove the mode from the call, and let the server allow the origin.",
	}, {
		ID:      localNetwork,
		Title:   "The browser keeps a public page from the local network",
		Meaning: "A page from a public, or less private, address called this machine or the local network. Chrome asks the user first (Local Network Access), and only on a page over https. No request was sent: neither the API nor corsproxy saw one.",
		Causes: []string{
			"A page of a staging or preview host, over http, calls localhost.",
			"The permission was denied, or the page is in a frame without allow=\"local-network-access\".",
			"A page on 192.168.x.x, over http, calls 127.0.0.1.",
		},
		Fix: "Open the page from this machine (http://localhost:5173), or over https and allow Local network access in the site's settings. No response header helps.",
	}, {
		ID:      corsDisabled,
		Title:   "CORS is turned off in this browser",
		Meaning: "The setting content.cors.disable makes Firefox refuse every request across origins.",
		Causes:  []string{"about:config, or a policy of the machine."},
		Fix:     "Set content.cors.disable to false in about:config.",
	}, {
		ID:      hiddenHeader,
		Title:   "A response header is hidden from the script",
		Meaning: "A script may read Cache-Control, Content-Language, Content-Length, Content-Type, Expires, Last-Modified and Pragma, and what Access-Control-Expose-Headers lists. The request itself went well.",
		Causes: []string{
			"A REST API takes ExposeHeaders from the function alone: SAM's Cors has no such property.",
			"SAM local never sends ExposeHeaders of an HTTP API, though AWS does.",
		},
		Fix:      "Expose the header.",
		remedies: []remedy{proxyExpose, httpExpose, functionExpose},
	}}
}
