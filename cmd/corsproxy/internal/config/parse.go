package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/corsproxy/corsproxy/internal/redact"
)

// maxQuoted bounds the bytes of a wrong value that a message repeats.
const maxQuoted = 80

// quote quotes a value for a message, so that it cannot forge one. Messages go
// into logs that others read, so a password in an address is left out.
func quote(s string) string {
	s = redact.Address(s)
	if len(s) > maxQuoted {
		s = strings.ToValidUTF8(s[:maxQuoted], "") + "…"
	}
	return strconv.Quote(s)
}

// printable returns s without quotes, if nothing in it needs them.
func printable(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return quote(s)
	}
	return s
}

// parse reads the text of a single setting, which is no list.
func (k Key) parse(text string) (any, error) {
	switch k.Kind {
	case Choice:
		return k.parseChoice(text)
	case Bool:
		return parseBool(text)
	case Int:
		return k.parseInt(text)
	case Duration:
		return parseDuration(text)
	case Listen:
		if text == "" && k.Default == "" {
			return "", nil // off
		}
		return parseListen(text, k.exampleAddress())
	case Upstream:
		return parseUpstream(text)
	case Pattern:
		if err := checkPattern(text); err != nil {
			return nil, withoutSecrets(text, err, checkPattern)
		}
	}
	return text, nil
}

// withoutSecrets returns a mistake in a text that is repeated there: that of the
// text without its secrets, since a sentence on them is read in another way.
func withoutSecrets(text string, mistake error, again func(shown string) error) error {
	shown := redact.Line(text)
	if shown == text {
		return mistake
	}
	if err := again(shown); err != nil {
		return err
	}
	return errors.New(redact.Text(mistake.Error()))
}

// parseList reads a list from a flag or the environment: texts separated by
// commas, with blanks around them ignored. Texts are one.
func (k Key) parseList(text string) []string {
	list := []string{}
	switch {
	case strings.TrimSpace(text) == "":
		return list
	case k.Kind == Texts:
		return []string{text}
	}
	for item := range strings.SplitSeq(text, ",") {
		list = append(list, strings.TrimSpace(item))
	}
	return list
}

func (k Key) parseInt(text string) (any, error) {
	n, err := strconv.Atoi(text)
	if err != nil {
		return nil, fmt.Errorf("%s is not a whole number; write one from %d to %d", quote(text), k.Min, k.Max)
	}
	if n < k.Min || n > k.Max {
		return nil, fmt.Errorf("%s is not a number from %d to %d", quote(text), k.Min, k.Max)
	}
	return n, nil
}

func (k Key) parseChoice(text string) (any, error) {
	if slices.Contains(k.Enum, text) {
		return text, nil
	}
	if s := nearest(text, k.Enum); s != "" {
		return nil, fmt.Errorf("%s is not one of the choices; did you mean %s?", quote(text), s)
	}
	return nil, fmt.Errorf("%s is not one of the choices; write %s", quote(text), enumerate(k.Enum))
}

func parseBool(text string) (any, error) {
	switch text {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	switch strings.ToLower(text) {
	case "true", "yes", "on", "y", "t", "1":
		return nil, fmt.Errorf("%s is not true or false; write true", quote(text))
	case "false", "no", "off", "n", "f", "0":
		return nil, fmt.Errorf("%s is not true or false; write false", quote(text))
	}
	return nil, fmt.Errorf("%s is not true or false", quote(text))
}

func parseDuration(text string) (any, error) {
	d, err := time.ParseDuration(text)
	switch {
	case err == nil && d < 0:
		return nil, fmt.Errorf("%s is negative; write 0s or more", quote(text))
	case err == nil:
		return d, nil
	}
	compact := strings.Join(strings.Fields(text), "")
	if _, err := strconv.ParseUint(compact, 10, 32); err == nil {
		return nil, fmt.Errorf("%s has no unit; write %ss for seconds", quote(text), compact)
	}
	if _, err := time.ParseDuration(compact); err == nil {
		return nil, fmt.Errorf("%s has a blank in it; write %s", quote(text), compact)
	}
	if days, ok := strings.CutSuffix(compact, "d"); ok {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			return nil, fmt.Errorf("%s counts days; write %dh", quote(text), n*24)
		}
	}
	return nil, fmt.Errorf("%s is not a duration; write a number with a unit, such as 300ms, 5s or 15m", quote(text))
}
