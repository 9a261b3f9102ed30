package diagnosis

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"unicode/utf8"

	"github.com/corsproxy/corsproxy/internal/http1"
	"github.com/corsproxy/corsproxy/internal/shell"
)

// notHTTP explains an answer that is not HTTP/1, by its first bytes.
func notHTTP(f failure) (Diagnosis, bool) {
	var bad *http1.ResponseError
	if !errors.As(f.err, &bad) {
		return Diagnosis{}, false
	}
	switch got := bad.Got; {
	case isTLSRecord(got):
		return f.diagnose(UpstreamSpeaksTLS, "%s speaks TLS: use --upstream %s", f.at(), shell.Word(f.with("https"))), true
	case isHTTP2Settings(got):
		return f.diagnose(UpstreamNotHTTP, "%s speaks HTTP/2 without asking first; let it speak HTTP/1.1, or check the port of --upstream", f.at()), true
	case bytes.HasPrefix(got, []byte("SSH-")):
		return f.diagnose(UpstreamNotHTTP, "%s is an SSH server; check the port of --upstream", f.at()), true
	case bytes.HasPrefix(got, []byte("HTTP/")):
		return f.diagnose(UpstreamNotHTTP, "the answer of %s begins as HTTP, and cannot be passed on: %s; look at the statusCode and the names of headers that the function gives back, or at what else answers there", f.at(), bad.Reason), true
	default:
		return f.diagnose(UpstreamNotHTTP, "the answer of %s is not HTTP: %s%s; check the port of --upstream", f.at(), bad.Reason, startsLike(got)), true
	}
}

// startsLike says what the first bytes of an answer look like. It repeats none:
// any page gets the sentence, and they may have secrets.
func startsLike(got []byte) string {
	begins := func(prefixes ...string) bool {
		return slices.ContainsFunc(prefixes, func(p string) bool { return bytes.HasPrefix(got, []byte(p)) })
	}
	switch {
	case len(got) == 0:
		return "" // nothing came
	case begins("-ERR ", "+OK", "+PONG", "-NOAUTH ", "-WRONGPASS "):
		return " (it starts like one of Redis, or of a mail server)"
	case begins("220 ", "220-"):
		return " (it starts like one of a mail or FTP server)"
	case begins("{", "["):
		return " (it starts like JSON)"
	case begins("<"):
		return " (it starts like HTML or XML)"
	case bytes.ContainsFunc(got, func(r rune) bool { return r == utf8.RuneError || r < ' ' && r != '\r' && r != '\n' && r != '\t' }):
		return " (it starts with bytes that are no text)"
	}
	return " (it starts like plain text)"
}

// isTLSRecord reports whether b starts with a TLS alert or handshake record
// (RFC 8446, section 5.1): what a TLS server says to plain HTTP.
func isTLSRecord(b []byte) bool {
	return len(b) >= 3 && (b[0] == 21 || b[0] == 22) && b[1] == 3 && b[2] <= 4
}

// isHTTP2Settings reports whether b starts with a SETTINGS frame on stream 0,
// a server's connection preface (RFC 9113, section 3.4).
func isHTTP2Settings(b []byte) bool {
	return len(b) >= 9 && b[0] == 0 && b[3] == 4 && bytes.Equal(b[5:9], []byte{0, 0, 0, 0})
}

// tlsFailed explains a TLS handshake that failed.
func tlsFailed(f failure) (Diagnosis, bool) {
	var record tls.RecordHeaderError
	if errors.As(f.err, &record) {
		return f.diagnose(UpstreamWithoutTLS, "%s does not speak TLS: use --upstream %s", f.at(), shell.Word(f.with("http"))), true
	}
	reason, hint := certificateFault(f.err)
	var op *net.OpError
	switch {
	case reason != "":
	case !errors.As(f.err, &op):
		return Diagnosis{}, false
	case op.Op == "remote error" && isAlert(op.Err, noApplicationProtocol):
		reason, hint = "it does not speak HTTP/1.1, and corsproxy speaks nothing else to an upstream ("+show(op.Err.Error())+")", "let it speak HTTP/1.1 beside HTTP/2 (ALPN http/1.1), and check the port of --upstream"
	case op.Op == "local error" && isAlert(op.Err, noRenegotiation):
		reason, hint = "it asked for another handshake on the same connection (renegotiation), which corsproxy refuses and TLS 1.3 does not know", "check whether it asks for a client certificate for this path alone, which corsproxy has none of"
	case op.Op == "remote error":
		reason, hint = "the upstream broke the handshake off ("+show(op.Err.Error())+")", "check whether it asks for a client certificate, which corsproxy has none of, or for another version of TLS"
	default:
		return Diagnosis{}, false
	}
	d := f.diagnose(UpstreamTLSFailed, "no TLS connection to %s: %s", f.at(), reason)
	d.Hints = []string{hint}
	if isLoopback(f.url.Hostname()) {
		d.Hints = append(d.Hints, "check whether it also speaks plain HTTP, which is enough on one machine: --upstream "+shell.Word(f.with("http")))
	}
	return d, true
}

// Two alerts of TLS (RFC 8446, section 6).
const (
	noRenegotiation       tls.AlertError = 100 // RFC 5246, section 7.2.2
	noApplicationProtocol tls.AlertError = 120
)

// isAlert reports whether err is an alert. Its type is crypto/tls's own, and
// only the text can be compared.
func isAlert(err error, alert tls.AlertError) bool { return err.Error() == alert.Error() }

// certificateFault says what is wrong with the upstream's certificate, and
// what to do. It returns nothing where err is not about a certificate.
func certificateFault(err error) (reason, hint string) {
	var (
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		invalid  x509.CertificateInvalidError
		other    *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &unknown):
		return "its certificate is signed by an authority that this machine does not trust",
			"install that authority on this machine (for mkcert: mkcert -install), or on Linux name its file: SSL_CERT_FILE=rootCA.pem corsproxy …"
	case errors.As(err, &hostname) && hostname.Certificate != nil && len(hostname.Certificate.DNSNames)+len(hostname.Certificate.IPAddresses) == 0:
		return "its certificate names no host in its subjectAltName, and the Common Name is not looked at",
			"have one made that names " + show(hostname.Host) + " there, as openssl does with: -addext subjectAltName=" + altName(hostname.Host)
	case errors.As(err, &hostname):
		return fmt.Sprintf("its certificate is not for %s, but for %s", show(hostname.Host), namesOf(hostname.Certificate)),
			"name the upstream as the certificate does, or have a certificate made for " + show(hostname.Host)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "its certificate has expired or is not valid yet", "renew the certificate, and check whether the clock of this machine is right"
	case errors.As(err, &invalid), errors.As(err, &other):
		return "its certificate cannot be verified: " + err.Error(), "check how the certificate was made"
	default:
		return "", ""
	}
}

// namesOf lists the names that a certificate is for.
func namesOf(c *x509.Certificate) string {
	if c == nil {
		return "another name"
	}
	names := c.DNSNames
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	return show(list(names))
}

// altName is a host as openssl takes it for a certificate.
func altName(host string) string {
	if net.ParseIP(host) != nil {
		return "IP:" + show(host)
	}
	return "DNS:" + show(host)
}
