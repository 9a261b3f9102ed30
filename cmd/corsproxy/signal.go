package main

import (
	"os"
	"syscall"
	"time"
)

// askedToEnd is the signal that has asked corsproxy to end, and when.
type askedToEnd struct {
	signal os.Signal
	at     time.Time
}

// again reports whether a signal is but the first once more, and no second
// one: timeout(1) and some shells signal a process and then its group. Nobody
// can have read meanwhile what a second one does.
func (a askedToEnd) again(signal os.Signal) bool {
	return signal == a.signal && time.Since(a.at) < drainNotice
}

// signalCode is the exit code of a program that a signal has ended.
func signalCode(s os.Signal) int {
	if number, ok := s.(syscall.Signal); ok {
		return 128 + int(number)
	}
	return 128
}
