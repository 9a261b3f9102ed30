package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// A report is what was seen.
type report struct {
	duration           time.Duration
	clients            int
	load               *load
	rewrites, restarts int
	logLines           int64
	before, after      sample // at rest
	samples            []sample
}

// What may be left after the load that was not there before: caches have a
// bound, and the collector gives back in steps.
const (
	leftMemory = 8 << 20
	grownParts = 10 // per cent between the quarters of the load
)

// faults returns what must not be.
func (r *report) faults() (out []string) {
	for _, what := range slices.Sorted(maps.Keys(r.load.faults)) {
		out = append(out, fmt.Sprintf("%s (%d times)", what, r.load.faults[what]))
	}
	if r.after.memory > r.before.memory+leftMemory {
		out = append(out, fmt.Sprintf("%d MiB of memory at rest, and %d before", mib(r.after.memory), mib(r.before.memory)))
	}
	if r.after.files > r.before.files {
		out = append(out, fmt.Sprintf("%d descriptors at rest, and %d before", r.after.files, r.before.files))
	}
	if r.after.goroutines > r.before.goroutines {
		out = append(out, fmt.Sprintf("%d goroutines at rest, and %d before", r.after.goroutines, r.before.goroutines))
	}
	if q := r.quarters(); len(r.samples) >= 60 && q[3].memory > q[1].memory+max(q[1].memory*grownParts/100, leftMemory) {
		out = append(out, fmt.Sprintf("memory under load grows: %d MiB in the second quarter, %d in the last", mib(q[1].memory), mib(q[3].memory)))
	}
	return out
}

// quarters returns the middle of what was held in each quarter of the load.
func (r *report) quarters() (q [4]sample) {
	for i := range q {
		part := r.samples[len(r.samples)*i/4 : len(r.samples)*(i+1)/4]
		if len(part) == 0 {
			continue
		}
		middle := func(of func(sample) int64) int64 {
			var all []int64
			for _, s := range part {
				all = append(all, of(s))
			}
			slices.Sort(all)
			return all[len(all)/2]
		}
		q[i] = sample{
			middle(func(s sample) int64 { return s.memory }),
			int(middle(func(s sample) int64 { return int64(s.files) })),
			int(middle(func(s sample) int64 { return int64(s.goroutines) })),
		}
	}
	return q
}

func mib(n int64) int64 { return n >> 20 }

// markdown returns the figures as they stand in the documentation.
func (r *report) markdown() string {
	var b strings.Builder
	total := 0
	for _, n := range r.load.counts {
		total += n
	}
	fmt.Fprintf(&b, "%v at full load on %d cores, which the load and the upstream shared, on %s: %d clients, %s exchanges (%s per second), %d restarts of the upstream, %d rewrites of configuration and template, %s lines of log.\n\n",
		r.duration, runtime.NumCPU(), time.Now().UTC().Format(time.DateOnly), r.clients, thousands(total), thousands(int(float64(total)/r.duration.Seconds())), r.restarts, r.rewrites, thousands(int(r.logLines)))
	b.WriteString("| exchanges | count |\n|---|---:|\n")
	for _, kind := range slices.Sorted(maps.Keys(r.load.counts)) {
		fmt.Fprintf(&b, "| %s | %s |\n", kind, thousands(r.load.counts[kind]))
	}
	fmt.Fprintf(&b, "| failed while the upstream was restarted | %s |\n| failed otherwise, mixed up, cut, or sent twice | %d |\n", thousands(r.load.excused), len(r.load.faults))
	b.WriteString("\n| | memory | descriptors | goroutines |\n|---|---:|---:|---:|\n")
	row := func(name string, s sample) {
		fmt.Fprintf(&b, "| %s | %.1f MiB | %d | %d |\n", name, float64(s.memory)/(1<<20), s.files, s.goroutines)
	}
	row("at rest before", r.before)
	for i, q := range r.quarters() {
		row([...]string{"first", "second", "third", "last"}[i]+" quarter of the load, middle", q)
	}
	row("at rest afterwards", r.after)
	return b.String()
}

// thousands writes n with commas.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

const begin, end = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"

// replaceFigures writes text between the marks of reliability.md.
func replaceFigures(folder, text string) error {
	name := filepath.Join(folder, "reliability.md")
	page, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	before, rest, ok1 := strings.Cut(string(page), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		return fmt.Errorf("%s has no marks for the figures", name)
	}
	return os.WriteFile(name, []byte(before+begin+text+end+after), 0o644)
}
