package proxy

import (
	"net/http"
	"sync/atomic"
	"time"
)

// A clock words the time once a second.
type clock struct{ now atomic.Pointer[dated] }

type dated struct {
	second int64
	date   []string
}

// date returns the values of a Date field (RFC 9110, section 6.6.1). They are
// shared, and must not be changed.
func (c *clock) date() []string {
	t := time.Now()
	if d := c.now.Load(); d != nil && d.second == t.Unix() {
		return d.date
	}
	d := &dated{t.Unix(), []string{t.UTC().Format(http.TimeFormat)}}
	c.now.Store(d)
	return d.date
}
