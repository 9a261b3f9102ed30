package http1

import (
	"sync/atomic"
	"time"
)

// An overdue looks after something that takes long, now and then.
type overdue struct {
	timer *time.Timer
	busy  atomic.Bool
}

// newOverdue returns one that calls look while something is under way, until that
// is done. The first call comes after leftInterval, from another goroutine.
func newOverdue(look func() (done bool)) *overdue {
	o := new(overdue)
	o.timer = time.AfterFunc(time.Hour, func() {
		if o.busy.Load() && !look() {
			o.timer.Reset(leftInterval)
		}
	})
	o.timer.Stop()
	return o
}

func (o *overdue) begin() {
	o.busy.Store(true)
	o.timer.Reset(leftInterval)
}

func (o *overdue) end() {
	o.busy.Store(false)
	o.timer.Stop()
}
