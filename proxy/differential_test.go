package proxy_test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/proxy"
)

var (
	differentialN    = flag.Int("differential.n", 3000, "how many exchanges the differential tests generate")
	differentialTLS  = flag.Int("differential.tls", 600, "how many of them again with an upstream behind TLS")
	differentialSeed = flag.Uint64("differential.seed", 1, "what they are generated from")
	differentialCase = flag.Int("differential.case", -1, "the one case to run")
)

// TestDifferential sends generated exchanges through the proxy and compares
// what either end receives with what the other has sent, byte for byte, minus
// the list in docs/forwarding.md.
//
//	go test ./proxy -run TestDifferential -differential.n 100000 -differential.seed 7
func TestDifferential(t *testing.T) {
	t.Parallel()
	u := newPlayer(t, newUpstream)
	converse(t, *differentialN, []*player{u}, []*served{
		serve(t, u.url(), forwardsOptions),
		serve(t, u.url(), forwardsOptions, keeping(500, 5000, nil)),
	})
}

// TestDifferentialTLS is TestDifferential with upstreams behind TLS. Some end
// their connections without saying so.
func TestDifferentialTLS(t *testing.T) {
	t.Parallel()
	var players []*player
	var proxies []*served
	for _, listen := range []func(testing.TB, script) *upstream{newTLS13, newTLS12} {
		u := newPlayer(t, listen)
		players = append(players, u)
		proxies = append(proxies, serve(t, u.url(), forwardsOptions, patient, keeping(500, 5000, nil), u.trusted))
	}
	converse(t, *differentialTLS, players, proxies)
}

// converse has n generated conversations with each of proxies in turn.
func converse(t *testing.T, n int, players []*player, proxies []*served) {
	generate(t, n, func(g *generator, n int) {
		p, u := proxies[n%len(proxies)], players[n%len(players)]
		g.proxy, g.upstream = p.addr, u.addr()
		c := newConversation(g, n)
		if u.secure {
			for _, x := range c.exchanges {
				g.overTLS(x)
			}
		}
		u.expect(c.exchanges)
		answered := c.hold(t, g, p.addr)
		if err := c.compare(u, answered); err != nil {
			t.Errorf("case %d (-differential.seed %d -differential.case %d): %v\nsent\n%s\nanswered by the upstream\n%s", n, *differentialSeed, n, err, shown(c.sent()), shown(c.answers()))
		}
		u.forget(c.exchanges)
	})
}

func forwardsOptions(c *proxy.Config) {
	c.Rules.Default.Source = proxy.FromUpstream
	c.Observe = nil
}

// patient waits for handshakes as long as the client waits for all: of so many at
// once a busy machine makes some take seconds.
func patient(c *proxy.Config) { c.Timeouts.Dial = 6 * patience }

// generate calls f for each of n cases, some at a time.
func generate(t *testing.T, n int, f func(g *generator, n int)) {
	t.Helper()
	run := func(n int) { f(newGenerator(n), n) }
	if *differentialCase >= 0 {
		run(*differentialCase)
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for !t.Failed() {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				run(i)
			}
		})
	}
	wg.Wait()
}

func newGenerator(n int) *generator {
	return &generator{Rand: rand.New(rand.NewPCG(*differentialSeed, uint64(n)))}
}

// shown is a text that can be read and pasted, not too long.
func shown(s string) string {
	if len(s) > 1000 {
		s = s[:1000] + "…"
	}
	return strings.ReplaceAll(strconv.Quote(s), `\n`, "\\n\n")
}

// A conversation is what is sent over one connection of a client.
type conversation struct{ exchanges []*generated }

func newConversation(g *generator, n int) *conversation {
	c := &conversation{}
	size := 1 + g.IntN(3)
	for i := range size {
		x := g.exchange(fmt.Sprintf("%d.%d", n, i), i == size-1)
		c.exchanges = append(c.exchanges, x)
		if x.ends {
			break
		}
	}
	return c
}

func (c *conversation) sent() string {
	var b strings.Builder
	for _, x := range c.exchanges {
		b.WriteString(x.request)
	}
	return b.String()
}

func (c *conversation) answers() string {
	var b strings.Builder
	for _, x := range c.exchanges {
		b.WriteString(x.response)
	}
	return b.String()
}

// hold sends the requests, in pieces of any size, and returns all that comes
// back.
func (c *conversation) hold(t *testing.T, g *generator, addr string) string {
	w := dial(t, addr)
	defer func() { _ = w.Close() }()
	_ = w.SetDeadline(time.Now().Add(6 * patience))
	closes := !c.exchanges[len(c.exchanges)-1].ends
	go func(rest string, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 0))
		for pieces := 1 + r.IntN(4); pieces > 1 && len(rest) > 1; pieces-- {
			n := 1 + r.IntN(len(rest)-1)
			w.send(rest[:n])
			rest = rest[n:]
		}
		w.send(rest)
		if closes {
			w.closeWrite()
		}
	}(c.sent(), g.Uint64())
	return w.rest()
}

// compare looks at what either end has received.
func (c *conversation) compare(u *player, answered string) error {
	for _, x := range c.exchanges {
		got := u.received(x.nonce)
		if err := x.compareRequest(got); err != nil {
			return fmt.Errorf("%s: the upstream received %s, the client %s\n%w", x.nonce, shown(strings.Join(got, "")), shown(answered), err)
		}
		rest, err := x.compareResponse(answered)
		if err != nil {
			return fmt.Errorf("%s: the client received %s\n%w", x.nonce, shown(answered), err)
		}
		if answered = rest; x.ends || !x.wantResponse.complete && !x.failed && x.refused == 0 {
			break
		}
	}
	if answered != "<EOF>" && answered != "<RST>" {
		return fmt.Errorf("the client received more: %s", shown(answered))
	}
	return nil
}

func (x *generated) compareRequest(got []string) error {
	switch {
	case x.refused != 0 && len(got) == 0:
		return nil
	case x.refused != 0:
		return fmt.Errorf("and should have been refused with %d", x.refused)
	case len(got) == 2 && got[0] == got[1] && x.repeatable():
		// The kept connection had bytes on it that belong to no answer.
	case len(got) != 1:
		return fmt.Errorf("%d times", len(got))
	}
	m, rest, err := parseMessage(got[0], false, true)
	if err == nil && rest != "" {
		err = fmt.Errorf("with more behind it: %s", shown(rest))
	}
	return errors.Join(err, x.wantRequest.differs(m))
}

// repeatable reports whether x may be sent twice (RFC 9110, section 9.2.2).
func (x *generated) repeatable() bool {
	method, _, _ := strings.Cut(x.wantRequest.lines[0], " ")
	return slices.Contains([]string{"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"}, method) && !x.wantRequest.chunked && x.wantRequest.data == ""
}

// compareResponse returns what follows in answered.
func (x *generated) compareResponse(answered string) (rest string, err error) {
	for _, want := range x.wantInterim {
		head, rest, _ := strings.Cut(answered, "\r\n\r\n")
		if got := strings.Split(head, "\r\n"); !slices.Equal(got, want) {
			return "", fmt.Errorf("interim response\n%q, want\n%q", got, want)
		}
		answered = rest
	}
	bodiless := strings.HasPrefix(x.request, "HEAD ") || strings.HasPrefix(x.request, "\r\nHEAD ")
	m, rest, err := parseMessage(answered, bodiless, false)
	if err != nil {
		return "", err
	}
	if x.refused != 0 || x.failed {
		return rest, x.compareProblem(m)
	}
	var connection string
	m.lines = slices.DeleteFunc(m.lines, func(l string) bool {
		name, value, _ := strings.Cut(l, ":")
		switch {
		case strings.EqualFold(name, "Connection"):
			connection += strings.TrimSpace(value)
		case strings.EqualFold(name, "Transfer-Encoding"):
			return m.chunked && !hasLine(x.wantResponse.lines, l) // of what had no end but the connection's
		default:
			return false
		}
		return true
	})
	http10 := strings.Contains(x.request, " HTTP/1.0\r\n")
	switch {
	case connection == "close" && (x.ends || http10):
	case x.ends, connection != "" && connection != "keep-alive", connection == "keep-alive" && !http10:
		return "", fmt.Errorf("Connection is %q", connection)
	}
	if connection == "close" {
		x.ends = true
	}
	want := x.wantResponse
	if !m.chunked && m.untilClose() && http10 {
		want.complete = m.complete // a cut is a reset, after which data may be lost
	}
	return rest, want.differs(m)
}

// untilClose reports whether nothing but the connection's end ends m.
func (m message) untilClose() bool {
	return !m.chunked && !slices.ContainsFunc(m.lines, func(l string) bool {
		return len(l) > 15 && strings.EqualFold(l[:15], "Content-Length:")
	})
}

func hasLine(lines []string, line string) bool {
	return slices.ContainsFunc(lines, func(l string) bool { return strings.EqualFold(l, line) })
}

// compareProblem expects an answer of the proxy's own.
func (x *generated) compareProblem(m message) error {
	status := x.refused
	if x.failed {
		status = 502
	}
	if !strings.HasPrefix(m.lines[0], fmt.Sprintf("HTTP/1.1 %d ", status)) || !strings.Contains(strings.Join(m.lines, "\n"), "Corsproxy-Diagnosis: CP2") {
		return fmt.Errorf("answered %q, want %d", m.lines, status)
	}
	if slices.Contains(m.lines, "Connection: close") {
		x.ends = true
	}
	return nil
}
