package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"

	"github.com/corsproxy/corsproxy/internal/http1"
)

// netError returns the name that Chromium has for an error of the network.
func netError(err error) string {
	if name := tlsError(err); name != "" {
		return name
	}
	var (
		dns       *net.DNSError
		malformed *http1.ResponseError
		none      *http1.NoResponseError
		refusal   *refusedError
		op        *net.OpError
	)
	switch {
	case errors.As(err, &refusal):
		return refusal.name
	case errors.As(err, &dns):
		return "net::ERR_NAME_NOT_RESOLVED"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "net::ERR_CONNECTION_REFUSED"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL):
		return "net::ERR_ADDRESS_UNREACHABLE"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "net::ERR_CONNECTION_RESET"
	case errors.As(err, &malformed) && malformed.TooLarge:
		return "net::ERR_RESPONSE_HEADERS_TOO_BIG"
	case errors.As(err, &malformed):
		return "net::ERR_INVALID_HTTP_RESPONSE"
	case errors.As(err, &none) && errors.Is(err, io.EOF):
		return "net::ERR_EMPTY_RESPONSE"
	case errors.As(err, &none), errors.Is(err, io.EOF): // the latter within a TLS handshake
		return "net::ERR_CONNECTION_CLOSED"
	case errors.As(err, &op) && op.Op == "dial" && op.Timeout():
		return "net::ERR_CONNECTION_TIMED_OUT"
	case isTimeout(err):
		return "net::ERR_TIMED_OUT"
	case errors.Is(err, context.Canceled):
		return "net::ERR_ABORTED"
	}
	return "net::ERR_FAILED"
}

// tlsError returns the name of an error of a TLS handshake, "" for another.
func tlsError(err error) string {
	var (
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
		verify    *tls.CertificateVerificationError
		record    tls.RecordHeaderError
		alert     tls.AlertError
	)
	switch {
	case errors.As(err, &authority):
		return "net::ERR_CERT_AUTHORITY_INVALID"
	case errors.As(err, &host):
		return "net::ERR_CERT_COMMON_NAME_INVALID"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "net::ERR_CERT_DATE_INVALID"
	case errors.As(err, &invalid), errors.As(err, &verify):
		return "net::ERR_CERT_INVALID"
	case errors.As(err, &record), errors.As(err, &alert):
		return "net::ERR_SSL_PROTOCOL_ERROR"
	}
	return ""
}

// detail says what an error of the network means, as a clause.
func detail(err error) string {
	var (
		op  *net.OpError
		dns *net.DNSError
	)
	switch name := netError(err); name {
	case "net::ERR_CONNECTION_REFUSED":
		if errors.As(err, &op) && op.Addr != nil {
			return "nothing listens at " + op.Addr.String()
		}
		return "nothing listens there"
	case "net::ERR_NAME_NOT_RESOLVED":
		if errors.As(err, &dns) {
			return fmt.Sprintf("no address is known for %q", dns.Name)
		}
	case "net::ERR_EMPTY_RESPONSE":
		return "the connection was closed without an answer"
	case "net::ERR_CONNECTION_RESET":
		return "the connection was reset before an answer"
	case "net::ERR_SSL_PROTOCOL_ERROR":
		return "what listens there does not speak TLS as the URL says: " + err.Error()
	}
	return err.Error()
}
