package tree

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/big"
	"sort"
	"strconv"
	"strings"
)

// errSyntax says that a document is no JSON. It may still be YAML.
var errSyntax = errors.New("not JSON")

// parseJSON reads a JSON document. The error is errSyntax or an *Error.
func parseJSON(name string, data []byte) (*Value, error) {
	p := jsonParser{name: name, lines: newLines(data), data: data, dec: json.NewDecoder(bytes.NewReader(data))}
	p.dec.UseNumber()
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := p.dec.Token(); err == nil {
		return nil, errSyntax // more than one document
	}
	if rest := bytes.TrimLeft(data[p.dec.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return nil, errSyntax
	}
	return v, nil
}

type jsonParser struct {
	name  string
	data  []byte
	lines lines
	dec   *json.Decoder
}

// next returns the next token with its place. encoding/json tells where a
// token ends; it begins after the white space, comma or colon that follows
// the one before.
func (p *jsonParser) next() (json.Token, Pos, error) {
	start := int(p.dec.InputOffset())
	for start < len(p.data) && strings.IndexByte(" \t\r\n,:", p.data[start]) >= 0 {
		start++
	}
	token, err := p.dec.Token()
	if err != nil {
		return nil, Pos{}, errSyntax
	}
	return token, p.lines.pos(p.name, start), nil
}

func (p *jsonParser) value(depth int) (*Value, error) {
	token, pos, err := p.next()
	if err != nil {
		return nil, err
	}
	return p.valueOf(token, pos, depth)
}

func (p *jsonParser) valueOf(token json.Token, pos Pos, depth int) (*Value, error) {
	switch t := token.(type) {
	case nil:
		return NewNull(pos), nil
	case bool:
		return NewBool(pos, t), nil
	case string:
		return NewString(pos, t), nil
	case json.Number:
		return jsonNumber(pos, string(t)), nil
	}
	if depth == maxDepth {
		return nil, errDeep(pos)
	}
	if token == json.Delim('[') {
		return p.list(pos, depth)
	}
	return p.object(pos, depth)
}

func (p *jsonParser) list(pos Pos, depth int) (*Value, error) {
	v := NewList(pos)
	for {
		token, at, err := p.next()
		if err != nil {
			return nil, err
		}
		if token == json.Delim(']') {
			return v, nil
		}
		item, err := p.valueOf(token, at, depth+1)
		if err != nil {
			return nil, err
		}
		v.items = append(v.items, item)
	}
}

func (p *jsonParser) object(pos Pos, depth int) (*Value, error) {
	v := NewMap(pos)
	for {
		token, at, err := p.next()
		if err != nil {
			return nil, err
		}
		key, ok := token.(string)
		if !ok { // the closing brace
			return v, nil
		}
		value, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if first, ok := v.Entry(key); ok {
			v.dict.passed = append(v.dict.passed, Repeat{key, first.Key.Pos(), at})
		}
		v.SetEntry(NewString(at, key), value)
	}
}

// jsonNumber reads a number as Python does: an integer unless it has a
// fraction or an exponent.
func jsonNumber(pos Pos, s string) *Value {
	if !strings.ContainsAny(s, ".eE") && len(s) <= maxDigits {
		if n, ok := new(big.Int).SetString(s, 10); ok {
			return newBigInt(pos, n)
		}
	}
	f, _ := strconv.ParseFloat(s, 64) // out of range is ±Inf, as in Python
	return NewFloat(pos, f)
}

// lines holds the offsets at which lines begin.
type lines []int

func newLines(data []byte) lines {
	l := lines{0}
	for i, b := range data {
		if b == '\n' {
			l = append(l, i+1)
		}
	}
	return l
}

// pos returns the place of the byte at offset; its column counts bytes.
func (l lines) pos(name string, offset int) Pos {
	line := sort.Search(len(l), func(i int) bool { return l[i] > offset })
	return Pos{File: name, Line: line, Column: offset - l[line-1] + 1}
}
