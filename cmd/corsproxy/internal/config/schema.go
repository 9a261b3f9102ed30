package config

import (
	"encoding/json"
	"time"
)

// SchemaURL is where the JSON Schema of the configuration file can be read.
const SchemaURL = "https://raw.githubusercontent.com/corsproxy/corsproxy/main/docs/corsproxy.schema.json"

// durationPattern is what time.ParseDuration reads and no more than it.
const durationPattern = `^(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h))+)$`

// A jsonSchema is the part of JSON Schema, draft 7, that is needed here.
// Draft 7 is the newest that editors' YAML support reads well.
type jsonSchema struct {
	Schema      string                 `json:"$schema,omitempty"`
	ID          string                 `json:"$id,omitempty"`
	Title       string                 `json:"title,omitempty"`
	Description string                 `json:"description,omitempty"`
	Type        any                    `json:"type,omitempty"` // a string or []string
	Enum        []string               `json:"enum,omitempty"`
	Pattern     string                 `json:"pattern,omitempty"`
	Minimum     int                    `json:"minimum,omitempty"`
	Maximum     int                    `json:"maximum,omitempty"`
	Default     any                    `json:"default,omitempty"`
	Items       *jsonSchema            `json:"items,omitempty"`
	Properties  map[string]*jsonSchema `json:"properties,omitempty"`
	Required    []string               `json:"required,omitempty"`
	// Additional is a pointer so that false is written.
	Additional *bool `json:"additionalProperties,omitempty"`
}

// Schema returns the JSON Schema of the configuration file, for editors.
func Schema() ([]byte, error) {
	s := object(Keys())
	s.Schema = "http://json-schema.org/draft-07/schema#"
	s.ID = SchemaURL
	s.Title = "corsproxy configuration"
	out, err := json.MarshalIndent(s, "", "  ")
	return append(out, '\n'), err
}

func object(keys []Key) *jsonSchema {
	s := &jsonSchema{
		Type:       []string{"object", "null"},
		Properties: make(map[string]*jsonSchema, len(keys)),
		Additional: new(bool),
	}
	for _, k := range keys {
		s.Properties[k.Name] = k.schema()
	}
	return s
}

func (k Key) schema() *jsonSchema {
	s := &jsonSchema{Type: "string", Description: k.Help, Default: k.Default}
	switch k.Kind {
	case Section:
		s = object(k.Keys)
		s.Description = k.Help
	case Sections:
		s.Type = []string{"array", "null"}
		s.Items = object(k.Keys)
		s.Items.Type = "object"
		s.Items.Required = []string{k.Keys[0].Name}
	case List, Texts:
		s.Type = "array"
		s.Items = &jsonSchema{Type: "string"}
	case Bool:
		s.Type = "boolean"
	case Int:
		s.Type = "integer"
		s.Minimum, s.Maximum = k.Min, k.Max
	case Choice:
		s.Enum = k.Enum
	case Duration:
		s.Pattern = durationPattern
		if d, ok := k.Default.(time.Duration); ok {
			s.Default = d.String()
		}
	case Listen, Upstream:
		// A port alone is a number in YAML.
		s.Type = []string{"string", "integer"}
	}
	return s
}
