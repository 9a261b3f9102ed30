//go:build e2e

package e2e

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A reply is what a scripted server answers: a status and lines of a header, as
// they stand; {P}, {S} and {O} in them are the origins of the three servers, and
// {next} is the path of the next hop. Status 0 ends the connection in place of
// an answer.
type reply struct {
	status int
	lines  []string
}

// A visit is one hop of a scripted exchange: what is answered to a preflight,
// and to the request.
type visit struct{ preflight, actual reply }

// A scripted exchange is what a page does and what it is answered.
type scripted struct {
	name        string
	to          string // "S", or "P" for the page's own origin
	method      string
	header      [][2]string
	credentials bool
	visits      []visit

	mu   sync.Mutex
	seen []string // the requests that came
}

func (x *scripted) forget() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.seen = nil
}

// A stage serves scripted exchanges at three origins. The page is at P.
type stage struct {
	origins map[string]string // P, S and O
	replace *strings.Replacer
	mu      sync.RWMutex
	script  []*scripted
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{origins: map[string]string{}}
	var pairs []string
	for _, name := range []string{"P", "S", "O"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		server := &http.Server{Handler: s}
		go func() { _ = server.Serve(l) }()
		t.Cleanup(func() { _ = server.Close() })
		s.origins[name] = "http://" + l.Addr().String()
		pairs = append(pairs, "{"+name+"}", s.origins[name], "{"+name+"-host}", l.Addr().String())
	}
	s.replace = strings.NewReplacer(pairs...)
	return s
}

// path is where the hop of an exchange is.
func path(exchange, hop int) string { return fmt.Sprintf("/x%d/%d", exchange, hop) }

// place reads a path.
func place(path string) (exchange, hop int, ok bool) {
	first, second, _ := strings.Cut(strings.TrimPrefix(path, "/x"), "/")
	exchange, err := strconv.Atoi(first)
	hop, err2 := strconv.Atoi(second)
	return exchange, hop, strings.HasPrefix(path, "/x") && err == nil && err2 == nil
}

// written returns the lines of a reply as they are sent.
func (s *stage) written(r reply, exchange, hop int) []string {
	lines := make([]string, len(r.lines))
	for i, line := range r.lines {
		lines[i] = strings.ReplaceAll(s.replace.Replace(line), "{next}", path(exchange, hop+1))
	}
	return lines
}

// header returns them as a client reads them.
func (s *stage) header(r reply, exchange, hop int) http.Header {
	h := http.Header{}
	for _, line := range s.written(r, exchange, hop) {
		name, value, _ := strings.Cut(line, ":")
		key := textproto.CanonicalMIMEHeaderKey(name)
		h[key] = append(h[key], strings.Trim(value, " \t"))
	}
	return h
}

func (s *stage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	exchange, hop, ok := place(r.URL.Path)
	s.mu.RLock()
	defer s.mu.RUnlock()
	if !ok || exchange >= len(s.script) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!DOCTYPE html><title>page</title><link rel=icon href='data:,'>")
		return
	}
	x := s.script[exchange]
	preflight := r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != ""
	x.mu.Lock()
	x.seen = append(x.seen, request(r, preflight))
	x.mu.Unlock()
	answer := reply{200, []string{"Access-Control-Allow-Origin: *"}}
	if hop < len(x.visits) {
		answer = x.visits[hop].actual
		if preflight {
			answer = x.visits[hop].preflight
		}
	}
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	if answer.status != 0 {
		write(rw.Writer, answer.status, s.written(answer, exchange, hop))
	}
}

func write(w *bufio.Writer, status int, lines []string) {
	fmt.Fprintf(w, "HTTP/1.1 %d X\r\n", status)
	for _, line := range lines {
		fmt.Fprintf(w, "%s\r\n", line)
	}
	fmt.Fprint(w, "Content-Length: 0\r\nConnection: close\r\n\r\n")
	_ = w.Flush()
}

// request describes a request, for comparison with what is expected.
func request(r *http.Request, preflight bool) string {
	if preflight {
		return asked(r.URL.Path, r.Header.Get("Origin"), r.Header.Get("Access-Control-Request-Method"), r.Header.Get("Access-Control-Request-Headers"))
	}
	var own []string
	for name := range r.Header {
		if strings.HasPrefix(name, "X-") || name == "Authorization" || name == "Content-Type" {
			own = append(own, strings.ToLower(name))
		}
	}
	slices.Sort(own)
	return sent(r.URL.Path, r.Header.Get("Origin"), r.Method, own)
}

func asked(path, origin, method, headers string) string {
	return fmt.Sprintf("%s %s may I %s [%s]", path, origin, method, headers)
}

func sent(path, origin, method string, headers []string) string {
	return fmt.Sprintf("%s %s %s %v", path, origin, method, headers)
}
