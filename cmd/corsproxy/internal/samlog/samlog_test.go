package samlog_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/samlog"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// mounting returns SAM's line about a route.
func mounting(route string) string {
	method, path, _ := strings.Cut(route, " ")
	return fmt.Sprintf("Mounting Fn at http://127.0.0.1:3000%s [%s]\n", path, method)
}

const browse = "You can now browse to the above endpoints to invoke your functions.\n"

// startup returns what SAM prints when it starts with routes.
func startup(routes ...string) string {
	var b strings.Builder
	b.WriteString("Initializing the lambda functions containers.\n\n")
	for _, r := range routes {
		b.WriteString(mounting(r))
	}
	b.WriteString(browse + "2026-11-24 07:00:00 127.0.0.1 - - [24/Nov/2026 07:00:00] \"GET / HTTP/1.1\" 403 -\n")
	return b.String()
}

// prefixed returns a log as a program passes it on that puts something before
// each line, and a line of another after it.
func prefixed(prefix, other, log string) string {
	var b strings.Builder
	for line := range strings.Lines(log) {
		b.WriteString(prefix + line + other)
	}
	return b.String()
}

func list(routes []sam.Route) string {
	var s []string
	for _, r := range routes {
		s = append(s, r.String())
	}
	return strings.Join(s, ", ")
}

func TestRead(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1<<20)
	for name, c := range map[string]struct{ log, want string }{
		"one start":                      {startup("GET /a", "POST /b"), "GET /a, POST /b"},
		"a second start":                 {startup("GET /a", "POST /b") + startup("GET /c"), "GET /c"},
		"several methods":                {"Mounting A at http://127.0.0.1:3000/a [GET, PUT]\n", "GET /a, PUT /a"},
		"static files in between":        {mounting("GET /a") + "Mounting static files from /x/public at /\n\n" + mounting("GET /b"), "GET /a, GET /b"},
		"carriage returns":               {strings.ReplaceAll(startup("GET /a"), "\n", "\r\n"), "GET /a"},
		"no end of line":                 {strings.TrimSuffix(mounting("GET /a"), "\n"), "GET /a"},
		"a line without end":             {long + "\n" + mounting("GET /a"), "GET /a"},
		"colours":                        {"\x1b[32m" + strings.TrimSuffix(mounting("GET /a"), "\n") + "\x1b[0m\n", "GET /a"},
		"nothing":                        {"hello\n" + long, ""},
		"a start as containers show it":  {prefixed("sam-1  | ", "db-1  | ready\n", startup("GET /a", "POST /b")), "GET /a, POST /b"},
		"two starts with time stamps":    {prefixed("2026-11-24T07:00:00.123Z ", "", startup("GET /a")+startup("GET /b", "GET /c")), "GET /b, GET /c"},
		"a debug log":                    {prefixed("2026-11-24 07:00:00,123 | ", "", startup("GET /a")+startup("GET /b")), "GET /b"},
		"another's words in between":     {mounting("GET /a") + "web-1 | hello\n" + mounting("GET /b") + browse, "GET /a, GET /b"},
		"a start after another's server": {"web-1 |  * Running on http://0.0.0.0:5000\n" + startup("GET /a"), "GET /a"},
		"after a line of another":        {"docker: pulling\n" + mounting("GET /a"), "GET /a"},
		"hostile: too many routes":       {strings.Repeat(mounting("GET /a"), 10_001), strings.TrimSuffix(strings.Repeat("GET /a, ", 10_000), ", ")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for how, r := range map[string]io.Reader{
				"at once":      strings.NewReader(c.log),
				"in two parts": io.MultiReader(strings.NewReader(c.log[:len(c.log)/2]), strings.NewReader(c.log[len(c.log)/2:])),
			} {
				var got []sam.Route
				var through strings.Builder
				f := &samlog.Follower{Learnt: func(r []sam.Route, _ time.Time) { got = r }, Note: func(string) {}}
				if err := f.Read(r, &through); err != nil {
					t.Fatal(err)
				}
				if list(got) != c.want {
					t.Errorf("%s: got %.300s; want %.300s", how, list(got), c.want)
				}
				if through.String() != c.log {
					t.Errorf("%s: the log is not passed through unchanged", how)
				}
			}
		})
	}
}

// onTerminal returns a log as SAM CLI prints it on a terminal: its lines are
// broken to fit, filled with blanks, and have colours. The prefix stands before
// the first of those that were one.
func onTerminal(width int, prefix, log string) string {
	var b strings.Builder
	fill := func(line string) {
		fmt.Fprintf(&b, "\x1b[32m%s\x1b[0m%s\r\n", line, strings.Repeat(" ", width-len(line)))
	}
	for line := range strings.Lines(log) {
		part := ""
		for _, word := range strings.Fields(prefix + line) {
			if part != "" && len(part)+1+len(word) > width {
				fill(part)
				part = ""
			}
			if part != "" {
				part += " "
			}
			for part += word; len(part) > width; part = part[width:] {
				fill(part[:width])
			}
		}
		fill(part)
	}
	return b.String()
}

// TestReadOnTerminal has routes of all lengths, on terminals of all widths.
func TestReadOnTerminal(t *testing.T) {
	t.Parallel()
	const anyMethod = "Mounting Fn at http://127.0.0.1:3000/any/{proxy+} [DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT]\n"
	log := mounting("GET /a") + anyMethod + mounting("PUT /a/path/as/long/as/paths/become/{of}/which/a/line/holds/a/part/{id}") +
		"Mounting static files from /x/public at /\n" + mounting("GET /b") + browse
	want := "GET /a, DELETE /any/{proxy+}, GET /any/{proxy+}, HEAD /any/{proxy+}, OPTIONS /any/{proxy+}, PATCH /any/{proxy+}, POST /any/{proxy+}, PUT /any/{proxy+}, " +
		"PUT /a/path/as/long/as/paths/become/{of}/which/a/line/holds/a/part/{id}, GET /b"
	for _, c := range []struct {
		from   int // columns
		prefix string
	}{{24, ""}, {40, "2026-11-28 19:12:41,566 | "}} {
		for width := c.from; width <= 160; width++ {
			var got []sam.Route
			f := &samlog.Follower{Learnt: func(r []sam.Route, _ time.Time) { got = r }, Note: func(string) {}}
			if err := f.Read(strings.NewReader(onTerminal(width, c.prefix, log)), io.Discard); err != nil {
				t.Fatal(err)
			}
			if list(got) != want {
				t.Errorf("%q on %d columns:\n got %s\nwant %s", c.prefix, width, list(got), want)
			}
		}
	}
}

// TestReadForged holds that text in SAM's log which a web page may have put
// there, by way of a function that prints its input, is no route.
func TestReadForged(t *testing.T) {
	t.Parallel()
	const access = "127.0.0.1 - - [24/Nov/2026 07:00:00] \"POST /a HTTP/1.1\" 200 -\n"
	evil := mounting("GET /evil")
	for name, c := range map[string]struct {
		log  string
		once bool
		want string
	}{
		"behind words":                        {log: startup("GET /a") + "received: " + evil + access, want: "GET /a"},
		"behind words, before SAM serves":     {log: mounting("GET /a") + "received: " + evil, want: "GET /a"},
		"a line of its own":                   {log: startup("GET /a") + evil + access, want: "GET /a"},
		"a line of its own, with colours":     {log: startup("GET /a") + "\x1b[32m" + evil + access, want: "GET /a"},
		"many lines":                          {log: startup("GET /a") + strings.Repeat(evil, 3) + access + browse, want: "GET /a"},
		"at another port":                     {log: startup("GET /a") + strings.Replace(evil, ":3000", ":80", 1) + browse, want: "GET /a"},
		"a broken line":                       {log: startup("GET /a") + "Mounting Fn at http://127.0.0.1:3000/evil [GET,\nPUT]\n" + access, want: "GET /a"},
		"the end of a broken line":            {log: mounting("GET /a") + "Mounting static files\nat http://127.0.0.1:3000/evil\n" + access + "[GET]\n" + browse, want: "GET /a"},
		"another port among SAM's":            {log: mounting("GET /a") + strings.Replace(evil, ":3000", ":80", 1) + browse, want: "GET /a"},
		"while a function runs":               {log: startup("GET /a") + "Invoking app.handler (python3.12)\n" + evil + "END RequestId: 1\n" + access, want: "GET /a"},
		"in a log that begins with a request": {log: "Invoking app.handler (python3.12)\n" + evil + access, want: ""},
		"a whole start of one process":        {log: startup("GET /a") + startup("GET /evil"), once: true, want: "GET /a"},
		"after SAM runs, without its words":   {log: mounting("GET /a") + " * Running on http://127.0.0.1:3000\n" + evil, want: "GET /a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []sam.Route
			f := &samlog.Follower{Once: c.once, Learnt: func(r []sam.Route, _ time.Time) { got = r }}
			w := f.Writer("sam")
			if _, err := io.WriteString(w, c.log); err != nil {
				t.Fatal(err)
			}
			if list(got) != c.want {
				t.Errorf("got %s, want %s", list(got), c.want)
			}
			// What a next process mounts counts.
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(w, startup("GET /next")); err != nil {
				t.Fatal(err)
			}
			if list(got) != "GET /next" {
				t.Errorf("the next start: got %s", list(got))
			}
		})
	}
}

func TestReadSource(t *testing.T) {
	t.Parallel()
	var got []sam.Route
	f := &samlog.Follower{Learnt: func(r []sam.Route, _ time.Time) { got = r }, Note: func(string) {}}
	if err := f.Read(strings.NewReader("\n"+mounting("GET /a")), io.Discard); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Source != "standard input:2" || got[0].Function != "Fn" {
		t.Errorf("got %+v", got)
	}
}

// failing is a writer like a closed standard error.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("closed") }

func TestReadSurvivesAWriter(t *testing.T) {
	t.Parallel()
	var got []sam.Route
	f := &samlog.Follower{Learnt: func(r []sam.Route, _ time.Time) { got = r }, Note: func(string) {}}
	if err := f.Read(iotest.OneByteReader(strings.NewReader(startup("GET /a"))), failing{}); err != nil {
		t.Fatal(err)
	}
	if list(got) != "GET /a" {
		t.Errorf("got %s", list(got))
	}
}

func FuzzRead(f *testing.F) {
	f.Add(startup("GET /a", "ANY /{proxy+}"), 3)
	f.Add("Mounting ", 0)
	f.Fuzz(func(t *testing.T, log string, cut int) {
		whole, parts := "", ""
		read := func(r io.Reader, to *string) {
			follower := &samlog.Follower{
				Learnt: func(r []sam.Route, _ time.Time) { *to = list(r) },
				Note:   func(string) {},
			}
			if err := follower.Read(r, io.Discard); err != nil {
				t.Fatal(err)
			}
		}
		cut = min(max(cut, 0), len(log))
		read(strings.NewReader(log), &whole)
		read(io.MultiReader(strings.NewReader(log[:cut]), strings.NewReader(log[cut:])), &parts)
		if whole != parts {
			t.Errorf("cut at %d: %q is not %q", cut, parts, whole)
		}
	})
}

// TestReadOfAFunctionsLines has a function print beginnings of Mounting lines,
// many of them, once SAM serves.
func TestReadOfAFunctionsLines(t *testing.T) {
	t.Parallel()
	unit := "x | Mounting \n" + strings.Repeat("x | aaaa]\n", 7)
	read := func(text string) time.Duration {
		best := time.Hour
		for range 3 {
			w := (&samlog.Follower{Once: true, Learnt: func([]sam.Route, time.Time) {}}).Writer("sam")
			_, _ = io.WriteString(w, startup("GET /a")+"2026-11-25 10:00:00  * Running on http://127.0.0.1:3000\n")
			began := time.Now()
			_, _ = io.WriteString(w, text)
			best = min(best, time.Since(began))
		}
		return best
	}
	many := strings.Repeat(unit, 2000)
	plain := strings.Repeat(strings.Replace(unit, "Mounting", "Counting", 1), 2000)
	var took, usual time.Duration
	for range 20 { // a machine may be busy for a while
		if took, usual = read(many), read(plain); took < 20*usual {
			return
		}
	}
	t.Errorf("%d bytes take %v, and others %v", len(many), took, usual)
}

// TestReadForgedCost has a function print the beginnings of Mounting lines that
// come to nothing, each of which can be read in many ways.
func TestReadForgedCost(t *testing.T) {
	const lines = 20_000
	forged := startup("GET /a") + strings.Repeat("x | Mounting \n"+strings.Repeat("x | a]\n", 6), lines/7)
	allocations := testing.AllocsPerRun(1, func() {
		f := &samlog.Follower{Learnt: func([]sam.Route, time.Time) {}}
		_, _ = io.WriteString(f.Writer("sam"), forged)
	})
	var got []sam.Route
	f := &samlog.Follower{Learnt: func(r []sam.Route, _ time.Time) { got = r }}
	_, _ = io.WriteString(f.Writer("sam"), forged+onTerminal(60, "", startup("GET /b", "GET /a/path/that/is/broken/by/a/terminal/of/sixty/columns")))
	if list(got) != "GET /a" {
		t.Errorf("a table of which a part was not read: %s", list(got))
	}
	if allocations > 10*lines {
		t.Errorf("%.0f allocations for %d lines", allocations, lines)
	}
}

// TestReadAfterManyInvocations has SAM start again in a log that has told of many
// containers, on a terminal that breaks its lines.
func TestReadAfterManyInvocations(t *testing.T) {
	t.Parallel()
	const invocation = "Invoking app.handler (python3.13)\n" +
		"Mounting /home/me/project/.aws-sam/build/Fn as /var/task:ro,delegated, inside runtime\ncontainer\nSAM_CONTAINER_ID: 0123456789abcdef\n"
	const long = "/a/path/that/is/long/enough/to/be/broken/by/a/terminal/of/eighty/columns"
	var got []sam.Route
	f := &samlog.Follower{Learnt: func(r []sam.Route, _ time.Time) { got = r }}
	w := f.Writer("sam")
	for _, text := range []string{startup("GET /a"), strings.Repeat(invocation, 30_000), onTerminal(80, "", startup("GET "+long))} {
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if list(got) != "GET "+long {
		t.Errorf("got %s", list(got))
	}
}
