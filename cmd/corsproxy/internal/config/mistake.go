package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Place is where a value was given.
type Place struct {
	Layer  Layer
	Name   string // the file, the variable or the flag; empty for a default
	Line   int    // in a file, from 1; 0 where it is not known
	Column int    // in characters, from 1; 0 where it is not known
}

// A Layer is one of the sources of values. A greater one overrides a lesser.
type Layer uint8

// The layers, from the weakest to the strongest.
const (
	FromDefault Layer = iota
	FromFile
	FromEnv
	FromFlag
)

// String returns "corsproxy.yaml:4:12", "CORSPROXY_LISTEN", "--listen" or
// "default".
func (p Place) String() string {
	switch {
	case p.Layer == FromDefault:
		return "default"
	case p.Layer == FromFlag:
		return "--" + p.Name
	case p.Line == 0:
		return p.Name
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.Name, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.Name, p.Line, p.Column)
}

// A Mistake is one thing that is wrong in the configuration.
type Mistake struct {
	Place Place
	Key   string // "routes[0].cors.max_age"; empty if it is not about one key
	Text  string // what is wrong, with the value quoted, and what would be right
}

// Error returns the mistake on one line: its place, its key, its text. A flag
// or a variable names its key already.
func (m Mistake) Error() string {
	if m.Key == "" || m.Place.Layer != FromFile {
		return m.Place.String() + ": " + m.Text
	}
	return m.Place.String() + ": " + m.Key + ": " + m.Text
}

// Mistakes are all the mistakes of a configuration: those in the file first,
// from top to bottom, then those in the environment, then those in flags.
type Mistakes []Mistake

// Error returns one line for each mistake.
func (ms Mistakes) Error() string {
	lines := make([]string, len(ms))
	for i, m := range ms {
		lines[i] = m.Error()
	}
	return strings.Join(lines, "\n")
}

// orNil returns the mistakes in order as an error, or nil if there are none.
func (ms Mistakes) orNil() error {
	if len(ms) == 0 {
		return nil
	}
	slices.SortStableFunc(ms, func(a, b Mistake) int {
		return cmp.Or(
			cmp.Compare(a.Place.Layer, b.Place.Layer),
			cmp.Compare(a.Place.Line, b.Place.Line),
			cmp.Compare(a.Place.Column, b.Place.Column),
		)
	})
	return ms
}

// places remembers where each value was given, by key. Keys of list items,
// such as "cors.allow_origins[1]", have places of their own in a file.
type places map[string]Place

// of returns the place of key, or of the nearest thing around it that has one.
func (ps places) of(key string) Place {
	for key != "" {
		if p, ok := ps[key]; ok {
			return p
		}
		key = key[:max(strings.LastIndexAny(key, ".["), 0)]
	}
	return Place{}
}

// set takes over the places that a stronger layer knows of key.
func (ps places) set(key string, from places) {
	for k := range ps {
		if k == key || strings.HasPrefix(k, key+"[") {
			delete(ps, k)
		}
	}
	for k, p := range from {
		if k == key || strings.HasPrefix(k, key+"[") {
			ps[k] = p
		}
	}
}
