package http1

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// An incoming request is what is read of one, in one piece of memory.
type incoming struct {
	request http.Request
	head    Head
	url     url.URL
}

// parse reads the head of a request, whose context ctx is, and whose fields go
// into header. Where it is malformed, the request holds what could be read of
// it, so that the refusal can still be addressed (an Origin, say); its Method is
// empty where not even that could.
func (in *incoming) parse(ctx context.Context, raw string, header http.Header) (framing, *ProtocolError) {
	in.request = *new(http.Request).WithContext(ctx)
	r := &in.request
	r.Body, r.URL = http.NoBody, &in.url
	var err error
	in.head, err = strict.parseHead(raw)
	r.Header = in.head.fill(header)
	if in.head.Line == "" {
		return framing{}, badRequest(err.Error())
	}
	if perr := parseRequestLine(r, in.head.Line); perr != nil {
		return framing{}, perr
	}
	if err == errHeadTooLarge {
		return framing{}, headTooLarge
	}
	if err != nil {
		return framing{}, badRequest(err.Error())
	}
	if perr := takeHost(r); perr != nil {
		return framing{}, perr
	}
	f, perr := requestFraming(r)
	if perr != nil {
		return framing{}, perr
	}
	r.Close = closesAfter(r.ProtoMinor, r.Header)
	return f, nil
}

var headTooLarge = &ProtocolError{http.StatusRequestHeaderFieldsTooLarge, "the request head is too large"}

// parseRequestLine reads "METHOD target HTTP/1.x" (RFC 9112, section 3). One
// space stands between the three, no other.
func parseRequestLine(r *http.Request, line string) *ProtocolError {
	method, rest, ok1 := strings.Cut(line, " ")
	target, proto, ok2 := strings.Cut(rest, " ")
	if ok1 && isToken(method) {
		r.Method = method // whatever else: the answer to a HEAD has no body
	}
	if !ok1 || !ok2 || !isToken(method) || !validTarget(target) {
		return badRequest("the request line is not METHOD, target and HTTP/1.1 with one blank between them (RFC 9112 section 3)")
	}
	switch proto {
	case "HTTP/1.1":
		r.ProtoMinor = 1
	case "HTTP/1.0":
	default:
		if version, ok := strings.CutPrefix(proto, "HTTP/"); !ok || strings.Trim(version, "0123456789.") != "" {
			return badRequest("the request line does not end in an HTTP version (RFC 9112 section 2.3)")
		}
		return &ProtocolError{http.StatusHTTPVersionNotSupported, "only HTTP/1.1 and HTTP/1.0 are served here"}
	}
	r.RequestURI, r.Proto, r.ProtoMajor = target, proto, 1
	switch {
	case method == http.MethodConnect:
		r.URL.Host = target
	case target == "*" && method != http.MethodOptions:
		return badRequest(`the target "*" is for OPTIONS alone (RFC 9112 section 3.2.4)`)
	case target[0] != '/' && target != "*" && !strings.Contains(target, "://"):
		return badRequest("the request target is neither a path nor a URL (RFC 9112 section 3.2)")
	default:
		*r.URL = parseTarget(target)
	}
	return nil
}

// validTarget reports whether target has no byte that would change how the
// request line is read. Bytes that RFC 3986 forbids in a URL pass: clients
// send them, and upstreams take them.
func validTarget(target string) bool {
	for i := range len(target) {
		if c := target[i]; c <= ' ' || c == 0x7f {
			return false
		}
	}
	return target != ""
}

// parseTarget is [url.ParseRequestURI] that never fails: a target that is no
// URL (a stray "%", say) comes back as a path as it stands.
func parseTarget(target string) url.URL {
	if !isPlain(target) {
		if u, err := url.ParseRequestURI(target); err == nil {
			return *u
		}
	}
	path, query, _ := strings.Cut(target, "?")
	return url.URL{Path: path, RawQuery: query}
}

// isPlain reports whether target is a path that stands for itself, perhaps with
// a query: most are.
func isPlain(target string) bool {
	if target[0] != '/' || strings.HasPrefix(target, "//") || strings.HasSuffix(target, "?") {
		return false
	}
	path, query, _ := strings.Cut(target, "?")
	for i := range len(path) {
		switch c := path[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '/', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return strings.IndexByte(query, '#') < 0
}

// takeHost moves Host from r's header into r.Host (RFC 9112, section 3.2).
func takeHost(r *http.Request) *ProtocolError {
	hosts := r.Header["Host"]
	if len(hosts) > 1 || len(hosts) == 0 && r.ProtoMinor == 1 {
		return badRequest("a request has exactly one Host field (RFC 9112 section 3.2)")
	}
	if len(hosts) == 1 {
		if strings.ContainsAny(hosts[0], " \t,/?#@\\\"<>") {
			return badRequest("the Host field is not a host and a port (RFC 9112 section 3.2)")
		}
		r.Host = hosts[0]
		delete(r.Header, "Host")
	}
	return nil
}

// requestFraming finds where r's body ends, and refuses what two readers could
// frame differently (RFC 9112, sections 6.1 and 6.3).
func requestFraming(r *http.Request) (framing, *ProtocolError) {
	lengths, hasLength := r.Header["Content-Length"]
	if codings, ok := r.Header["Transfer-Encoding"]; ok {
		switch {
		case hasLength:
			return framing{}, badRequest("Content-Length and Transfer-Encoding stand together (RFC 9112 section 6.3)")
		case r.ProtoMinor == 0:
			return framing{}, badRequest("Transfer-Encoding stands in an HTTP/1.0 request (RFC 9112 section 6.1)")
		case len(codings) == 1 && strings.EqualFold(codings[0], "chunked"):
			delete(r.Header, "Transfer-Encoding")
			r.TransferEncoding, r.ContentLength = []string{"chunked"}, -1
			return framing{kind: chunked}, nil
		case len(codings) == 1 && !hasToken(codings, "chunked"):
			return framing{}, &ProtocolError{http.StatusNotImplemented, "the only transfer coding served here is chunked"}
		}
		return framing{}, badRequest("Transfer-Encoding is not chunked once and last (RFC 9112 section 6.1)")
	}
	if !hasLength {
		return framing{}, nil
	}
	n, ok := parseLength(lengths)
	if !ok || len(lengths) > 1 || strings.Contains(lengths[0], ",") {
		return framing{}, badRequest("Content-Length is not one decimal number (RFC 9112 section 6.3)")
	}
	r.ContentLength = n
	return framing{byLength, n}, nil
}

// parseLength reads a Content-Length. Several equal ones are one, which only a
// response may say.
func parseLength(values []string) (int64, bool) {
	length := int64(-1)
	for _, v := range values {
		for e := range strings.SplitSeq(v, ",") {
			e = trimOWS(e)
			if e == "" || len(e) > 18 || strings.Trim(e, "0123456789") != "" {
				return 0, false
			}
			n, err := strconv.ParseInt(e, 10, 64)
			if err != nil || length >= 0 && n != length {
				return 0, false
			}
			length = n
		}
	}
	return length, length >= 0
}

// closesAfter reports whether a message's sender ends its connection after it
// (RFC 9112, section 9.3).
func closesAfter(protoMinor int, h http.Header) bool {
	if hasToken(h["Connection"], "close") {
		return true
	}
	return protoMinor == 0 && !hasToken(h["Connection"], "keep-alive")
}
