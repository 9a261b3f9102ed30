//go:build !unix

package main

// maxSockets is for how many WebSockets a proxy has descriptors.
func maxSockets() int { return 1 << 20 }
