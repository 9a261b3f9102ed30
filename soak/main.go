// Soak runs corsproxy at full load for a while, with an upstream that is
// restarted and a configuration that is rewritten meanwhile, and looks whether
// it loses, mixes up or leaks anything:
//
//	go run ./soak -duration 30m -out docs
//
// It exits with 1 if it does. It needs /proc, and so Linux.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	duration := flag.Duration("duration", 30*time.Minute, "how long the load lasts")
	clients := flag.Int("clients", 32, "how many clients ask at a time")
	out := flag.String("out", "", "folder of reliability.md, whose figures are replaced")
	flag.Parse()
	r, err := soak(*duration, *clients)
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
	text := r.markdown()
	fmt.Print(text)
	if *out != "" {
		if err := replaceFigures(*out, text); err != nil {
			fmt.Fprintln(os.Stderr, "soak:", err)
			os.Exit(1)
		}
	}
	if faults := r.faults(); len(faults) > 0 {
		for _, f := range faults {
			fmt.Fprintln(os.Stderr, "soak: FAULT:", f)
		}
		os.Exit(1)
	}
}

// soak runs everything and returns what was seen.
func soak(duration time.Duration, clients int) (*report, error) {
	u, err := newUpstream()
	if err != nil {
		return nil, err
	}
	defer u.stop()
	p, err := startProcess(u.address)
	if err != nil {
		return nil, err
	}
	defer p.kill()
	l := newLoad(p.url, u)

	// What it holds once and for all, it holds after this.
	warm := min(duration/10, 30*time.Second)
	l.run(clients, warm, nil)
	r := &report{duration: duration, clients: clients, load: l}
	if r.before, err = atRest(p, u); err != nil {
		return nil, err
	}
	l.reset()
	stop := make(chan struct{})
	disturbed := make(chan error, 1)
	go func() { disturbed <- disturb(stop, p, u, l, r) }()
	l.run(clients, duration, func() error {
		s, err := p.sample()
		if err == nil {
			r.samples = append(r.samples, s)
		}
		return err
	})
	close(stop)
	if err := <-disturbed; err != nil {
		return nil, err
	}
	if r.after, err = atRest(p, u); err != nil {
		return nil, err
	}
	r.logLines = p.lines.Load()
	return r, p.end()
}

// atRest returns what corsproxy holds without load, and without the connections to the
// upstream that it keeps for the next: how many these are is chance.
func atRest(p *process, u *upstream) (sample, error) {
	if err := u.restart(); err != nil {
		return sample{}, err
	}
	if err := p.quiet(); err != nil {
		return sample{}, err
	}
	return p.sample()
}

// disturb restarts the upstream and rewrites configuration and template until
// stop is closed.
func disturb(stop <-chan struct{}, p *process, u *upstream, l *load, r *report) error {
	rewrite, restart := time.NewTicker(500*time.Millisecond), time.NewTicker(5*time.Second)
	defer rewrite.Stop()
	defer restart.Stop()
	for {
		select {
		case <-stop:
			return p.configure(0)
		case <-rewrite.C:
			r.rewrites++
			if err := p.configure(r.rewrites); err != nil {
				return err
			}
		case <-restart.C:
			r.restarts++
			l.excuse(true)
			if err := u.restart(); err != nil {
				return err
			}
			l.excuse(false)
		}
	}
}
