package config

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Kind is how the text of a setting is read.
type Kind uint8

// The kinds of settings.
const (
	Text     Kind = iota // any text
	Choice               // one of Key.Enum
	List                 // texts; separated by commas in a flag or the environment
	Texts                // texts with any commas in them, one for each flag or variable
	Bool                 // true or false
	Int                  // a whole number
	Duration             // a number with a unit, as time.ParseDuration reads it
	Listen               // an address to listen on
	Upstream             // an address or a URL to forward to
	Pattern              // a path pattern
	Section              // holds the settings in Key.Keys
	Sections             // a list, each item of which holds the settings in Key.Keys
)

// Key describes one setting or one section of settings.
type Key struct {
	Path string // "cors.allow_origins"; within an item of Sections relative to the item
	Name string // the last part of Path
	Flag string // "allow-origin"; empty where there is no flag
	Unit string // what stands for a value in help texts: "ORIGIN"
	Kind Kind
	Enum []string // the values of a Choice
	Min  int      // the least value of an Int
	Max  int      // the greatest value of an Int
	Help string
	// Restart says that a running program cannot apply a change.
	Restart bool
	// Default is a string, []string, bool, int or time.Duration; nil for
	// sections and for settings of their items.
	Default any
	Keys    []Key // the settings of a Section, or of each item of Sections
}

// Env returns the environment variable that sets the key, or "" for a key
// that only a file can set. The rule: CORSPROXY_, and the key in upper case
// with "_" for ".".
func (k Key) Env() string {
	if k.Kind == Section || k.Kind == Sections {
		return ""
	}
	return envPrefix + strings.ToUpper(strings.ReplaceAll(k.Path, ".", "_"))
}

// Keys returns the schema: the settings and sections of [Config] in order.
func Keys() []Key {
	d := reflect.ValueOf(Default())
	return keysOf(d.Type(), d, "")
}

// Leaves returns the settings that can be given by flag or environment, in
// the order of the schema.
func Leaves() []Key { return leaves(Keys()) }

func leaves(keys []Key) []Key {
	var out []Key
	for _, k := range keys {
		switch k.Kind {
		case Section:
			out = append(out, leaves(k.Keys)...)
		case Sections:
		default:
			out = append(out, k)
		}
	}
	return out
}

// keysOf describes the fields of the struct t below prefix. Where def is
// valid, it holds the defaults.
func keysOf(t reflect.Type, def reflect.Value, prefix string) []Key {
	keys := make([]Key, t.NumField())
	for i := range keys {
		f := t.Field(i)
		var d reflect.Value
		if def.IsValid() {
			d = def.Field(i)
		}
		keys[i] = keyOf(f, d, prefix)
	}
	return keys
}

func keyOf(f reflect.StructField, def reflect.Value, prefix string) Key {
	k := Key{
		Name:    f.Tag.Get("mapstructure"),
		Flag:    f.Tag.Get("flag"),
		Unit:    f.Tag.Get("unit"),
		Help:    f.Tag.Get("help"),
		Restart: f.Tag.Get("restart") == "true",
	}
	k.Path = prefix + k.Name
	if enum := f.Tag.Get("enum"); enum != "" {
		k.Enum = strings.Split(enum, "|")
	}
	if between := f.Tag.Get("between"); between != "" {
		if _, err := fmt.Sscanf(between, "%d-%d", &k.Min, &k.Max); err != nil {
			panic(fmt.Sprintf("config: field %s has bounds that are not two numbers: %s", f.Name, between))
		}
	}
	k.Kind = kindOf(f)
	switch k.Kind {
	case Section:
		k.Keys = keysOf(f.Type, def, k.Path+".")
	case Sections:
		k.Keys = keysOf(f.Type.Elem(), reflect.Value{}, "")
	default:
		if def.IsValid() {
			k.Default = def.Interface()
		}
	}
	return k
}

func kindOf(f reflect.StructField) Kind {
	switch f.Tag.Get("kind") {
	case "listen":
		return Listen
	case "upstream":
		return Upstream
	case "pattern":
		return Pattern
	case "texts":
		return Texts
	}
	if f.Tag.Get("enum") != "" {
		return Choice
	}
	switch t := f.Type; {
	case t == reflect.TypeFor[time.Duration]():
		return Duration
	case t.Kind() == reflect.String:
		return Text
	case t.Kind() == reflect.Bool:
		return Bool
	case t.Kind() == reflect.Int:
		return Int
	case t.Kind() == reflect.Struct:
		return Section
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		return Sections
	case t == reflect.TypeFor[[]string]():
		return List
	}
	panic(fmt.Sprintf("config: field %s has a type that no setting can have: %s", f.Name, f.Type))
}
