package browser

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// blanks are what may stand around a value (RFC 9110, section 5.6.3).
const blanks = " \t"

// Limits of what is safelisted, in bytes (Fetch, "CORS-safelisted
// request-header" and "CORS-unsafe request-header names").
const (
	longestSafeValue = 128
	mostSafeBytes    = 1024
)

// Forbidden reports whether a browser drops a field that a script sets (Fetch,
// "forbidden request-header"). User-Agent is not forbidden by the standard, but
// Chromium sends its own.
func Forbidden(name, value string) bool {
	name = strings.ToLower(name)
	switch name {
	case "accept-charset", "accept-encoding", "access-control-request-headers", "access-control-request-method",
		"connection", "content-length", "cookie", "cookie2", "date", "dnt", "expect", "host", "keep-alive", "origin",
		"referer", "set-cookie", "te", "trailer", "transfer-encoding", "upgrade", "via", "user-agent":
		return true
	case "x-http-method", "x-http-method-override", "x-method-override":
		for method := range strings.SplitSeq(value, ",") {
			switch strings.ToUpper(strings.Trim(method, blanks)) {
			case "CONNECT", "TRACE", "TRACK":
				return true
			}
		}
	}
	return strings.HasPrefix(name, "proxy-") || strings.HasPrefix(name, "sec-")
}

// unsafeNames returns the names of the fields that need a preflight.
func unsafeNames(sent http.Header) []string {
	var unsafe, safe []string
	size := 0
	for name, values := range sent {
		// fetch joins the values of a name before it looks at them.
		value := strings.Join(values, ", ")
		if lower := strings.ToLower(name); safelisted(lower, value) {
			safe = append(safe, lower)
			size += len(value)
		} else {
			unsafe = append(unsafe, lower)
		}
	}
	if size > mostSafeBytes {
		unsafe = append(unsafe, safe...)
	}
	slices.Sort(unsafe)
	return slices.Compact(unsafe)
}

// safelisted reports whether a field needs no preflight. The client hints are
// Chromium's.
func safelisted(name, value string) bool {
	if len(value) > longestSafeValue {
		return false
	}
	switch name {
	case "accept":
		return !strings.ContainsFunc(value, unsafeByte)
	case "accept-language", "content-language":
		return !strings.ContainsFunc(value, func(r rune) bool { return !languageByte(r) })
	case "content-type":
		return safeContentType(value)
	case "range":
		return simpleRange(value)
	case "save-data":
		return strings.EqualFold(value, "on")
	case "dpr", "device-memory", "downlink":
		whole, fraction, point := strings.Cut(value, ".")
		return digits(whole) && (!point || digits(fraction))
	case "width", "viewport-width", "rtt":
		return digits(value)
	case "ect":
		return value == "slow-2g" || value == "2g" || value == "3g" || value == "4g"
	case "intervention":
		return true
	}
	return false
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// unsafeByte is Fetch's "CORS-unsafe request-header byte".
func unsafeByte(r rune) bool {
	return r < ' ' && r != '\t' || r == 0x7f || strings.ContainsRune(`"():<>?@[\]{}`, r)
}

func languageByte(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || strings.ContainsRune(" *,-.;=", r)
}

func safeContentType(value string) bool {
	if strings.ContainsFunc(value, unsafeByte) {
		return false
	}
	essence, _, _ := strings.Cut(value, ";")
	switch strings.ToLower(strings.Trim(essence, blanks)) {
	case "application/x-www-form-urlencoded", "multipart/form-data", "text/plain":
		return true
	}
	return false
}

// simpleRange reports whether a value is one range that has a beginning.
func simpleRange(value string) bool {
	set, ok := strings.CutPrefix(value, "bytes=")
	first, last, dash := strings.Cut(set, "-")
	from, err := strconv.ParseUint(first, 10, 63)
	if !ok || !dash || err != nil || from == math.MaxInt64 {
		return false
	}
	to, err := strconv.ParseUint(last, 10, 63)
	return last == "" || err == nil && from <= to && to < math.MaxInt64
}

// isToken reports whether s is a token (RFC 9110, section 5.6.2).
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !httpguts.IsTokenRune(r) })
}
