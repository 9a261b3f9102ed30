package diagnosis_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"net/url"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// TestCertificateOfACommonName has a certificate that names its host in its Common
// Name alone.
func TestCertificateOfACommonName(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{"localhost": "DNS:localhost", "127.0.0.1": "IP:127.0.0.1"} {
		err := x509.HostnameError{Host: host, Certificate: &x509.Certificate{Subject: pkix.Name{CommonName: host}}}
		d := diagnosis.UpstreamError(err, &url.URL{Scheme: "https", Host: host}, false)
		if text := d.Detail + strings.Join(d.Hints, " "); !strings.Contains(text, "subjectAltName, and the Common Name is not looked at") || !strings.Contains(text, want) {
			t.Errorf("got %s", text)
		}
	}
}
