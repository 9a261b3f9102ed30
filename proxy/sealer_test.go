package proxy_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net"
	"strings"
	"testing"
)

// The types of TLS records, and some messages of a handshake.
const (
	tlsAlert       = 21
	tlsHandshake   = 22
	tlsApplication = 23

	helloRequest = "\x00\x00\x00\x00"     // TLS 1.2: renegotiate
	keyUpdate    = "\x18\x00\x00\x01\x01" // TLS 1.3: new keys, and I want yours
	ticket       = "\x04\x00\x00\x0e\x00\x00\x00\x3c\x00\x00\x00\x00\x00\x00\x01t\x00\x00"
	closeNotify  = "\x01\x00"
	userCanceled = "\x01\x5a" // a warning
	internalFail = "\x02\x50"
)

// A sealer is a server's connection that writes any record of TLS, which
// crypto/tls does not.
type sealer struct {
	*tls.Conn
	below  net.Conn
	to     io.Writer // gets the records; below, or what collects them
	secret []byte    // of TLS 1.3
	aead   cipher.AEAD
	iv     []byte
	seq    uint64
}

// newSealer makes a handshake on below, the server's end of a TCP connection.
func newSealer(t testing.TB, below net.Conn, version uint16) *sealer {
	keys, hello := &recording{}, &recording{}
	config := serverTLS(version)
	config.KeyLogWriter, config.SessionTicketsDisabled = keys, true
	config.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}
	s := &sealer{Conn: tls.Server(copying{below, hello}, config), below: below, to: below}
	if err := s.Handshake(); err != nil {
		t.Error(err)
		return s
	}
	secrets := map[string][2][]byte{}
	for l := range strings.Lines(keys.String()) {
		f := strings.Fields(l)
		random, _ := hex.DecodeString(f[1])
		secret, _ := hex.DecodeString(f[2])
		secrets[f[0]] = [2][]byte{random, secret}
	}
	if version == tls.VersionTLS13 {
		if s.ConnectionState().CipherSuite != tls.TLS_AES_128_GCM_SHA256 {
			t.Skip("this processor has no AES, so that crypto/tls prefers another cipher than the test knows")
		}
		s.rekey(secrets["SERVER_TRAFFIC_SECRET_0"][1])
		return s
	}
	log := secrets["CLIENT_RANDOM"]
	serverRandom := hello.String()[11:43] // behind the heads of record and message, and a version
	block := prf12(log[1], "key expansion"+serverRandom+string(log[0]), 2*16+2*4)
	s.seal(block[16:32], block[36:40])
	s.seq = 1 // after Finished
	return s
}

func (s *sealer) seal(key, iv []byte) {
	block, _ := aes.NewCipher(key)
	s.aead, _ = cipher.NewGCM(block)
	s.iv, s.seq = iv, 0
}

// rekey takes a secret of TLS 1.3 into use (RFC 8446, section 7.3).
func (s *sealer) rekey(secret []byte) {
	s.secret = secret
	s.seal(expand13(secret, "key", 16), expand13(secret, "iv", 12))
}

// record writes one.
func (s *sealer) record(kind byte, data string) {
	var seq [8]byte
	binary.BigEndian.PutUint64(seq[:], s.seq)
	s.seq++
	if s.secret == nil { // RFC 5288, section 3
		head := []byte{kind, 3, 3, byte(len(data) >> 8), byte(len(data))}
		sealed := s.aead.Seal(seq[:], append(bytes.Clone(s.iv), seq[:]...), []byte(data), append(seq[:], head...))
		_, _ = s.to.Write(append([]byte{kind, 3, 3, byte(len(sealed) >> 8), byte(len(sealed))}, sealed...))
		return
	}
	n := len(data) + 1 + s.aead.Overhead() // RFC 8446, section 5.2
	head := []byte{tlsApplication, 3, 3, byte(n >> 8), byte(n)}
	nonce := bytes.Clone(s.iv)
	for i, b := range seq {
		nonce[4+i] ^= b
	}
	_, _ = s.to.Write(s.aead.Seal(head, nonce, append([]byte(data), kind), head))
	if kind == tlsHandshake && data == keyUpdate {
		s.rekey(expand13(s.secret, "traffic upd", sha256.Size))
	}
}

// Write writes a record of data.
func (s *sealer) Write(p []byte) (int, error) {
	s.record(tlsApplication, string(p))
	return len(p), nil
}

// expand13 is HKDF-Expand-Label without a context (RFC 8446, section 7.1).
func expand13(secret []byte, label string, n int) []byte {
	label = "tls13 " + label
	b, err := hkdf.Expand(sha256.New, secret, string([]byte{0, byte(n), byte(len(label))})+label+"\x00", n)
	if err != nil {
		panic(err)
	}
	return b
}

// prf12 is the pseudorandom function of TLS 1.2 (RFC 5246, section 5).
func prf12(secret []byte, seed string, n int) (out []byte) {
	sum := func(parts ...string) string {
		h := hmac.New(sha256.New, secret)
		for _, p := range parts {
			h.Write([]byte(p))
		}
		return string(h.Sum(nil))
	}
	for a := sum(seed); len(out) < n; a = sum(a) {
		out = append(out, sum(a, seed)...)
	}
	return out[:n]
}

// copying keeps what is written.
type copying struct {
	net.Conn
	to *recording
}

func (c copying) Write(p []byte) (int, error) {
	_, _ = c.to.Write(p)
	return c.Conn.Write(p)
}

// newSealed is newUpstream with scripts that may write any record.
func newSealed(tb testing.TB, version uint16, s func(c *wire, records *sealer)) *upstream {
	u := newPlain(tb, func(c *wire) {
		records := newSealer(tb, c.Conn, version)
		s(newWire(tb, records, nil), records)
	})
	u.secure = true
	return u
}
