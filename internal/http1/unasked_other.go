//go:build !linux

package http1

// isUnacknowledged is false: the system does not tell.
func isUnacknowledged(uintptr) bool { return false }
