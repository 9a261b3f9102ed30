package main

import (
	"context"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// newBallast returns memory that is never touched, and so never becomes real.
// A proxy keeps next to nothing alive, so the collector would run for every
// few megabytes of garbage, hundreds of times a second under load. It starts
// when the heap has doubled, and the ballast counts as heap: with it some
// thirty megabytes gather first. With many connections it makes no difference
// any more, which a higher GOGC would.
func newBallast() []byte { return make([]byte, 32<<20) }

// quiet is how long nothing may happen before memory is given back.
const quiet = 2 * time.Second

// giveBack gives memory back to the system whenever it has become quiet after
// exchanges, which served counts: a tool that runs all day on a laptop should
// not hold what a busy minute needed.
func giveBack(ctx context.Context, served *atomic.Int64) {
	tick := time.NewTicker(quiet)
	defer tick.Stop()
	var before, clean int64
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		n := served.Load()
		if n == before && n != clean {
			runtime.GC() // pools let go of what two collections have not seen used
			debug.FreeOSMemory()
			clean = n
		}
		before = n
	}
}
