package inspect

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/corsproxy/corsproxy/internal/http1"
	"github.com/corsproxy/corsproxy/proxy"
)

// replays knows which exchanges are replays: by the address that their
// connection comes from, so that nothing in the request has to say so.
type replays struct {
	mu   sync.Mutex
	from map[string]string // address to the ID of the original
}

func (r *replays) original(remote string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.from[remote]
}

func (r *replays) add(remote, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.from[remote] = id
}

func (r *replays) remove(remote string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.from, remote)
}

// A replayError says why an exchange cannot be replayed.
type replayError string

func (e replayError) Error() string { return string(e) }

// whyNoReplay says why e cannot be sent again as it was; "" where it can.
func whyNoReplay(e *entry) string {
	switch {
	case e.Record == nil || e.Record.Request.Line == "" || e.Method == "":
		return "the request was not recorded"
	case e.pending:
		return "it is still running"
	case e.Upgraded || fieldOf(e.Record.Request, "Upgrade") != "":
		return "it opens a WebSocket, and the page has no end of one to offer"
	case !e.Record.Request.Body.Whole:
		b := e.Record.Request.Body
		return fmt.Sprintf("its body was cut: %d of at least %d bytes were kept, and a request with half of its body is another", len(b.Data), b.Size)
	}
	return ""
}

// maxReplays is how many replays may run at once. A function may take minutes.
const maxReplays = 16

// What one may take: to the head of the answer as long as a function may run on
// AWS, and then a while for the rest, which nobody reads.
const (
	maxReplayWait   = 15 * time.Minute
	maxReplayAnswer = time.Minute
	maxReplayBytes  = 64 << 20
)

// replay sends the request of e to the proxy once more, byte for byte apart
// from the framing of its body. It returns once the request is sent; what
// becomes of it is a new exchange.
func (in *Inspector) replay(ctx context.Context, e *entry) error {
	if why := whyNoReplay(e); why != "" {
		return replayError("It cannot be replayed: " + why + ".")
	}
	u, err := url.Parse(in.config.ProxyURL)
	if err != nil {
		return err
	}
	in.replays.mu.Lock()
	running := len(in.replays.from)
	in.replays.mu.Unlock()
	if running >= maxReplays {
		return replayError(fmt.Sprintf("%d replays are running already. Wait for one to end.", running))
	}
	dialing, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := http1.Dial(dialing, u)
	if err != nil {
		return err
	}
	local := conn.LocalAddr().String()
	in.replays.add(local, e.ID)
	go func() {
		stop := context.AfterFunc(in.replaying, func() { _ = conn.Close() })
		defer stop()
		// The mark stays until the exchange has been reported, which the end of
		// the connection follows.
		defer in.replays.remove(local)
		defer func() { _ = conn.Close() }()
		_ = conn.SetDeadline(time.Now().Add(maxReplayWait))
		if _, err := conn.Write(rawRequest(e.Record.Request)); err == nil {
			_ = readAnswer(conn, e.Method)
		}
	}()
	return nil
}

// rawRequest returns a request as it was received. A chunked body is one chunk.
func rawRequest(m proxy.Message) []byte {
	b := []byte(m.Line + "\r\n")
	chunked := false
	for _, f := range m.Fields {
		if strings.EqualFold(f.Name, "Expect") || strings.EqualFold(f.Name, "Trailer") {
			continue // nobody waits here, and trailers were not kept
		}
		chunked = chunked || strings.EqualFold(f.Name, "Transfer-Encoding")
		b = append(b, f.Name+": "+f.Value+"\r\n"...)
	}
	b = append(b, "\r\n"...)
	if !chunked {
		return append(b, m.Body.Data...)
	}
	if len(m.Body.Data) > 0 {
		b = append(b, strconv.FormatInt(int64(len(m.Body.Data)), 16)+"\r\n"...)
		b = append(append(b, m.Body.Data...), "\r\n"...)
	}
	return append(b, "0\r\n\r\n"...)
}

// readAnswer reads one answer to its end, or as far as one may go.
func readAnswer(conn net.Conn, method string) error {
	br := bufio.NewReader(conn)
	for {
		resp, err := http.ReadResponse(br, &http.Request{Method: method}) //nolint:bodyclose // see below
		if err != nil {
			return err
		}
		if resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols {
			_ = conn.SetDeadline(time.Now().Add(maxReplayAnswer))
			_, err = io.CopyN(io.Discard, resp.Body, maxReplayBytes)
			return err // the end of the connection ends the body: closing it would read on
		}
	}
}
