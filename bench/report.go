package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// A report gathers what was measured.
type report struct {
	field     *field
	options   options
	standings map[string]standing            // by name
	results   map[string]map[string][]result // by load and name, a result a round
}

func newReport(f *field, o options) *report {
	return &report{field: f, options: o, standings: make(map[string]standing), results: make(map[string]map[string][]result)}
}

func (r *report) add(c *contestant, l load, found result) {
	if r.results[l.name()] == nil {
		r.results[l.name()] = make(map[string][]result)
	}
	r.results[l.name()][c.name] = append(r.results[l.name()][c.name], found)
}

// A figure is something to be read off a result.
type figure func(result) float64

// median returns the median over the rounds.
func (r *report) median(l load, name string, of figure) float64 {
	var all []float64
	for _, found := range r.results[l.name()][name] {
		all = append(all, of(found))
	}
	return middle(all)
}

// ratio returns the median of the ratios of name's figure to other's in the
// same round; 0 where other was not measured.
func (r *report) ratio(l load, name, other string, of figure) float64 {
	var all []float64
	others := r.results[l.name()][other]
	for i, found := range r.results[l.name()][name] {
		if i < len(others) && of(others[i]) > 0 {
			all = append(all, of(found)/of(others[i]))
		}
	}
	return middle(all)
}

func middle(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// The marks between which write replaces a page's text.
const (
	begin = "<!-- measured: begin -->\n"
	end   = "<!-- measured: end -->\n"
)

// write writes the tables to standard output or, with the charts, into the page
// performance.md of folder. What the page says outside of the marks stays.
func (r *report) write(folder string) error {
	if folder == "" {
		r.tables(os.Stdout)
		return nil
	}
	var b bytes.Buffer
	r.tables(&b)
	name := filepath.Join(folder, "performance.md")
	page, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	before, rest, ok1 := strings.Cut(string(page), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		return fmt.Errorf("%s lacks the lines %q and %q", name, begin, end)
	}
	for _, c := range charts() {
		if err := os.WriteFile(filepath.Join(folder, c.file), r.draw(c), 0o644); err != nil { //nolint:gosec // a page's picture is for everybody
			return err
		}
	}
	return os.WriteFile(name, []byte(before+begin+b.String()+end+after), 0o644) //nolint:gosec // likewise
}

func (r *report) tables(w io.Writer) {
	fmt.Fprintf(w, "\nMeasured on %s, %d cores, %s, Go %s: %d rounds of %v each; the median counts. A ratio is taken within a round.\n\n",
		time.Now().UTC().Format(time.DateOnly), runtime.NumCPU(), runtime.GOOS+"/"+runtime.GOARCH, strings.TrimPrefix(runtime.Version(), "go"), r.options.rounds, r.options.duration)
	for _, c := range charts() {
		fmt.Fprintf(w, "![%s](%s)\n\n", c.title, c.file)
	}
	fmt.Fprint(w, "### Who takes part\n\n| | version | set up as |\n|---|---|---|\n")
	for _, c := range r.field.contestants {
		fmt.Fprintf(w, "| %s | %s | %s |\n", c.name, c.version, c.what)
	}
	for _, a := range r.field.absent {
		fmt.Fprintf(w, "\nNot measured: %s.\n", a)
	}
	fmt.Fprint(w, "\n### Requests for a second of the proxy's CPU time\n\n")
	r.table(w, result.perCPUSecond, func(v float64) string { return fmt.Sprintf("%.0f", v) })
	fmt.Fprint(w, "\n### Requests per second\n\nThe load, the upstream and the proxy share the cores, so this says less than the table above.\n\n")
	r.table(w, result.perSecond, func(v float64) string { return fmt.Sprintf("%.0f", v) })
	r.latencies(w)
	r.standing(w)
}

// table prints a figure of each load and contestant, with its ratio to nginx's
// and to the ReverseProxy's.
func (r *report) table(w io.Writer, of figure, print func(float64) string) {
	fmt.Fprint(w, "| load, connections |")
	for _, c := range r.field.contestants {
		fmt.Fprintf(w, " %s |", c.name)
	}
	fmt.Fprintf(w, "\n|---|%s\n", strings.Repeat("---|", len(r.field.contestants)))
	for _, l := range loads() {
		fmt.Fprintf(w, "| %s |", l.name())
		for _, c := range r.field.contestants {
			cell := print(r.median(l, c.name, of))
			nginx, reverse := r.ratio(l, c.name, "nginx", of), r.ratio(l, c.name, "ReverseProxy", of)
			if nginx > 0 || reverse > 0 {
				cell += fmt.Sprintf(" (%.2f, %.2f)", nginx, reverse)
			}
			fmt.Fprintf(w, " %s |", cell)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprint(w, "\nIn brackets: times nginx, times the ReverseProxy.\n")
}

func (r *report) latencies(w io.Writer) {
	fmt.Fprint(w, "\n### Latency in milliseconds, p50 and p99\n\n| load, connections |")
	for _, c := range r.field.contestants {
		fmt.Fprintf(w, " %s |", c.name)
	}
	fmt.Fprintf(w, "\n|---|%s\n", strings.Repeat("---|", len(r.field.contestants)))
	ms := func(q float64) figure { return func(x result) float64 { return x.quantile(q).Seconds() * 1000 } }
	for _, l := range loads() {
		fmt.Fprintf(w, "| %s |", l.name())
		for _, c := range r.field.contestants {
			fmt.Fprintf(w, " %.2f, %.2f |", r.median(l, c.name, ms(0.5)), r.median(l, c.name, ms(0.99)))
		}
		fmt.Fprintln(w)
	}
	failed := make(map[string]int)
	for _, byName := range r.results {
		for name, all := range byName {
			for _, x := range all {
				failed[name] += x.errors
			}
		}
	}
	for _, c := range r.field.contestants {
		if failed[c.name] > 0 {
			fmt.Fprintf(w, "\n%s failed %d requests.\n", c.name, failed[c.name])
		}
	}
}

func (r *report) standing(w io.Writer) {
	fmt.Fprint(w, "\n### Memory, start and size\n\n| | at rest | idle connections | idle WebSockets | start to first answer | binary |\n|---|---|---|---|---|---|\n")
	for _, c := range r.field.contestants {
		s := r.standings[c.name]
		sockets, binary := "none", "none"
		if s.socketsCount > 0 {
			sockets = fmt.Sprintf("%s with %d", mebibytes(s.sockets), s.socketsCount)
		}
		if s.binary > 0 {
			binary = mebibytes(s.binary)
		}
		fmt.Fprintf(w, "| %s | %s | %s with %d | %s | %.0f ms | %s |\n",
			c.name, mebibytes(s.rest), mebibytes(s.idle), s.idlers, sockets, s.first.Seconds()*1000, binary)
	}
	if size, err := imageSize(); err == nil {
		fmt.Fprintf(w, "\nThe image of corsproxy is %s.\n", mebibytes(size))
	} else {
		fmt.Fprint(w, "\nThe image of corsproxy was not built: make image does it.\n")
	}
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// imageSize returns the size of the image that make image has built, in bytes.
func imageSize() (n int64, err error) {
	out, err := exec.CommandContext(context.Background(), "docker", "image", "inspect", "--format", "{{.Size}}", "corsproxy").Output()
	if err != nil {
		return 0, err
	}
	_, err = fmt.Sscan(string(out), &n)
	return n, err
}
