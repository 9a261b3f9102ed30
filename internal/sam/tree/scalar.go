package tree

import (
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// The forms of plain scalars in YAML 1.1, as PyYAML reads them
// (https://yaml.org/type/). Timestamps are not among them: SAM CLI keeps them
// as strings.
var (
	yamlInt = regexp.MustCompile(`^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)` +
		`|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$`)
	yamlFloat = regexp.MustCompile(`^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?` +
		`|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*` +
		`|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$`)
)

// maxDigits bounds the length of a number. Python, too, refuses longer ones
// (4300 digits): reading them takes time that is not linear.
const maxDigits = 4300

// plainScalar returns the value of a scalar that has neither quotes nor tag.
func plainScalar(pos Pos, s string) *Value {
	switch s {
	case "", "~", "null", "Null", "NULL":
		return NewNull(pos)
	}
	if b, ok := yamlBool(s); ok {
		return NewBool(pos, b)
	}
	if !strings.ContainsAny(s[:1], "-+.0123456789") || len(s) > maxDigits {
		return NewString(pos, s)
	}
	if yamlInt.MatchString(s) {
		if v := parseInt(pos, s); v != nil {
			return v
		}
	}
	if yamlFloat.MatchString(s) {
		if v := parseFloat(pos, s); v != nil {
			return v
		}
	}
	return NewString(pos, s)
}

func yamlBool(s string) (b, ok bool) {
	switch s {
	case "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON":
		return true, true
	case "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF":
		return false, true
	}
	return false, false
}

// parseInt reads binary, octal, decimal, hexadecimal and sexagesimal
// integers, with underscores anywhere. It returns nil for digits that their
// base has not.
func parseInt(pos Pos, s string) *Value {
	s = strings.ReplaceAll(s, "_", "")
	sign, digits := cutSign(s)
	base := 10
	switch {
	case digits == "0":
	case strings.HasPrefix(digits, "0b"):
		base, digits = 2, digits[2:]
	case strings.HasPrefix(digits, "0x"):
		base, digits = 16, digits[2:]
	case strings.HasPrefix(digits, "0"):
		base = 8
	case strings.Contains(digits, ":"):
		n := new(big.Int)
		for part := range strings.SplitSeq(digits, ":") {
			p, err := strconv.ParseInt(part, 10, 64)
			if err != nil {
				return nil
			}
			n.Mul(n, big.NewInt(60)).Add(n, big.NewInt(p))
		}
		return newBigInt(pos, n.Mul(n, big.NewInt(sign)))
	}
	n, ok := new(big.Int).SetString(digits, base)
	if !ok {
		return nil
	}
	return newBigInt(pos, n.Mul(n, big.NewInt(sign)))
}

// parseFloat reads decimal and sexagesimal numbers, infinities and NaN.
func parseFloat(pos Pos, s string) *Value {
	s = strings.ToLower(strings.ReplaceAll(s, "_", ""))
	sign, digits := cutSign(s)
	switch {
	case digits == ".inf":
		return NewFloat(pos, math.Inf(int(sign)))
	case digits == ".nan":
		return NewFloat(pos, math.NaN())
	case strings.Contains(digits, ":"):
		sum := 0.0
		for part := range strings.SplitSeq(digits, ":") {
			f, err := strconv.ParseFloat(part, 64)
			if err != nil {
				return nil
			}
			sum = sum*60 + f
		}
		return NewFloat(pos, float64(sign)*sum)
	}
	f, err := strconv.ParseFloat(digits, 64)
	if err != nil && !math.IsInf(f, 0) {
		return nil
	}
	return NewFloat(pos, float64(sign)*f)
}

func cutSign(s string) (sign int64, digits string) {
	switch {
	case strings.HasPrefix(s, "-"):
		return -1, s[1:]
	case strings.HasPrefix(s, "+"):
		return 1, s[1:]
	}
	return 1, s
}
