package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/corsproxy/corsproxy/internal/console"
	"github.com/corsproxy/corsproxy/internal/jsontext"
)

// explanations are what is known of a text.
type explanations struct {
	codes    []codeInfo
	messages []console.Message
}

func (e explanations) empty() bool { return len(e.codes) == 0 && len(e.messages) == 0 }

// writeJSON writes {"explanations":[…]}, messages first.
func (e explanations) writeJSON(w io.Writer) error {
	all := []any{}
	for _, m := range e.messages {
		all = append(all, m)
	}
	for _, c := range e.codes {
		all = append(all, c)
	}
	return jsontext.Write(w, map[string]any{"explanations": all})
}

func (e explanations) writeText(w io.Writer, paint palette) error {
	var parts []string
	for _, m := range e.messages {
		parts = append(parts, messageText(m, paint))
	}
	for _, c := range e.codes {
		parts = append(parts, c.text(paint))
	}
	_, err := io.WriteString(w, strings.Join(parts, "\n"+strings.Repeat("─", 40)+"\n\n"))
	return err
}

// text explains a code.
func (i codeInfo) text(paint palette) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s  %s\n\n%s\n\n%s\n", paint.cyan(i.Code), i.Name, paint.dim("("+i.Severity+")"), i.Title+".", wrap(i.Text, helpWidth))
	fmt.Fprintf(&b, "\n%s\n", wrap("Fix: "+i.Fix, helpWidth))
	if i.Bad != "" {
		fmt.Fprintf(&b, "\nIn this template it is so:\n%s\n\nAnd in this one it is not:\n%s\n", indent(i.Bad), indent(i.Good))
	}
	return b.String()
}

// messageText explains a message of a browser. What is to be pasted comes first.
func messageText(m console.Message, paint palette) string {
	var b strings.Builder
	b.WriteString(paint.cyan(m.Topic.Title) + "\n")
	for _, row := range [][2]string{
		{"Chrome", m.Chrome}, {"Firefox", m.Firefox}, {"request", clean(strings.TrimSpace(m.Method + " " + m.URL))},
		{"from", clean(m.RedirectedFrom)}, {"origin", clean(m.Origin)}, {"header", clean(m.Header)}, {"value", clean(m.Value)},
		{"status", nonzero(m.Status)}, {"stage", string(m.Stage)},
	} {
		if row[1] != "" {
			fmt.Fprintf(&b, "  %-8s %s\n", row[0], row[1])
		}
	}
	if m.ByHeader {
		b.WriteString("\n" + wrap("Only the header's name was understood, so this is what such a line usually says.", helpWidth) + "\n")
	}
	b.WriteString("\n" + wrap(m.Topic.Meaning, helpWidth) + "\n\n" + wrap("Fix: "+m.Fix(), helpWidth) + "\n")
	if note := m.Note(); note != "" {
		b.WriteString("\n" + wrap("By the template of this folder: "+clean(note), helpWidth) + "\n")
	}
	for _, p := range m.Remedies() {
		fmt.Fprintf(&b, "\n%s:\n%s\n", strings.ToUpper(p.For[:1])+p.For[1:], indent(p.Text))
	}
	b.WriteString("\nUsual causes, with SAM local and API Gateway:\n")
	for _, c := range m.Topic.CausesAt(m.Stage) {
		b.WriteString("- " + strings.ReplaceAll(wrap(c, helpWidth-2), "\n", "\n  ") + "\n")
	}
	fmt.Fprintf(&b, "\n%s:\n%s\n", cmp.Or(tryLead(m), "To see what a browser would do"), indent(m.TryCommand()))
	return b.String()
}

// tryLead introduces the command that plays the browser.
func tryLead(m console.Message) string {
	if m.URL != "" {
		return ""
	}
	return "To see what a browser would do, with the URL that the page called"
}

func nonzero(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// indent sets a text apart.
func indent(text string) string { return "    " + strings.ReplaceAll(text, "\n", "\n    ") }
