//go:build !linux

package redact_test

import "time"

var start = time.Now()

// clock returns a time that goes on while others are at work.
func clock() time.Duration { return time.Since(start) }
