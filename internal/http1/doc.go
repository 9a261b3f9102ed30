// Package http1 speaks HTTP/1.1 on both sides of a gateway and keeps what
// net/http forgets: the order and the spelling of field names, the request
// target byte for byte, the reason phrase, the framing of a body, interim
// responses and trailers.
//
// The two halves fit the standard interfaces. [Server] calls an
// [net/http.Handler]; [Transport] is an [net/http.RoundTripper] for one
// upstream. What stands between them edits an ordinary [net/http.Header], and
// the header is what gets sent; the [Head] that came in is only consulted for
// how to write it: a field that is still there keeps its place and spelling.
//
// A request that can be read in two ways (RFC 9112, sections 2.2, 5.1, 6.3) is
// refused, because whatever stands behind the gateway may read it the other
// way. A response is read as leniently as browsers read it, since refusing it
// would hide from a developer what the upstream said.
package http1
