package diagnosis

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/redact"
)

// guardDetails are the sentences of the CP21xx family. %s is the evidence.
var guardDetails = map[Code]string{
	MalformedRequest:      "the request was not forwarded: %s",
	HeadTimeout:           "the request was not forwarded: %s",
	ConnectRefused:        "corsproxy opens no tunnel to %s: it serves its one upstream and is not a forward proxy",
	OtherHost:             "corsproxy does not forward to %s: it serves its one upstream and is not a forward proxy",
	Loop:                  "the request came back: the upstream %s leads to corsproxy itself; name the program behind it with --upstream",
	UnsupportedVersion:    "the request was not forwarded: %s",
	HeadTooLarge:          "the request was not forwarded: %s; clear the cookies of this host in the browser",
	UnknownTransferCoding: "the request was not forwarded: %s",
	ShuttingDown:          "corsproxy is shutting down and takes no new requests; start it again",
}

var guardHints = map[Code][]string{
	ConnectRefused: {"check whether HTTPS_PROXY, ALL_PROXY or the system's proxy settings name corsproxy: use its URL as the API's base URL instead"},
	OtherHost:      {"check whether HTTP_PROXY or the system's proxy settings name corsproxy: use its URL as the API's base URL instead"},
	Loop:           {"check whether the upstream forwards to corsproxy, as a development server's proxy setting does it"},
	HeadTooLarge:   {"cookies of localhost are shared by all its ports; 127.0.0.1 has its own"},
	UnsupportedVersion: {
		"check whether the client assumes HTTP/2 (curl --http2-prior-knowledge)",
	},
}

// Guard explains a request that was refused before anything was forwarded.
// code is one of CP21xx. evidence is the host that was asked for
// ([ConnectRefused], [OtherHost]), the upstream's address ([Loop]), the request
// if it was under way, or else nothing ([ShuttingDown]), or else a clause that says what is wrong.
func Guard(code Code, evidence string) Diagnosis {
	info, _ := Lookup(code)
	d := Diagnosis{Code: code, Status: info.Status, Hints: slices.Clone(guardHints[code])}
	switch {
	case code == ConnectRefused || code == OtherHost:
		host := evidence[strings.LastIndexByte(evidence, '@')+1:] // without a user and password
		d.Detail = fmt.Sprintf(guardDetails[code], show(host))
	case code != ShuttingDown:
		d.Detail = fmt.Sprintf(guardDetails[code], show(evidence))
	case evidence != "":
		d.Detail = fmt.Sprintf("corsproxy was ended at once while %s was under way, before the end of its answer; start it again, and send the request again", show(redact.Line(evidence)))
	default:
		d.Detail = guardDetails[code]
	}
	if code == ConnectRefused {
		d.Allow = []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
	}
	return d
}

// MalformedBody explains a request whose body went wrong after its head, and
// perhaps a part of it, had been forwarded. reason is a clause that says how.
func MalformedBody(reason string) Diagnosis {
	d := Guard(MalformedRequest, "")
	d.Detail = "the request was forwarded up to the place where its body is malformed, and cut there: " + show(reason)
	return d
}

// GuardCode returns the code of the status with which the server refused a
// request that it could not read.
func GuardCode(status int) Code {
	switch status {
	case http.StatusRequestTimeout:
		return HeadTimeout
	case http.StatusRequestHeaderFieldsTooLarge:
		return HeadTooLarge
	case http.StatusNotImplemented:
		return UnknownTransferCoding
	case http.StatusHTTPVersionNotSupported:
		return UnsupportedVersion
	default:
		return MalformedRequest
	}
}
