//go:build unix

package main

import "syscall"

// maxSockets is for how many WebSockets a proxy has descriptors, two for each.
// The Go runtime has raised the limit to the highest that is allowed.
func maxSockets() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	return int(min(limit.Max/2, 1<<20)) * 95 / 100
}
