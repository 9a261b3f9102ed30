package console

import (
	"encoding/json"
	"strings"
)

// MarshalJSON writes a message for programs. What is not known is null, and
// lists are always there.
func (m Message) MarshalJSON() ([]byte, error) {
	null := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	var status *int
	if m.Status != 0 {
		status = &m.Status
	}
	return json.Marshal(struct {
		Kind           string   `json:"kind"`
		Text           string   `json:"text"`
		Browser        *string  `json:"browser"`
		Topic          string   `json:"topic"`
		Title          string   `json:"title"`
		Chrome         *string  `json:"chrome"`
		Firefox        *string  `json:"firefox"`
		Stage          *string  `json:"stage"`
		ByHeader       bool     `json:"byHeader"`
		URL            *string  `json:"url"`
		RedirectedFrom *string  `json:"redirectedFrom"`
		Origin         *string  `json:"origin"`
		Method         *string  `json:"method"`
		Header         *string  `json:"header"`
		Value          *string  `json:"value"`
		Status         *int     `json:"status"`
		Meaning        string   `json:"meaning"`
		Causes         []string `json:"causes"`
		Fix            string   `json:"fix"`
		Note           *string  `json:"note"`
		Pastes         []Paste  `json:"pastes"`
		Try            string   `json:"try"`
	}{
		"console", m.Text, null(strings.ToLower(m.Browser)), m.Topic.ID, m.Topic.Title, null(m.Chrome), null(m.Firefox), null(string(m.Stage)), m.ByHeader,
		null(m.URL), null(m.RedirectedFrom), null(m.Origin), null(m.Method), null(m.Header), null(m.Value), status,
		m.Topic.Meaning, append([]string{}, m.Topic.CausesAt(m.Stage)...), m.Fix(), null(m.Note()), append([]Paste{}, m.Remedies()...), m.TryCommand(),
	})
}
