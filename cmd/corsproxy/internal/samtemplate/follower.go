package samtemplate

import (
	"context"
	"maps"
	"time"
)

// DefaultPoll is how often the files are looked at. That costs a few calls of
// stat, works on every file system, and is soon enough: SAM local has to be
// started again, too, before a changed template counts.
const DefaultPoll = 250 * time.Millisecond

// A Follower reads a template again whenever a file that it depends on
// changes, comes or goes. Its fields must not change while it runs.
type Follower struct {
	// Chosen brings another choice of what to read.
	Chosen <-chan Choice
	// Report is called with each new reading, one call at a time.
	Report func(Reading)
	// Poll is how often the files are looked at; 0 is DefaultPoll.
	Poll time.Duration
}

// Run follows the template until ctx ends, beginning from the reading that the
// caller knows already.
func (f *Follower) Run(ctx context.Context, r Reading) {
	poll := f.Poll
	if poll == 0 {
		poll = DefaultPoll
	}
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	before := r.seen
	for {
		select {
		case <-ctx.Done():
			return
		case choice := <-f.Chosen:
			r.Choice = choice
			r.seen = nil // of another template
		case <-ticker.C:
			looked, now := time.Now(), r.seen.again()
			settled := maps.Equal(now, before)
			before = now
			if maps.Equal(now, r.seen) {
				r.looked = looked
				continue
			}
			if !settled {
				continue // it is being written
			}
		}
		r = Read(r.Choice, r)
		before = r.seen
		f.Report(r)
	}
}
