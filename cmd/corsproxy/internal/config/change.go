package config

import "reflect"

// A Change is a setting that two configurations differ in.
type Change struct {
	Key Key
	Old any
	New any
}

// Changes returns what differs between l and a later configuration, in the
// order of the schema. Sections such as routes count as one setting.
func (l *Loaded) Changes(next *Loaded) []Change {
	return changes(Keys(), reflect.ValueOf(l.Config), reflect.ValueOf(next.Config))
}

func changes(keys []Key, old, next reflect.Value) []Change {
	var out []Change
	for i, k := range keys {
		o, n := old.Field(i), next.Field(i)
		switch {
		case k.Kind == Section:
			out = append(out, changes(k.Keys, o, n)...)
		case !reflect.DeepEqual(o.Interface(), n.Interface()):
			out = append(out, Change{Key: k, Old: o.Interface(), New: n.Interface()})
		}
	}
	return out
}
