package diagnosis_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/http1"
	"github.com/corsproxy/corsproxy/internal/loopback"
)

// TestUpstreamErrorOfTheNetwork classifies errors that the standard library
// makes when it meets the trouble itself.
func TestUpstreamErrorOfTheNetwork(t *testing.T) {
	t.Parallel()
	get := func(u string, config *tls.Config) error {
		transport := &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}
		resp, err := transport.RoundTrip(httptest.NewRequest("GET", u, nil))
		if err == nil {
			resp.Body.Close()
		}
		return err
	}
	roots := func(s *httptest.Server) *x509.CertPool {
		pool := x509.NewCertPool()
		pool.AddCert(s.Certificate())
		return pool
	}
	tests := []struct {
		name   string
		fail   func(t *testing.T) (string, error)
		want   diagnosis.Code
		detail string
	}{
		{"a port where nothing listens", func(t *testing.T) (string, error) {
			u := "http://" + loopback.Unused(t)
			return u, get(u, nil)
		}, diagnosis.UpstreamRefused, "nothing listens at"},
		{"a certificate of nobody", func(t *testing.T) (string, error) {
			s := tlsServer(t, nil)
			return s.URL, get(s.URL, nil)
		}, diagnosis.UpstreamTLSFailed, "authority that this machine does not trust"},
		{"a certificate for another name", func(t *testing.T) (string, error) {
			s := tlsServer(t, nil)
			return s.URL, get(s.URL, &tls.Config{RootCAs: roots(s), ServerName: "other.test"})
		}, diagnosis.UpstreamTLSFailed, "not for other.test, but for example.com"},
		{"an expired certificate", func(t *testing.T) (string, error) {
			s := tlsServer(t, nil)
			late := func() time.Time { return s.Certificate().NotAfter.Add(time.Hour) }
			return s.URL, get(s.URL, &tls.Config{RootCAs: roots(s), Time: late})
		}, diagnosis.UpstreamTLSFailed, "has expired or is not valid yet"},
		{"no version in common", func(t *testing.T) (string, error) {
			s := tlsServer(t, &tls.Config{MinVersion: tls.VersionTLS13})
			return s.URL, get(s.URL, &tls.Config{RootCAs: roots(s), MaxVersion: tls.VersionTLS12})
		}, diagnosis.UpstreamTLSFailed, "broke the handshake off"},
		{"plain HTTP where TLS is expected", func(t *testing.T) (string, error) {
			s := httptest.NewServer(http.NotFoundHandler())
			t.Cleanup(s.Close)
			u := strings.Replace(s.URL, "http:", "https:", 1)
			_, err := tls.Dial("tcp", s.Listener.Addr().String(), nil)
			return u, err
		}, diagnosis.UpstreamWithoutTLS, "use --upstream http://127.0.0.1:"},
		{"no time left to dial", func(t *testing.T) (string, error) {
			ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
			defer cancel()
			_, err := new(net.Dialer).DialContext(ctx, "tcp", "127.0.0.1:9")
			return "http://127.0.0.1:9", err
		}, diagnosis.UpstreamDialTimeout, "did not accept a connection in time"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			u, err := tt.fail(t)
			if err == nil {
				t.Fatal("nothing failed")
			}
			d := diagnosis.UpstreamError(fmt.Errorf("forward: %w", err), mustURL(t, u), false)
			if d.Code != tt.want || !strings.Contains(d.Detail, tt.detail) {
				t.Errorf("%v is %s; want %s and %q", err, d, tt.want, tt.detail)
			}
			if !strings.Contains(d.Detail, mustURL(t, u).Host) {
				t.Errorf("the detail does not name the upstream: %s", d.Detail)
			}
		})
	}
}

func tlsServer(t *testing.T, config *tls.Config) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.TLS = config
	s.Config.ErrorLog = nil
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// A plain sam local start-api is no upstream for https.
func TestRefusedHTTPS(t *testing.T) {
	t.Parallel()
	for _, inContainer := range []bool{false, true} {
		for u, want := range map[string]bool{"http://127.0.0.1:3001": true, "https://127.0.0.1:3001": false} {
			d := diagnosis.UpstreamError(upstreamErrors["refused"], mustURL(t, u), inContainer)
			text := d.Detail + strings.Join(d.Hints, "\n")
			if d.Code != diagnosis.UpstreamRefused || strings.Contains(text, "sam local start-api") != want ||
				strings.Contains(text, "host.docker.internal") != inContainer {
				t.Errorf("%s, in a container %t: %s", u, inContainer, text)
			}
		}
	}
}

// TestUpstreamErrorByType classifies errors that cannot be had on demand.
func TestUpstreamErrorByType(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		err  error
		want diagnosis.Code
	}{
		{"both addresses of localhost refused", errors.Join(upstreamErrors["refused"], upstreamErrors["refused"]), diagnosis.UpstreamRefused},
		{"one refused, no way to the other", errors.Join(dial(syscall.EADDRNOTAVAIL), upstreamErrors["refused"]), diagnosis.UpstreamRefused},
		{"the kernel gave up dialing", dial(syscall.ETIMEDOUT), diagnosis.UpstreamDialTimeout},
		{"the system's table is full", dial(syscall.ENFILE), diagnosis.TooManyOpenFiles},
		{"the network is down", dial(syscall.ENETUNREACH), diagnosis.UpstreamUnreachable},
		{"the name server does not answer", dial(&net.DNSError{Err: "i/o timeout", Name: "sam", IsTimeout: true}), diagnosis.UpstreamNameNotFound},
		{"a read that took too long", &net.OpError{Op: "read", Net: "tcp", Err: os.ErrDeadlineExceeded}, diagnosis.UpstreamTimeout},
		{"a broken pipe", &net.OpError{Op: "write", Net: "tcp", Err: os.NewSyscallError("write", syscall.EPIPE)}, diagnosis.UpstreamClosed},
		{"the end, bare", io.EOF, diagnosis.UpstreamClosed},
		{"the client left while dialing", &net.OpError{Op: "dial", Net: "tcp", Err: context.Canceled}, diagnosis.ClientGone},
		{"the client left", &url.Error{Op: "Get", URL: "http://x", Err: context.Canceled}, diagnosis.ClientGone},
		{"a TLS handshake record", &http1.ResponseError{Got: []byte{22, 3, 3, 0, 1}}, diagnosis.UpstreamSpeaksTLS},
		{"HTTP/2 settings", &http1.ResponseError{Got: []byte("\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03")}, diagnosis.UpstreamNotHTTP},
		{"nothing readable", &http1.ResponseError{Reason: "no status line"}, diagnosis.UpstreamNotHTTP},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := diagnosis.UpstreamError(fmt.Errorf("forward: %w", tt.err), mustURL(t, "http://127.0.0.1:3000"), false)
			if d.Code != tt.want {
				t.Errorf("%v is %s, want %s", tt.err, d, tt.want)
			}
		})
	}
}

// TestUpstreamErrorIsFitForATerminal holds that bytes of a foreign program do
// not reach the log as they are.
func TestUpstreamErrorIsFitForATerminal(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		&http1.ResponseError{Reason: "no status line", Got: []byte("\x1b]0;gotcha\a\x00\xff\r\nmore")},
		&http1.ResponseError{Reason: "no status line", Got: []byte("SSH-\x1b[2J")},
		errors.New("\x1b[31mred\nand a line" + strings.Repeat("!", 1000)),
	} {
		d := diagnosis.UpstreamError(err, mustURL(t, "http://127.0.0.1:3000"), false)
		if strings.ContainsFunc(d.Detail, func(r rune) bool { return r < ' ' || r == 0x7f }) || len(d.Detail) > 500 {
			t.Errorf("detail %q", d.Detail)
		}
	}
}

// TestUpstreamErrorKeepsSecrets holds that a password in the upstream's URL
// appears nowhere.
func TestUpstreamErrorKeepsSecrets(t *testing.T) {
	t.Parallel()
	u := mustURL(t, "http://user:secret@127.0.0.1:3000/?key=secret")
	for name, err := range upstreamErrors {
		for _, inContainer := range []bool{false, true} {
			if body := diagnosis.UpstreamError(err, u, inContainer).Problem(""); strings.Contains(string(body), "secret") {
				t.Errorf("%s: %s", name, body)
			}
		}
	}
}

// TestUpstreamErrorRepeatsNothing holds that no page gets what an upstream says
// that does not speak HTTP, and that it is told what that looks like.
func TestUpstreamErrorRepeatsNothing(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		"+OK redis pass=S3CRET":                 "like one of Redis",
		"-ERR S3CRET":                           "like one of Redis",
		"220 S3CRET ESMTP":                      "mail or FTP server",
		`{"password":"S3CRET"}`:                 "like JSON",
		"<!doctype html><title>S3CRET":          "like HTML",
		"S3CRET\r\n":                            "like plain text",
		"\x00S3CRET":                            "bytes that are no text",
		"SSH-2.0-S3CRET":                        "is an SSH server",
		"HTTP/1.1 2000 S3CRET":                  "cannot be passed on: why; look",
		"HTTP/1.1 200 OK\r\nSet-Cookie: S3CRET": "cannot be passed on: why; look",
	} {
		err := &http1.ResponseError{Reason: "why", Got: []byte(got)}
		body := string(diagnosis.UpstreamError(err, mustURL(t, "http://127.0.0.1:3000"), false).Problem(""))
		if strings.Contains(body+err.Error(), "S3CRET") || !strings.Contains(body, want) {
			t.Errorf("%q: want %s, and no secret:\n%s%v", got, want, body, err)
		}
	}
}

// TestTroubleOnATerminal has lines of SAM CLI's log as it breaks them on a
// terminal: a line of its source says nothing.
func TestTroubleOnATerminal(t *testing.T) {
	t.Parallel()
	if trouble, ok := diagnosis.ReadTrouble(`    raise ImageBuildException(f"Error building docker image: {full_error}")`); ok {
		t.Errorf("a line of source is %+v", trouble)
	}
	const want = `the image of the function cannot be built: Get "https://public.ecr.aws/v2/": dial tcp:`
	if trouble, ok := diagnosis.ReadTrouble(`Docker build failed with errors: Get "https://public.ecr.aws/v2/": dial tcp:`); !ok || trouble.Sentence != want || trouble.Code != diagnosis.ImageNotBuilt {
		t.Errorf("got %+v, want %s", trouble, want)
	}
}
