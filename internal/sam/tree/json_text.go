package tree

import (
	"encoding/json"
	"strings"
)

// maxJSONLine is how long a map or list may be that stands in one line, in bytes.
const maxJSONLine = 80

// JSON writes v as a template in JSON has it, with functions in their long form.
// What is too long for one line goes on in further ones, behind indent.
func (v *Value) JSON(indent string) string {
	if text := v.jsonLine(); len(text) <= maxJSONLine {
		return text
	}
	deeper := indent + "  "
	return v.json(",", "\n"+deeper, "\n"+indent, func(member *Value) string { return member.JSON(deeper) })
}

// jsonLine writes v in one line, however long.
func (v *Value) jsonLine() string { return v.json(", ", "", "", (*Value).jsonLine) }

// json writes v, with what stands between its members, before each of them and
// behind all.
func (v *Value) json(between, before, behind string, write func(member *Value) string) string {
	var members []string
	switch v.Kind() {
	case Map:
		for _, e := range v.Entries() {
			members = append(members, before+jsonText(e.Key.Text())+": "+write(e.Value))
		}
		return "{" + strings.Join(members, between) + behind + "}"
	case List:
		for _, item := range v.Items() {
			members = append(members, before+write(item))
		}
		return "[" + strings.Join(members, between) + behind + "]"
	case Null, Absent:
		return "null"
	case Bool:
		return strings.ToLower(v.Text())
	case Int, Float:
		if text := v.Text(); json.Valid([]byte(text)) {
			return text
		}
	}
	return jsonText(v.Text())
}

// jsonText writes a text as JSON, and escapes no more than it must.
func jsonText(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // fails for no text
	return strings.TrimSuffix(b.String(), "\n")
}
