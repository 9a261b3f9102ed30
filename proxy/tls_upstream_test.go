package proxy_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/http1"
	"github.com/corsproxy/corsproxy/proxy"
)

var upstreamTLS = flag.String("upstream.tls", "", "the version of TLS that the upstreams of all tests speak, 1.2 or 1.3; none by default")

var upstreamsBehind = map[string]func(testing.TB, script) *upstream{"1.2": newTLS12, "1.3": newTLS13}

// TestMain has the system trust the upstreams' certificate where all of them
// have it, as users do.
func TestMain(m *testing.M) {
	flag.Parse()
	if *upstreamTLS == "" {
		os.Exit(m.Run())
	}
	file := filepath.Join(os.TempDir(), fmt.Sprintf("corsproxy-test-%d.pem", os.Getpid()))
	b := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: loopbackCertificate().Certificate[0]})
	if err := errors.Join(os.WriteFile(file, b, 0o600), os.Setenv("SSL_CERT_FILE", file)); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.Remove(file)
	os.Exit(code)
}

// newTLS13 is newUpstream behind TLS 1.3.
func newTLS13(tb testing.TB, s script) *upstream {
	return newTLSUpstream(tb, serverTLS(tls.VersionTLS13), s)
}

// newTLS12 is newUpstream behind TLS 1.2.
func newTLS12(tb testing.TB, s script) *upstream {
	return newTLSUpstream(tb, serverTLS(tls.VersionTLS12), s)
}

func newTLSUpstream(tb testing.TB, config *tls.Config, s script) *upstream {
	tb.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		tb.Fatal(err)
	}
	u := &upstream{TB: tb, listener: l, secure: true}
	u.play(s)
	return u
}

// serverTLS is what a server of one version needs.
func serverTLS(version uint16) *tls.Config {
	return &tls.Config{MinVersion: version, MaxVersion: version, Certificates: []tls.Certificate{loopbackCertificate()}}
}

// trusted has a proxy trust u's certificate, where it has one.
func (u *upstream) trusted(c *proxy.Config) {
	if u.secure {
		trust(c)
	}
}

// trust has the proxy trust loopbackCertificate.
func trust(c *proxy.Config) {
	roots := x509.NewCertPool()
	roots.AddCert(loopbackCertificate().Leaf)
	c.Transport = &http1.Transport{
		Upstream: c.Upstream, TLS: &tls.Config{RootCAs: roots},
		DialTimeout: c.Timeouts.Dial, ResponseHeaderTimeout: c.Timeouts.ResponseHeader, IdleTimeout: c.Timeouts.Idle,
	}
}

// loopbackCertificate is one that 127.0.0.1 has signed for itself.
var loopbackCertificate = sync.OnceValue(func() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:        true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
})
