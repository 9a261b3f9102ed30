package tree

import (
	"math/big"
	"regexp"
	"strings"
	"unicode"
)

// ParseSettings reads YAML as SAM CLI reads settings such as samconfig.yaml: by
// version 1.2, in which yes is a string and 010 is ten. The name goes into
// positions. An empty document is a null. The error is an *Error.
func ParseSettings(name string, data []byte) (*Value, error) {
	return parse(name, data, settingsScalar)
}

// The forms of plain numbers in YAML 1.2, as ruamel.yaml reads them.
var (
	settingsInt   = regexp.MustCompile(`^[-+]?(?:0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9_]+)$`)
	settingsFloat = regexp.MustCompile(`^(?:[-+]?[0-9][0-9_]*(?:\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)` +
		`|[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$`)
)

// settingsScalar returns the value of a scalar that has neither quotes nor tag.
func settingsScalar(pos Pos, s string) *Value {
	switch s {
	case "", "~", "null", "Null", "NULL":
		return NewNull(pos)
	case "true", "True", "TRUE", "false", "False", "FALSE":
		return NewBool(pos, strings.EqualFold(s, "true"))
	}
	if len(s) > maxDigits {
		return NewString(pos, s)
	}
	if settingsInt.MatchString(s) {
		sign, digits := cutSign(strings.ReplaceAll(s, "_", ""))
		base := 10
		if strings.IndexFunc(digits, unicode.IsLetter) == 1 { // the prefix says which
			base = 0
		}
		if n, ok := new(big.Int).SetString(digits, base); ok {
			return newBigInt(pos, n.Mul(n, big.NewInt(sign)))
		}
	}
	if settingsFloat.MatchString(s) {
		if v := parseFloat(pos, s); v != nil {
			return v
		}
	}
	return NewString(pos, s)
}
