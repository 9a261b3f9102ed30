package tree

import (
	"slices"
	"strings"
)

// PlaceAs gives a document the places that its values have in the one that a
// program has made it of, as far as they are the same there. What is not there, or
// is something else, keeps its place: so do maps of another Type, which are other
// things of the same name. Of the keys for which rewritten holds the program has
// changed the value, and the place is the source's all the same.
func (v *Value) PlaceAs(source *Value, rewritten func(key string) bool) {
	placer{rewritten, make(map[*Value]bool)}.place(v, source, false)
}

type placer struct {
	rewritten func(key string) bool
	placed    map[*Value]bool // what was looked at, once, since values may be shared
}

// place reports whether the value is that of the source.
func (p placer) place(v, source *Value, changed bool) bool {
	if v == nil || source == nil {
		return false
	}
	if same, ok := p.placed[v]; ok {
		return same
	}
	p.placed[v] = changed || isSame(v, source)
	if !p.placed[v] {
		return false
	}
	v.pos = source.pos
	if len(v.items) == len(source.items) {
		for i, item := range v.items {
			p.place(item, source.items[i], false)
		}
	}
	if !v.Is(Map) || !source.Is(Map) {
		return true
	}
	for _, e := range v.dict.entries {
		if i := source.dict.find(e.Key.identity()); i >= 0 {
			if from := source.dict.entries[i]; p.place(e.Value, from.Value, p.rewritten(e.Name())) {
				e.Key.pos = from.Key.pos
			}
		}
	}
	return true
}

// routing are the properties of events and resources that say which route they are.
var routing = [...]string{"Path", "Method", "RouteKey", "PathPart", "HttpMethod"}

// isSame reports whether two values are the same thing, which maps of one Type
// are, whatever else they hold, as long as they are not of another route.
func isSame(a, b *Value) bool {
	switch {
	case a.Kind() != b.Kind():
		return false
	case a.Is(Map):
		kind, other := a.Get("Type"), b.Get("Type")
		of, another := a.Get("Properties"), b.Get("Properties")
		return !kind.Is(String) || !other.Is(String) || kind.text == other.text && !slices.ContainsFunc(routing[:], func(key string) bool {
			here, there := of.Get(key), another.Get(key)
			return here.Is(String) && there.Is(String) && !strings.EqualFold(here.text, there.text)
		})
	case a.Is(List):
		return slices.EqualFunc(a.items, b.items, func(a, b *Value) bool {
			return a.Kind() == b.Kind() && (a.Is(List, Map) || a.Text() == b.Text())
		})
	}
	return a.Text() == b.Text()
}
