// Package tree reads CloudFormation templates and OpenAPI documents into
// ordered trees of values that know where in which file they stand.
//
// A document becomes what SAM CLI, a Python program, makes of it: JSON if it
// is JSON, else YAML 1.1, in which "yes" and "on" are booleans (as keys, too),
// 010 is eight and the last of two equal keys counts. CloudFormation's short
// tags become their long forms: !Sub x is {"Fn::Sub": x}.
package tree

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Kind tells values apart.
type Kind uint8

// The kinds of a Value. Absent is that of a nil *Value.
const (
	Absent Kind = iota
	Null
	Bool
	Int
	Float
	String
	List
	Map
)

var kindNames = [...]string{"nothing", "null", "a boolean", "an integer", "a number", "a string", "a list", "a map"}

// String returns a noun phrase: "a list".
func (k Kind) String() string { return kindNames[k] }

// A Pos is a place in a file. Line and Column count from 1; they are 0 where
// the place is not known.
type Pos struct {
	File         string
	Line, Column int
}

// String returns "template.yaml:12:5".
func (p Pos) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// A Value is a node of a document. A nil *Value is a value that is absent;
// all methods but Set may be called on it. Values may be shared: YAML aliases
// point to one Value.
type Value struct {
	kind  Kind
	pos   Pos
	text  string // of a String; of a Float as Python prints it
	num   int64  // of a Bool, 0 or 1; of an Int
	items []*Value
	dict  *dict
	guess bool
}

// NewNull returns a null.
func NewNull(pos Pos) *Value { return &Value{kind: Null, pos: pos} }

// NewBool returns a boolean.
func NewBool(pos Pos, b bool) *Value {
	v := &Value{kind: Bool, pos: pos}
	if b {
		v.num = 1
	}
	return v
}

// NewString returns a string.
func NewString(pos Pos, s string) *Value { return &Value{kind: String, pos: pos, text: s} }

// NewList returns a list of items.
func NewList(pos Pos, items ...*Value) *Value { return &Value{kind: List, pos: pos, items: items} }

// NewMap returns an empty map.
func NewMap(pos Pos) *Value { return &Value{kind: Map, pos: pos, dict: new(dict)} }

// NewIntrinsic returns a map of one key: {"Ref": value}.
func NewIntrinsic(pos Pos, name string, value *Value) *Value {
	v := NewMap(pos)
	v.Set(name, value)
	return v
}

// AsGuess returns the value marked as one that stands in for what only AWS
// knows.
func (v *Value) AsGuess() *Value {
	if v == nil || v.guess {
		return v
	}
	guess := *v
	guess.guess = true
	return &guess
}

// IsGuess reports whether the value, or an item of it, stands in for what only
// AWS knows: it was marked so, or is a text with a dynamic reference such as
// {{resolve:ssm:/name}}, which CloudFormation replaces when it deploys.
func (v *Value) IsGuess() bool {
	if v == nil {
		return false
	}
	return v.guess || v.kind == String && strings.Contains(v.text, "{{resolve:") || slices.ContainsFunc(v.items, (*Value).IsGuess)
}

// Kind returns the value's kind.
func (v *Value) Kind() Kind {
	if v == nil {
		return Absent
	}
	return v.kind
}

// Is reports whether the value is of one of the kinds.
func (v *Value) Is(kinds ...Kind) bool { return slices.Contains(kinds, v.Kind()) }

// Pos returns the place of the value, or the zero Pos for nil.
func (v *Value) Pos() Pos {
	if v == nil {
		return Pos{}
	}
	return v.pos
}

// Str returns the string, or "" and false if the value is none.
func (v *Value) Str() (string, bool) {
	if v.Kind() != String {
		return "", false
	}
	return v.text, true
}

// EqualsString reports whether the value is the string s.
func (v *Value) EqualsString(s string) bool { return v.Kind() == String && v.text == s }

// Int returns the integer, or 0 and false if the value is none. Like in
// Python, booleans are integers.
func (v *Value) Int() (int64, bool) {
	if !v.Is(Int, Bool) {
		return 0, false
	}
	return v.num, true
}

// IsTrue reports whether the value is the boolean true.
func (v *Value) IsTrue() bool { return v.Kind() == Bool && v.num == 1 }

// Items returns the items of a list, or nil if the value is none.
func (v *Value) Items() []*Value {
	if v == nil {
		return nil
	}
	return v.items
}

// Truthy reports whether Python takes the value for true: it is neither
// absent, null, false, zero nor empty.
func (v *Value) Truthy() bool {
	switch v.Kind() {
	case Bool, Int:
		return v.num != 0
	case Float:
		return strings.Trim(v.text, "-0.") != ""
	case String:
		return v.text != ""
	case List:
		return len(v.items) > 0
	case Map:
		return len(v.dict.entries) > 0
	default:
		return false
	}
}

// An Entry is a key of a map with its value. Keys are scalars, in YAML not
// always strings.
type Entry struct{ Key, Value *Value }

// Name returns the key if it is a string, else "".
func (e Entry) Name() string {
	s, _ := e.Key.Str()
	return s
}

// Entries returns the entries of a map in order, or nil if the value is none.
// The caller must not change the slice.
func (v *Value) Entries() []Entry {
	if v.Kind() != Map {
		return nil
	}
	return v.dict.entries
}

// Len returns the number of entries of a map or items of a list.
func (v *Value) Len() int { return max(len(v.Items()), len(v.Entries())) }

// Get returns what a map holds under a string key. It returns nil for what is
// absent and for what is no map, so that calls can be chained.
func (v *Value) Get(key string) *Value {
	e, _ := v.Entry(key)
	return e.Value
}

// Has reports whether a map has a string key, if only with a null.
func (v *Value) Has(key string) bool {
	_, ok := v.Entry(key)
	return ok
}

// Entry returns a map's entry of a string key.
func (v *Value) Entry(key string) (Entry, bool) {
	if v.Kind() != Map {
		return Entry{}, false
	}
	if i := v.dict.find(key); i >= 0 {
		return v.dict.entries[i], true
	}
	return Entry{}, false
}

// Set sets a string key of a map. A new key goes to the end and has the
// place of its value.
func (v *Value) Set(key string, value *Value) { v.SetEntry(NewString(value.Pos(), key), value) }

// SetEntry is Set for keys of any kind.
func (v *Value) SetEntry(key, value *Value) { v.dict.set(key, value) }

// Delete removes a string key from a map.
func (v *Value) Delete(key string) {
	if v.Kind() == Map {
		v.dict.delete(key)
	}
}

// dict keeps entries in order. Small ones are searched through, large ones
// have an index.
type dict struct {
	entries []Entry
	index   map[string]int // by identity; nil while there are few entries
	passed  []Repeat
}

const indexed = 12

func (d *dict) find(id string) int {
	if d.index != nil {
		if i, ok := d.index[id]; ok {
			return i
		}
		return -1
	}
	for i, e := range d.entries {
		if e.Key.identity() == id {
			return i
		}
	}
	return -1
}

func (d *dict) set(key, value *Value) {
	id := key.identity()
	if i := d.find(id); i >= 0 {
		d.entries[i].Value = value
		return
	}
	d.entries = append(d.entries, Entry{key, value})
	switch {
	case d.index != nil:
		d.index[id] = len(d.entries) - 1
	case len(d.entries) > indexed:
		d.reindex()
	}
}

func (d *dict) delete(id string) {
	i := d.find(id)
	if i < 0 {
		return
	}
	d.entries = slices.Delete(d.entries, i, i+1)
	if d.index != nil {
		d.reindex()
	}
}

func (d *dict) reindex() {
	d.index = make(map[string]int, 2*len(d.entries))
	for i, e := range d.entries {
		d.index[e.Key.identity()] = i
	}
}

// identity returns what tells keys apart. To Python 1, 1.0 and true are one
// key.
func (v *Value) identity() string {
	switch v.kind {
	case String:
		return v.text
	case Bool:
		return "\x00" + strconv.FormatInt(v.num, 10)
	case Int:
		return "\x00" + v.Text()
	case Float:
		return "\x00" + strings.TrimSuffix(v.text, ".0")
	default:
		return "\x00none"
	}
}

// Append adds items to a list.
func (v *Value) Append(items ...*Value) { v.items = append(v.items, items...) }
