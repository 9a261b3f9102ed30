package inspect_test

import (
	"fmt"
	"io"
	"net"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/inspect"
)

// heap returns how many bytes are in use.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC() // what pools hold is let go at the second time
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestMemoryIsBounded has more go through than may be kept, of what takes the
// most memory beside the bytes that it is sent with, while pages have stopped
// reading. It is not parallel, since it looks at the memory of all.
func TestMemoryIsBounded(t *testing.T) {
	const (
		bound  = 2 << 20
		beside = 2 << 20 // for all that is not an exchange: events, connections, tests before this one
		size   = 100_000 // of a head
		large  = 3 * bound / size
	)
	const page = "Origin: http://localhost:5173\r\n"
	const preflight = page + "Access-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: "
	x := strings.Repeat("x", size)
	for name, c := range map[string]struct {
		exchanges int
		method    string
		fields    func(i int) string
	}{
		"small":             {1500, "OPTIONS", func(i int) string { return preflight + fmt.Sprint("x-", i) }},
		"many names":        {large, "OPTIONS", func(i int) string { return preflight + names("x", i, size) }},
		"names in capitals": {large, "OPTIONS", func(i int) string { return preflight + names("X", i, size) }},
		"names of a letter": {large, "OPTIONS", func(int) string { return preflight + strings.Repeat("a,", size/2) }},
		"beside names":      {large, "OPTIONS", func(i int) string { return preflight + fmt.Sprint("x-", i, "\r\nX: ", x) }},
		"beside an origin":  {large, "GET", func(i int) string { return fmt.Sprint("Origin: http://h", i, ":1\r\nX: ", x) }},
		"a long origin":     {large, "GET", func(int) string { return "Origin: http://" + x }},
		"many fields":       {large, "GET", func(int) string { return page + strings.Repeat("X: 1\r\n", 900) }},
		"too many fields":   {2 * large, "GET", func(int) string { return page + strings.Repeat("X: 1\r\n", size/6) }},
		"white space":       {2 * large, "GET", func(int) string { return page + "X: " + strings.Repeat(" ", size) + "1" }},
		"after a mistake":   {2 * large, "GET", func(int) string { return page + "mistake\r\nX: " + x }},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, echo, func(c *inspect.Config) { c.Bytes, c.Exchanges = bound, 10_000 })
			for range 20 {
				b.stall()
			}
			before := heap()
			for i := range c.exchanges {
				b.raw(fmt.Sprintf("%s /%d HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n\r\n", c.method, i, c.fields(i)))
			}
			if got := heap() - before; got > bound+beside {
				t.Errorf("%d exchanges take %.1f MB, want at most %.1f", c.exchanges, float64(got)/1e6, float64(bound+beside)/1e6)
			}
		})
	}
}

// TestNestedBodies looks at exchanges whose bodies would be gigabytes if each of
// their levels began a line of its own, further and further to the right.
func TestNestedBodies(t *testing.T) {
	const depth, most = 9000, 16 << 20
	nest := strings.Repeat("[", depth) + "1" + strings.Repeat("]", depth)
	for name, body := range map[string]string{"one": "[" + nest + "]", "many": "[" + nest + "," + nest + "," + nest + "]", "cut off": nest[:depth]} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, echo)
			b.through("POST", "/", body)
			row := b.ended(1)[0]
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			d := call[detail](b, "GET", "exchanges/"+row.ID)
			runtime.ReadMemStats(&after)
			if !strings.HasPrefix(d.Request.Body.Text, body[:depth]) {
				t.Errorf("shown as %.100s…", d.Request.Body.Text)
			}
			if made := after.TotalAlloc - before.TotalAlloc; made > most {
				t.Errorf("a body of %d bytes makes %d of memory", len(body), made)
			}
		})
	}
}

// names returns a list of names, none of which stands in another list.
func names(prefix string, list, size int) string {
	b := make([]byte, 0, size)
	for k := int64(0); len(b) < size; k++ {
		b = append(append(b, prefix...), strconv.Itoa(list)...)
		b = append(strconv.AppendInt(append(b, '-'), k, 36), ',')
	}
	return string(b)
}

// raw sends a request through the proxy as it stands, and reads the answer to the
// end of the connection.
func (b *bench) raw(request string) {
	b.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(b.proxyURL, "http://"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := io.WriteString(c, request); err != nil {
		b.Fatal(err)
	}
	if answer, err := io.ReadAll(c); err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 ") {
		b.Fatalf("answered %.100q, %v", answer, err)
	}
}
