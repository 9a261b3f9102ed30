package diagnosis_test

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/http1"
	"github.com/corsproxy/corsproxy/internal/redact"
)

var update = flag.Bool("update", false, "rewrite the golden files and docs/codes.md")

// evidence is the file evidence.json of a fixture: what one of the package's
// functions is given. Exactly one field is set. An exchange with SAM local has
// the files template.yaml and build.yaml beside it, where they are known.
type evidence struct {
	Preflight *diagnosis.Preflight
	Upstream  *struct {
		URL         string
		Err         string // a key of upstreamErrors
		InContainer bool
	}
	BodyCut *struct {
		URL       string
		Err       string // a key of upstreamErrors; "" is the end of the connection
		Got, Want int64
	}
	Guard *struct {
		Code     diagnosis.Code
		Evidence string
	}
	Child *struct {
		diagnosis.Child
		Line    string // of its log
		Failure string // "not ready", "gone", "body cut", "unanswered" or a key of upstreamErrors; "" is a 502 of SAM local's own
	}
	Token    *exchanged // given to MissingToken
	Answer   *exchanged // given to Answer
	Deployed *compared  // given to what compares with the deployed API
	Blocked  *answered  // given to Blocked
}

// upstreamErrors are errors as the net package and the transport make them.
var upstreamErrors = map[string]error{
	"refused":         dial(syscall.ECONNREFUSED),
	"dial timeout":    dial(os.ErrDeadlineExceeded),
	"unreachable":     dial(syscall.EHOSTUNREACH),
	"too many files":  dial(syscall.EMFILE),
	"name not found":  dial(&net.DNSError{Err: "no such host", Name: "sam", IsNotFound: true}),
	"reset":           &http1.NoResponseError{Err: &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}},
	"closed":          &http1.NoResponseError{Err: io.EOF},
	"head timeout":    &http1.TimeoutError{Waiting: 30 * time.Second},
	"ssh":             &http1.ResponseError{Reason: "no status line", Got: []byte("SSH-2.0-OpenSSH_9.2p1\r\n")},
	"tls alert":       &http1.ResponseError{Reason: "no status line", Got: []byte{21, 3, 1, 0, 2, 2, 70}},
	"plain for tls":   tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"},
	"unknown ca":      &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}},
	"body of client":  &http1.RequestBodyError{Err: io.ErrUnexpectedEOF},
	"something else":  errors.New("the moon is in the way"),
	"body unexpected": io.ErrUnexpectedEOF,
	"not chunked":     http1.ErrNotChunked,
}

func dial(err error) error {
	if _, ok := err.(syscall.Errno); ok {
		err = os.NewSyscallError("connect", err)
	}
	return &net.OpError{Op: "dial", Net: "tcp", Err: err}
}

func (e evidence) diagnose(t *testing.T, a *txtar.Archive) diagnosis.Diagnosis {
	t.Helper()
	switch {
	case e.Preflight != nil:
		d, ok := diagnosis.RefusedPreflight(*e.Preflight)
		if !ok {
			t.Fatalf("RefusedPreflight knows no reason %q", e.Preflight.Reason)
		}
		return d
	case e.Upstream != nil:
		err, ok := upstreamErrors[e.Upstream.Err]
		if !ok {
			t.Fatalf("no error %q", e.Upstream.Err)
		}
		return diagnosis.UpstreamError(err, mustURL(t, e.Upstream.URL), e.Upstream.InContainer)
	case e.BodyCut != nil:
		err := upstreamErrors[cmp.Or(e.BodyCut.Err, "body unexpected")]
		return diagnosis.BodyCut(err, mustURL(t, e.BodyCut.URL), e.BodyCut.Got, e.BodyCut.Want)
	case e.Guard != nil:
		return diagnosis.Guard(e.Guard.Code, e.Guard.Evidence)
	case e.Child != nil:
		c := e.Child.Child
		if trouble, ok := diagnosis.ReadTrouble(e.Child.Line); ok {
			c.Trouble = &trouble
		}
		switch e.Child.Failure {
		case "not ready":
			return c.NotReady()
		case "gone":
			return c.Gone()
		case "body cut":
			return c.Refine(diagnosis.BodyCut(io.ErrUnexpectedEOF, mustURL(t, c.Upstream), 512, -1))
		case "unanswered":
			return c.Trouble.Unanswered(diagnosis.UpstreamError(upstreamErrors["head timeout"], mustURL(t, c.Upstream), false), true)
		case "":
			const answered = "SAM local answered POST /scanRecords with 502: it could not use the function's response, or failed itself"
			return c.Trouble.Explain(diagnosis.Diagnosis{Code: diagnosis.BadFunctionResponse, Status: 502, Detail: answered}, true)
		}
		return c.Refine(diagnosis.UpstreamError(upstreamErrors[e.Child.Failure], mustURL(t, c.Upstream), false))
	case e.Token != nil:
		d, _ := diagnosis.NewExplainer(e.Token.knowledge(t, a)).MissingToken(e.Token.evidence())
		return d
	case e.Answer != nil:
		d, ok := diagnosis.Miscoded(e.Answer.evidence())
		if !ok {
			d, ok = diagnosis.NewExplainer(e.Answer.knowledge(t, a)).Answer(e.Answer.evidence())
		}
		if !ok {
			t.Fatal("Answer knows nothing of it")
		}
		return d
	case e.Blocked != nil:
		app := load(t, section(a, "template.yaml"))
		d, ok := diagnosis.NewExplainer(diagnosis.Knowledge{Template: app}).Blocked(e.Blocked.evidence(t, app))
		if !ok {
			t.Fatalf("it is not blocked: %+v", e.Blocked.verdict(t))
		}
		return d
	}
	if e.Deployed != nil {
		d, ok := e.Deployed.diagnose(apigateway.New(load(t, section(a, "template.yaml"))))
		if !ok {
			t.Fatal("nothing is said of it")
		}
		return d
	}
	t.Fatal("no evidence")
	return diagnosis.Diagnosis{}
}

func mustURL(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestFixtures compares each testdata/CODE.txtar, or CODE-variant.txtar: from
// evidence.json comes problem.json, byte for byte.
func TestFixtures(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var e evidence
			decoder := json.NewDecoder(bytes.NewReader(section(archive, "evidence.json")))
			decoder.DisallowUnknownFields()
			if err := decoder.Decode(&e); err != nil {
				t.Fatalf("evidence.json: %v", err)
			}
			d := e.diagnose(t, archive)
			if code, _, _ := strings.Cut(name, "-"); string(d.Code) != code {
				t.Errorf("the diagnosis is %s, the file is for %s", d.Header(), code)
			}
			if strings.HasPrefix(name, "CP12") && len(d.Hints) > 0 && strings.Count(d.Hints[0], "\n") > 1 {
				t.Errorf("the log has one line for the first hint:\n%s", d.Hints[0])
			}
			for _, text := range append([]string{d.Detail}, d.Hints...) {
				if shown := redact.Text(text); shown != text && !strings.Contains(text, "@") {
					t.Errorf("the log and the inspector show\n%s\nof\n%s", shown, text)
				}
			}
			got := d.Problem("01JXAMPLE")
			if *update {
				setSection(archive, "problem.json", got)
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if want := section(archive, "problem.json"); !bytes.Equal(got, want) {
				t.Errorf("problem.json is\n%s\nwant\n%s\n(go test ./internal/diagnosis -update rewrites it)", got, want)
			}
		})
	}
}

// TestEveryCodeHasFixture fails for a code of the catalogue without an example.
func TestEveryCodeHasFixture(t *testing.T) {
	t.Parallel()
	for _, info := range diagnosis.All() {
		if strings.HasPrefix(string(info.Code), "CP5") {
			continue // not about an exchange
		}
		if _, err := os.Stat(filepath.Join("testdata", string(info.Code)+".txtar")); err != nil {
			t.Errorf("%s %s has no fixture: %v", info.Code, info.Name, err)
		}
	}
}

func section(a *txtar.Archive, name string) []byte {
	for _, f := range a.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

func setSection(a *txtar.Archive, name string, data []byte) {
	for i, f := range a.Files {
		if f.Name == name {
			a.Files[i].Data = data
			return
		}
	}
	a.Files = append(a.Files, txtar.File{Name: name, Data: data})
}
