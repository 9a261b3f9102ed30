// Package memo remembers what was thought about once, within a bound.
package memo

import "sync"

// A Table remembers values by key. When it is full it forgets all of them: who
// floods it loses time, and others lose it once. The zero Table holds nothing;
// any number of goroutines may use one.
//
// What is remembered stays in memory, keys too: a part of a long text should be
// copied before.
type Table[K comparable, V any] struct {
	mu     sync.RWMutex
	values map[K]V
}

// most is how many values a Table holds.
const most = 256

// Get returns what is remembered by k.
func (t *Table[K, V]) Get(k K) (V, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	v, ok := t.values[k]
	return v, ok
}

// Put remembers v by k.
func (t *Table[K, V]) Put(k K, v V) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.values) >= most || t.values == nil {
		t.values = make(map[K]V)
	}
	t.values[k] = v
}
