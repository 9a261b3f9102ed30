// Package browser says what a browser does with a cross-origin exchange, in the
// browser's own words.
//
// A [Request] is what a script hands to fetch. It says which of its fields
// survive, whether a preflight goes first, and what that one asks: a
// [Preflight], which a server may also read from a request with [PreflightOf].
// [Preflight.Check], [CheckActual] and [CheckRedirect] take the status and the
// header of a response, and return a [Verdict]: readable, or blocked, under the
// name that Chromium's DevTools protocol (Network.CorsError), Firefox and
// Safari give it. A [Fetch] strings them together along a chain of redirects:
//
//	for f := browser.Start(request); ; {
//		if f.NeedsPreflight() { // send f.Preflight().Header(), then
//			verdict := f.Preflight().Check(status, header)
//		}
//		// send f.Method() to f.URL() with f.Header(), then
//		verdict, follow := f.Receive(status, header)
//	}
//
// The checks and their order are Chromium's (156), as measured, and not those
// of the Fetch standard where the two differ: `*` in
// Access-Control-Allow-Headers covers Authorization (in other browsers, too),
// client hints need no preflight, and User-Agent cannot be set. Firefox and Safari look in an order
// of their own, so their words are found separately.
//
// The package is pure: it sends nothing, reads nothing, and keeps nothing. It
// looks at each line of a field by itself, as browsers tell two lines from one.
// A header that it is given must have canonical names, as those of net/http do.
// What it cannot know is whether the browser has a preflight in its cache, is
// told by an extension or a service worker, or keeps a page from the local
// network.
package browser
