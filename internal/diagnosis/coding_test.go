package diagnosis_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"math/bits"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// encoders compress as a server does it, by the name of the content coding.
var encoders = map[string]func(io.Writer) io.WriteCloser{
	"gzip":   func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
	"x-gzip": func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
	"deflate": func(w io.Writer) io.WriteCloser {
		return zlib.NewWriter(w)
	},
	"bare deflate": func(w io.Writer) io.WriteCloser {
		e, _ := flate.NewWriter(w, flate.DefaultCompression)
		return e
	},
	"br": func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) },
	"zstd": func(w io.Writer) io.WriteCloser {
		e, _ := zstd.NewWriter(w)
		return e
	},
	"identity": func(w io.Writer) io.WriteCloser { return nopCloser{w} },
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

// encode applies codings in the order listed and returns the header value that
// names them.
func encode(tb testing.TB, body string, codings ...string) (header http.Header, raw []byte) {
	tb.Helper()
	raw = []byte(body)
	var names []string
	for _, coding := range codings {
		var b bytes.Buffer
		e := encoders[coding](&b)
		if _, err := e.Write(raw); err != nil {
			tb.Fatal(err)
		}
		if err := e.Close(); err != nil {
			tb.Fatal(err)
		}
		raw = b.Bytes()
		names = append(names, strings.TrimPrefix(coding, "bare "))
	}
	return http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {strings.Join(names, ", ")}}, raw
}

// chains are the codings under test, in the order in which they are applied.
var chains = [][]string{
	{"gzip"}, {"x-gzip"}, {"deflate"}, {"bare deflate"}, {"br"}, {"zstd"}, {"identity"},
	{"gzip", "br"}, {"br", "gzip"}, {"bare deflate", "deflate"}, {"deflate", "bare deflate"},
	{"zstd", "identity", "gzip"}, {"bare deflate", "br"}, {"br", "zstd"}, {"gzip", "gzip", "gzip", "gzip"},
}

func chainName(chain []string) string { return strings.Join(chain, ",") }

// TestCodedAtEverySplit cuts a compressed body everywhere: before its end
// nothing is decided, at its end all is, and no prefix is taken for the whole.
func TestCodedAtEverySplit(t *testing.T) {
	t.Parallel()
	for _, chain := range chains {
		t.Run(chainName(chain), func(t *testing.T) {
			t.Parallel()
			header, raw := encode(t, tokenBody, chain...)
			for cut := range len(raw) + 1 {
				if got := diagnosis.MatchMissingToken(header, raw[:cut], false); got != diagnosis.Undecided {
					t.Fatalf("%d of %d bytes: %v, want undecided", cut, len(raw), got)
				}
				want := diagnosis.Mismatch
				if cut == len(raw) || chain[0] == "identity" && cut == len(raw)-1 {
					want = diagnosis.Match // the newline at the end may be missing
				}
				if got := diagnosis.MatchMissingToken(header, raw[:cut], true); got != want && !isComplete(chain, raw[:cut]) {
					t.Fatalf("%d of %d bytes and no more: %v, want %v", cut, len(raw), got, want)
				}
			}
			if !diagnosis.IsMissingToken(403, header, raw) {
				t.Error("the whole body does not match")
			}
		})
	}
}

// isComplete reports whether a full decoding of raw gives the answer. A zstd
// frame or a deflate stream can be complete one byte before a checksum.
func isComplete(chain []string, raw []byte) bool {
	body, err := decode(chain, raw)
	return err == nil && isTheMessage(body)
}

// decode is what a client does with a complete body, without bounds in mind.
func decode(chain []string, raw []byte) ([]byte, error) {
	for _, coding := range slices.Backward(chain) {
		var r io.Reader
		var err error
		switch in := bytes.NewReader(raw); coding {
		case "gzip", "x-gzip":
			r, err = gzip.NewReader(in)
		case "deflate":
			r, err = zlib.NewReader(in)
		case "bare deflate":
			r = flate.NewReader(in)
		case "br":
			r = brotli.NewReader(in)
		case "zstd":
			var z *zstd.Decoder
			if z, err = zstd.NewReader(in, zstd.WithDecoderConcurrency(1)); err == nil {
				defer z.Close()
				r = z
			}
		default:
			r = in
		}
		if err != nil {
			return nil, err
		}
		if raw, err = io.ReadAll(io.LimitReader(r, 1<<20)); err != nil {
			return nil, err
		}
	}
	return raw, nil
}

// TestCodedGivesUpEarly holds that a foreign body is not held to its end where
// its beginning can be decoded.
func TestCodedGivesUpEarly(t *testing.T) {
	t.Parallel()
	other := `{"message":"Forbidden"` + strings.Repeat(" ", 3000) + "}"
	for _, chain := range chains {
		t.Run(chainName(chain), func(t *testing.T) {
			t.Parallel()
			header, raw := encode(t, other, chain...)
			if got := diagnosis.MatchMissingToken(header, raw, false); got != diagnosis.Mismatch {
				t.Errorf("%v, want a mismatch", got)
			}
		})
	}
}

// TestCodedTrailingBytes holds that nothing may follow the end of what was
// compressed: the client would get it, and it is not the answer.
func TestCodedTrailingBytes(t *testing.T) {
	t.Parallel()
	for _, chain := range chains {
		t.Run(chainName(chain), func(t *testing.T) {
			t.Parallel()
			header, raw := encode(t, tokenBody, chain...)
			raw = append(raw, "<html></html>"...) // longer than any header of a coding
			for _, eof := range []bool{false, true} {
				if got := diagnosis.MatchMissingToken(header, raw, eof); got != diagnosis.Mismatch {
					t.Errorf("eof %v: %v, want a mismatch", eof, got)
				}
			}
		})
	}
}

// TestCodedTrailingBytesInside has them within the outer coding.
func TestCodedTrailingBytesInside(t *testing.T) {
	t.Parallel()
	for _, inner := range []string{"gzip", "deflate", "bare deflate", "br", "zstd"} {
		t.Run(inner, func(t *testing.T) {
			t.Parallel()
			_, raw := encode(t, tokenBody, inner)
			_, raw = encode(t, string(raw)+"<html>", "gzip")
			header := http.Header{"Content-Encoding": {strings.TrimPrefix(inner, "bare "), "gzip"}}
			if diagnosis.IsMissingToken(403, header, raw) {
				t.Error("it matches")
			}
		})
	}
}

// TestCodedDamaged changes each byte in turn. Where a match remains, a full
// decoding agrees.
func TestCodedDamaged(t *testing.T) {
	t.Parallel()
	for _, chain := range chains {
		t.Run(chainName(chain), func(t *testing.T) {
			t.Parallel()
			header, raw := encode(t, tokenBody, chain...)
			for i := range raw {
				damaged := slices.Clone(raw)
				damaged[i] ^= 0x15
				if diagnosis.IsMissingToken(403, header, damaged) && !isComplete(chain, damaged) {
					t.Errorf("byte %d changed: still a match", i)
				}
			}
		})
	}
}

// TestCodedBomb has bodies that are short and decode to very much.
func TestCodedBomb(t *testing.T) {
	t.Parallel()
	spaces := strings.Repeat(" ", 1<<20)
	for _, chain := range chains {
		t.Run(chainName(chain), func(t *testing.T) {
			t.Parallel()
			header, raw := encode(t, spaces, chain...)
			if got := diagnosis.MatchMissingToken(header, raw, false); got != diagnosis.Mismatch {
				t.Errorf("%d bytes of %v: %v, want a mismatch", len(raw), chain, got)
			}
		})
	}
}

// TestCodedBombInside has a body of which an outer coding makes much, and an
// inner one nothing at all: blocks of no bytes.
func TestCodedBombInside(t *testing.T) {
	t.Parallel()
	emptyBlock := "\x00\x00\x00\xff\xff" // RFC 1951, section 3.2.4
	_, raw := encode(t, strings.Repeat(emptyBlock, 1<<17), "gzip")
	header := http.Header{"Content-Encoding": {"deflate, gzip"}}
	if got := diagnosis.MatchMissingToken(header, raw, false); got != diagnosis.Mismatch {
		t.Errorf("%d bytes: %v, want a mismatch", len(raw), got)
	}
}

// FuzzCoded holds that a match means what a full decoding and a JSON parser
// say, and that a decision for a prefix is never taken back.
func FuzzCoded(f *testing.F) {
	for i, chain := range chains {
		_, raw := encode(f, tokenBody, chain...)
		f.Add(raw, uint8(i), uint16(len(raw)/2))
	}
	f.Fuzz(func(t *testing.T, raw []byte, which uint8, cut uint16) {
		chain := chains[int(which)%len(chains)]
		header, _ := encode(t, "", chain...)
		whole := diagnosis.MatchMissingToken(header, raw, true)
		if whole == diagnosis.Undecided {
			t.Fatal("undecided at the end")
		}
		if whole == diagnosis.Match && !matchesInSomeForm(chain, raw) {
			t.Fatalf("%q matches as %v", raw, chain)
		}
		part := raw[:min(int(cut), len(raw))]
		if got := diagnosis.MatchMissingToken(header, part, false); got == diagnosis.Match || got == diagnosis.Mismatch && whole == diagnosis.Match {
			t.Fatalf("%v after %d bytes of %q as %v, and %v at the end", got, len(part), raw, chain, whole)
		}
	})
}

// matchesInSomeForm tries each deflate with and without its header.
func matchesInSomeForm(chain []string, raw []byte) bool {
	for form := range 1 << len(chain) {
		variant := slices.Clone(chain)
		for i, coding := range chain {
			if strings.HasSuffix(coding, "deflate") {
				variant[i] = []string{"deflate", "bare deflate"}[form>>i&1]
			}
		}
		if isComplete(variant, raw) {
			return true
		}
	}
	return false
}

// TestCodedLength has compressed bodies that are long for how little they hold: a
// 403 is not held back for longer than its bytes are worth.
func TestCodedLength(t *testing.T) {
	t.Parallel()
	for empty, want := range map[int]bool{100: true, 1000: false} {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		for range empty {
			_ = w.Flush() // writes an empty block
		}
		_, _ = io.WriteString(w, tokenBody)
		_ = w.Close()
		header := http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"gzip"}}
		if got := diagnosis.IsMissingToken(403, header, b.Bytes()); got != want {
			t.Errorf("%d bytes: %v, want %v", b.Len(), got, want)
		}
		if got := diagnosis.MatchMissingToken(header, b.Bytes()[:b.Len()-30], false); (got == diagnosis.Undecided) != want {
			t.Errorf("the first %d bytes: %v", b.Len()-30, got)
		}
	}
}

// TestCodedWindow has zstd frames that ask for much memory. A browser refuses a
// window of more than 8 MiB (RFC 9659, section 3), and so what is in it is no
// answer that a page could read.
func TestCodedWindow(t *testing.T) {
	t.Parallel()
	for window, want := range map[int]bool{8 << 20: true, 16 << 20: false} {
		raw := zstdFrame(window, tokenBody)
		header := http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"zstd"}}
		if got := diagnosis.IsMissingToken(403, header, raw); got != want {
			t.Errorf("a window of %d MiB: %v, want %v", window>>20, got, want)
		}
	}
}

// TestCodedMemory decodes bodies that ask for a large window and need none: what
// they take is bounded by what they hold. It is not parallel, since it counts.
func TestCodedMemory(t *testing.T) {
	const repeats, most = 20, 256 << 10
	raw := zstdFrame(8<<20, "  ", tokenBody)
	header := http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"zstd"}}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range repeats {
		if diagnosis.MatchMissingToken(header, raw[:len(raw)-1], false) != diagnosis.Undecided {
			t.Fatal("it is not undecided")
		}
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / repeats; each > most {
		t.Errorf("%d bytes of memory for a body of %d, want %d at most", each, len(raw), most)
	}
}

// zstdFrame returns a frame of raw blocks that names its window, a power of two
// (RFC 8878, section 3.1.1).
func zstdFrame(window int, blocks ...string) []byte {
	exponent := bits.Len(uint(window)) - 1 - 10 // section 3.1.1.1.2
	frame := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, byte(exponent << 3)}
	for i, block := range blocks {
		head := uint32(len(block) << 3)
		if i == len(blocks)-1 {
			head |= 1
		}
		frame = append(frame, byte(head), byte(head>>8), byte(head>>16))
		frame = append(frame, block...)
	}
	return frame
}
