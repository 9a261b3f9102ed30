package memo_test

import (
	"sync"
	"testing"

	"github.com/corsproxy/corsproxy/internal/memo"
)

// TestTable fills a table several times over, from several goroutines: what it
// returns is what was put there, and there are never more than it may hold.
func TestTable(t *testing.T) {
	t.Parallel()
	const n, bound = 2000, 256
	var table memo.Table[int, int]
	if _, ok := table.Get(1); ok {
		t.Error("an empty table remembers something")
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range n {
				k := i*4 + g
				table.Put(k, -k)
				if v, ok := table.Get(k); ok && v != -k {
					t.Errorf("%d is %d", k, v)
				}
			}
		})
	}
	wg.Wait()
	table.Put(-1, 1)
	if v, ok := table.Get(-1); !ok || v != 1 {
		t.Error("the last value is forgotten")
	}
	held := 0
	for k := range 4 * n {
		if _, ok := table.Get(k); ok {
			held++
		}
	}
	if held > bound {
		t.Errorf("%d values are held", held)
	}
}
