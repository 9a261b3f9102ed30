// Command bench measures corsproxy beside other proxies, in front of the same
// upstream and under the same load, and writes the tables and charts of
// docs/performance.md:
//
//	make bench          # installs the others and runs everything, about 15 minutes
//	go run ./bench      # with those that are installed
//
// Every figure is given beside nginx's and a tuned httputil.ReverseProxy's of
// the same round. A machine that does other work makes figures worse and
// leaves ratios alone, mostly.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if len(os.Args) > 1 && os.Args[1] == "upstream" {
		err = runUpstream(ctx, os.Args[2:])
	} else {
		err = run(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the flags of a measurement.
type options struct {
	only     string
	duration time.Duration
	rounds   int
	idle     int
	out      string
}

func run(ctx context.Context) error {
	var o options
	flag.StringVar(&o.only, "only", "", "measure these `NAMES` alone, with commas between them")
	flag.DurationVar(&o.duration, "duration", 3*time.Second, "how long each load lasts")
	flag.IntVar(&o.rounds, "rounds", 3, "how often each load is repeated; the median counts")
	flag.IntVar(&o.idle, "idle", 10_000, "how many idle connections memory is measured with")
	flag.StringVar(&o.out, "out", "", "`FOLDER` to write performance.md and its charts to (default standard output)")
	flag.Parse()
	if flag.NArg() > 0 {
		return fmt.Errorf("%q is no flag", flag.Arg(0))
	}
	work, err := os.MkdirTemp("", "corsproxy-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	field, err := newField(ctx, work, o)
	if err != nil {
		return err
	}
	defer field.close()
	report := newReport(field, o)
	if err := field.measure(ctx, report); err != nil {
		return err
	}
	return report.write(o.out)
}

// measure runs every load against every contestant, round by round, so that
// what else the machine does meets all of them.
func (f *field) measure(ctx context.Context, r *report) error {
	for _, c := range f.contestants {
		if err := f.rest(ctx, c, r); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	for _, l := range loads() {
		for round := range f.options.rounds {
			for _, c := range f.contestants {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				result, err := f.load(ctx, c, l)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", c.name, l.name(), err)
				}
				r.add(c, l, result)
				fmt.Fprintf(os.Stderr, "%-22s %d/%d %-14s %8.0f/s  %6.1f µs CPU  p99 %v  %d errors\n",
					l.name(), round+1, f.options.rounds, c.name, result.perSecond(), result.cpuPerRequest(), result.quantile(0.99), result.errors)
			}
		}
	}
	return nil
}

// names returns the contestants that were asked for.
func (o options) names() []string {
	if o.only == "" {
		return nil
	}
	return strings.Split(o.only, ",")
}

func (o options) wants(name string) bool {
	names := o.names()
	return len(names) == 0 || slices.Contains(names, name)
}
