//go:build e2e

package e2e

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// An answer is a response as it came over the wire.
type answer struct {
	head   []string // the status line and the fields, in order
	header http.Header
	status int
	body   string
}

// send writes a request, whose lines end with LF here and with CRLF on the wire,
// and reads the answer.
func send(t *testing.T, address, request string) answer {
	t.Helper()
	a, err := exchange(address, request)
	if err != nil {
		t.Fatalf("answer of %s to %q: %v\nread so far: %q", address, request, err, a.head)
	}
	return a
}

func exchange(address, request string) (answer, error) {
	return exchangeWith(address, request, readAnswer)
}

// exchangeHead is exchange for HEAD, whose answer has no body.
func exchangeHead(address, request string) (answer, error) {
	return exchangeWith(address, request, readHead)
}

func exchangeWith(address, request string, read func(*bufio.Reader) (answer, error)) (answer, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return answer{}, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return answer{}, err
	}
	head, body, _ := strings.Cut(request, "\n\n")
	if _, err := io.WriteString(conn, strings.ReplaceAll(head, "\n", "\r\n")+"\r\n\r\n"+body); err != nil {
		return answer{}, err
	}
	return read(bufio.NewReader(conn))
}

// readAnswer reads an answer whose body is framed by its length, as those of
// SAM local, Flask and Express are.
func readAnswer(r *bufio.Reader) (answer, error) {
	a, err := readHead(r)
	if err != nil || a.status == http.StatusNoContent {
		return a, err
	}
	n, err := strconv.Atoi(a.header.Get("Content-Length"))
	if err != nil {
		return a, err
	}
	body := make([]byte, n)
	_, err = io.ReadFull(r, body)
	a.body = string(body)
	return a, err
}

// readHead reads an answer up to its body.
func readHead(r *bufio.Reader) (a answer, err error) {
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return a, err
		}
		if line == "\r\n" {
			break
		}
		a.head = append(a.head, strings.TrimSuffix(line, "\r\n"))
	}
	fields, err := textproto.NewReader(bufio.NewReader(strings.NewReader(strings.Join(a.head[1:], "\r\n") + "\r\n\r\n"))).ReadMIMEHeader()
	if err != nil {
		return a, err
	}
	a.header = http.Header(fields)
	a.status, err = strconv.Atoi(strings.Fields(a.head[0])[1])
	return a, err
}

// Fields that belong to a connection rather than to the answer (RFC 9110,
// section 7.6.1), and the time, which passes between two requests.
var (
	hopByHop = regexp.MustCompile(`(?i)^(Connection|Keep-Alive):`)
	date     = regexp.MustCompile(`^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$`)
)

// endToEnd returns the head without what belongs to the connection, and with
// one date for all.
func (a answer) endToEnd() string {
	lines := slices.DeleteFunc(slices.Clone(a.head), hopByHop.MatchString)
	for i, l := range lines {
		lines[i] = date.ReplaceAllLiteralString(l, "Date: now")
	}
	return strings.Join(lines, "\n")
}

// same requires that two answers are the same byte for byte.
func same(t *testing.T, direct, proxied answer) {
	t.Helper()
	if d, p := direct.endToEnd(), proxied.endToEnd(); d != p {
		t.Errorf("the head changed on its way through corsproxy.\ndirect:\n%s\n\nproxied:\n%s", d, p)
	}
	if direct.body != proxied.body {
		t.Errorf("the body changed on its way through corsproxy.\ndirect:  %q\nproxied: %q", direct.body, proxied.body)
	}
}

// A problem is the body of an error that corsproxy made (RFC 9457).
type problem struct {
	Type   string   `json:"type"`
	Title  string   `json:"title"`
	Status int      `json:"status"`
	Detail string   `json:"detail"`
	Code   string   `json:"code"`
	Hints  []string `json:"hints"`
	Routes []struct {
		Method string `json:"method"`
		Path   string `json:"path"`
	} `json:"routes"`
	Upstream *struct {
		Status int    `json:"status"`
		Body   string `json:"body"`
	} `json:"upstream"`
	RequestID string `json:"requestId"`
}

func parseProblem(t *testing.T, body string) problem {
	t.Helper()
	var p problem
	if err := json.Unmarshal([]byte(body), &p); err != nil {
		t.Fatalf("not a problem: %v\n%s", err, body)
	}
	return p
}

// Methods of list fields, which may be spread over several lines.
func list(values []string) []string {
	var items []string
	for _, item := range strings.Split(strings.Join(values, ","), ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	slices.Sort(items)
	return items
}
