package tree

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// NewInt returns an integer.
func NewInt(pos Pos, n int64) *Value { return &Value{kind: Int, pos: pos, num: n} }

// NewFloat returns a number.
func NewFloat(pos Pos, f float64) *Value {
	return &Value{kind: Float, pos: pos, text: pythonFloat(f)}
}

// newBigInt returns an integer of any size. One beyond 64 bits keeps its
// digits but has no number; nothing in a template counts that far.
func newBigInt(pos Pos, n *big.Int) *Value {
	v := &Value{kind: Int, pos: pos, num: math.MaxInt64, text: n.String()}
	if n.IsInt64() {
		v.num, v.text = n.Int64(), ""
	}
	return v
}

// pythonFloat formats as Python's repr does: the shortest digits that read
// back the same, with an exponent only for very large and very small ones.
func pythonFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// Text returns what Python's str makes of the value: True, None, 1.0,
// ['a', 'b'].
func (v *Value) Text() string {
	if s, ok := v.Str(); ok {
		return s
	}
	var b strings.Builder
	v.repr(&b)
	return b.String()
}

// maxText bounds the text of a value. Aliases can make a small document a
// large text.
const maxText = 1 << 16

func (v *Value) repr(b *strings.Builder) {
	if b.Len() > maxText {
		return
	}
	switch v.Kind() {
	case Absent, Null:
		b.WriteString("None")
	case Bool:
		if v.num == 1 {
			b.WriteString("True")
		} else {
			b.WriteString("False")
		}
	case Int:
		if v.text != "" {
			b.WriteString(v.text)
		} else {
			b.WriteString(strconv.FormatInt(v.num, 10))
		}
	case Float:
		b.WriteString(v.text)
	case String:
		b.WriteString(pythonQuote(v.text))
	case List:
		b.WriteByte('[')
		for i, item := range v.items {
			if i > 0 {
				b.WriteString(", ")
			}
			item.repr(b)
		}
		b.WriteByte(']')
	case Map:
		b.WriteByte('{')
		for i, e := range v.dict.entries {
			if i > 0 {
				b.WriteString(", ")
			}
			e.Key.repr(b)
			b.WriteString(": ")
			e.Value.repr(b)
		}
		b.WriteByte('}')
	}
}

func pythonQuote(s string) string {
	quote := "'"
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = `"`
	}
	r := strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`, quote, `\`+quote)
	return quote + r.Replace(s) + quote
}

// Equal reports whether Python finds the values equal: numbers by value,
// booleans are numbers, maps in any order. Values deeper than documents can
// be are unequal.
func Equal(a, b *Value) bool {
	budget := 1 << 16
	return equal(a, b, &budget)
}

func equal(a, b *Value, budget *int) bool {
	if *budget--; *budget < 0 {
		return false
	}
	if a == b {
		return true
	}
	if a.number() && b.number() {
		return a.identity() == b.identity()
	}
	if a.Kind() != b.Kind() || a.Len() != b.Len() {
		return false
	}
	switch a.Kind() {
	case String:
		return a.text == b.text
	case List:
		for i := range a.items {
			if !equal(a.items[i], b.items[i], budget) {
				return false
			}
		}
	case Map:
		for _, e := range a.dict.entries {
			i := b.dict.find(e.Key.identity())
			if i < 0 || !equal(e.Value, b.dict.entries[i].Value, budget) {
				return false
			}
		}
	}
	return true
}

func (v *Value) number() bool { return v.Is(Bool, Int, Float) }
