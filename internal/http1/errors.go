package http1

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// A ProtocolError is a request that was refused before a handler saw it.
type ProtocolError struct {
	Status int    // of the answer: 400, 408, 431, 501 or 505
	Reason string // what is wrong with the request, as a clause
}

func (e *ProtocolError) Error() string {
	return fmt.Sprintf("%d %s: %s", e.Status, http.StatusText(e.Status), e.Reason)
}

func badRequest(reason string) *ProtocolError {
	return &ProtocolError{http.StatusBadRequest, reason}
}

// A RequestBodyError reports that the client's body could not be read to its
// end: the client went away, or its framing is malformed.
type RequestBodyError struct{ Err error }

func (e *RequestBodyError) Error() string { return "read request body: " + e.Err.Error() }
func (e *RequestBodyError) Unwrap() error { return e.Err }

// A ResponseError is an answer of the upstream that is not HTTP/1.
type ResponseError struct {
	Reason string // what is wrong, as a clause
	Got    []byte // the first bytes of the answer, 64 at most

	TooLarge bool // its head is longer than is read

	stray bool // not even the first bytes are an answer
}

// Error does not repeat what came, which may have secrets.
func (e *ResponseError) Error() string { return "malformed response: " + e.Reason }

// A NoResponseError reports that the upstream's connection ended before the
// head of a response was complete.
type NoResponseError struct {
	Err    error
	begun  bool // an interim response has come, or a part of the head
	heeded bool // the upstream closed it in order once it was told of the client's end
}

func (e *NoResponseError) Error() string {
	return "connection ended before a response: " + e.Err.Error()
}
func (e *NoResponseError) Unwrap() error { return e.Err }

// ErrTransportClosed is, or is wrapped in, the reason why an exchange ends that
// [Transport.Close] has ended.
var ErrTransportClosed = errors.New("the proxy has ended its connections to the upstream")

// A TimeoutError reports that no response head came in the time allowed.
type TimeoutError struct{ Waiting time.Duration }

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("no response within %v", e.Waiting)
}

// Timeout reports true: the error is one of time.
func (e *TimeoutError) Timeout() bool { return true }

func firstBytes(raw []byte) []byte {
	return append([]byte(nil), raw[:min(len(raw), 64)]...)
}

// IsMalformed reports whether err says that a body's framing is not what
// RFC 9112, section 7.1, asks for, rather than that it could not be read.
func IsMalformed(err error) bool {
	switch err {
	case errChunkSize, errChunkEnd, errChunkExt, errBareLF, errHeadTooLarge:
		return true
	}
	var trailer fieldError
	return errors.As(err, &trailer)
}
