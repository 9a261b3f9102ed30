package main

import (
	"os"
	"os/signal"
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

// A tie is what ties corsproxy to the terminal on which it was started: it ends
// with that, wherever its output leads.
type tie struct {
	terminals  []*os.File // of standard input, output and error
	controlled bool       // it has a controlling terminal
}

// newTie looks at the terminal. It is called before signals are caught: who has
// SIGHUP ignored, as nohup does, means corsproxy to live on.
func newTie(w world) tie {
	var t tie
	if signal.Ignored(syscall.SIGHUP) {
		return t
	}
	for _, stream := range []any{w.stdin, w.stdout, w.stderr} {
		if f, ok := stream.(*os.File); ok && isTerminal(f) {
			t.terminals = append(t.terminals, f)
		}
	}
	t.controlled = hasTerminal()
	return t
}

// cut reports whether the terminal is gone.
func (t tie) cut() bool {
	for _, f := range t.terminals {
		if !isTerminal(f) {
			return true
		}
	}
	return t.controlled && !hasTerminal()
}

// hasTerminal reports whether a terminal controls corsproxy (tty(4)).
func hasTerminal() bool {
	f, err := os.Open("/dev/tty")
	if err == nil {
		_ = f.Close()
	}
	return err == nil
}
