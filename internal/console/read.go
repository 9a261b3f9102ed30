package console

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Limits on what is read of a paste. What is beyond them repeats itself.
const (
	maxRead      = 128 << 10 // bytes
	mostMessages = 200
)

// documentation is what Firefox links to beside a message.
const documentation = "https://developer.mozilla.org/"

// Read returns the messages of browsers in a text, in its order. A message may
// be broken over several lines, have the place in a script before it, and
// others around it. Those that say only that a request failed are left out
// where another says why, and those of one request are put together.
func Read(text string) []Message {
	if len(text) > maxRead {
		text = text[:maxRead]
	}
	flat := flatten(text)
	var all []Message
	for _, part := range split(flat) {
		all = append(all, read(part)...)
		if len(all) < 2*mostMessages {
			continue // each is compared with all, so not after every one
		}
		if all = join(all); len(all) > mostMessages {
			break
		}
	}
	all = join(all)
	return all[:min(len(all), mostMessages)]
}

// flatten returns text on one line, with straight quotes.
func flatten(text string) string {
	text = strings.ToValidUTF8(text, "\ufffd")
	return strings.Join(strings.Fields(quotes.Replace(text)), " ")
}

// place is what a console writes beside its messages.
var place = regexp.MustCompile(`^(?:\[Error\] |\S+:\d+ )+|(?: \[Error\]| [\w.<>()-]+:\d+(?::\d+)?)+$`)

// tidy returns a part of a text as the browser said it.
func tidy(part string) string { return place.ReplaceAllString(strings.TrimSpace(part), "") }

// split cuts a text before each message of a browser.
func split(flat string) []string {
	var parts []string
	begin := 0
	for i, at := range starts.FindAllStringIndex(flat, -1) {
		// What stands within a message does not begin another: the reason
		// of a redirect, or what cannot be loaded.
		before := flat[begin:at[0]]
		if at[0] == begin || i > 0 && goesOn(before) {
			continue
		}
		parts = append(parts, before)
		begin = at[0]
	}
	return append(parts, flat[begin:])
}

// goesOn reports whether another phrase completes a text: it ends in a colon,
// or in what cannot be loaded. It looks at the end alone, since a text may have
// thousands of phrases.
func goesOn(text string) bool {
	text, blank := strings.CutSuffix(text, " ")
	if !blank {
		return false
	}
	last := text[strings.LastIndexByte(text, ' ')+1:]
	for _, t := range []string{text, strings.TrimSuffix(text, " "+last)} {
		if strings.HasSuffix(t, "cannot load") || strings.HasSuffix(t, "Failed to load") {
			return true
		}
	}
	return strings.HasSuffix(text, ":")
}

// read returns the messages in a part of a text that has one, as a rule. Names
// of browsers' tools may stand in a row.
func read(part string) []Message {
	for _, p := range patterns {
		if at := p.FindStringSubmatch(part); at != nil {
			m := Message{Text: tidy(part), Browser: p.browser, Topic: topic(p.topic), Stage: p.stage}
			if p.topic == unnamed {
				break // a name or a header may tell more
			}
			m.Chrome, m.Firefox = names(p.topic, p.stage)
			if p.topic == noResponse && p.browser != Firefox {
				m.Firefox = "" // another browser says so of what Firefox has other names for
			}
			m.take(p.Regexp, at)
			m.lookAround(part)
			return []Message{m}
		}
	}
	if named := byName(part); len(named) > 0 {
		all := make([]Message, len(named))
		for i, m := range named {
			m.Text = tidy(part)
			m.lookAround(part)
			all[i] = m
		}
		return all
	}
	if m, ok := byHeader(part); ok {
		m.lookAround(part)
		return []Message{m}
	}
	for _, p := range patterns {
		if p.topic == unnamed && p.MatchString(part) {
			m := Message{Text: tidy(part), Browser: p.browser, Topic: topic(unnamed)}
			m.lookAround(part)
			return []Message{m}
		}
	}
	return nil
}

// take fills what is empty in m with the groups of a match.
func (m *Message) take(re *regexp.Regexp, match []string) {
	for i, name := range re.SubexpNames() {
		text := match[i]
		if text == "" {
			continue
		}
		switch name {
		case "url":
			m.URL = cmp.Or(m.URL, text)
		case "from":
			m.RedirectedFrom = cmp.Or(m.RedirectedFrom, text)
		case "origin":
			m.Origin = cmp.Or(m.Origin, text)
		case "method":
			m.Method = cmp.Or(m.Method, text)
		case "header", "header2":
			m.Header = cmp.Or(m.Header, strings.ToLower(text))
		case "value":
			m.Value = cmp.Or(m.Value, text)
		case "status":
			if n, err := strconv.Atoi(text); err == nil {
				m.Status = cmp.Or(m.Status, n)
			}
		}
	}
}

// lookAround fills in what the rest of a message says of the request.
func (m *Message) lookAround(part string) {
	for _, re := range facts {
		if match := re.FindStringSubmatch(part); match != nil {
			m.take(re, match)
		}
	}
	if m.URL == "" {
		for _, match := range anyURL.FindAllString(part, -1) {
			url := strings.TrimRight(match, ".,:;)")
			if url != m.Origin && url != m.Value && !strings.HasPrefix(url, documentation) {
				m.URL = url
				break
			}
		}
	}
	if m.Topic.ID == originMismatch && m.Browser == Firefox && m.Value == m.Origin {
		m.Value = ""
	}
}

// join puts the messages of one request together, and leaves out those that
// say nothing that another does not.
func join(all []Message) []Message {
	var kept []Message
	for _, m := range all {
		i := slices.IndexFunc(kept, func(k Message) bool { return sameRequest(k, m) && (k.Topic.ID == m.Topic.ID || !specific(m.Topic.ID)) })
		if i < 0 && specific(m.Topic.ID) {
			// The general line may have come first.
			if i = slices.IndexFunc(kept, func(k Message) bool { return sameRequest(k, m) && !specific(k.Topic.ID) }); i >= 0 {
				kept[i], m = m, kept[i]
			}
		}
		if i < 0 {
			kept = append(kept, m)
			continue
		}
		kept[i].complete(m)
	}
	return kept
}

// sameRequest reports whether two messages may be about one request: they
// differ in nothing that both tell.
func sameRequest(a, b Message) bool {
	same := func(x, y string) bool { return x == "" || y == "" || x == y }
	return same(a.URL, b.URL) && same(a.Origin, b.Origin) && same(a.Method, b.Method) && same(a.Header, b.Header) && same(a.Browser, b.Browser)
}

// complete fills in from another message about the same request.
func (m *Message) complete(other Message) {
	m.URL = cmp.Or(m.URL, other.URL)
	m.RedirectedFrom = cmp.Or(m.RedirectedFrom, other.RedirectedFrom)
	m.Origin = cmp.Or(m.Origin, other.Origin)
	m.Method = cmp.Or(m.Method, other.Method)
	m.Status = cmp.Or(m.Status, other.Status)
}
