package main

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// What notes remember does not grow with what clients send. The test is not
// parallel, since it looks at the memory of all.
func TestNotesRememberLittle(t *testing.T) {
	heap := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	var n notes
	key := func(i int) [2]string {
		return [2]string{"http://localhost", fmt.Sprint(i) + strings.Repeat("x", 50_000)}
	}
	before := heap()
	for i := range maxNotes {
		if !n.first(key(i)) || n.first(key(i)) {
			t.Fatalf("%d is not new once", i)
		}
	}
	if got := heap() - before; got > 5<<20 {
		t.Errorf("%d notes take %d bytes", maxNotes, got)
	}
	if n.first(key(0)) {
		t.Error("the first is new again while there is room")
	}
	runtime.KeepAlive(&n)
}
