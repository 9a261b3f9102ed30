package config

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/corsproxy/corsproxy/internal/pathpattern"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// checkPattern reports what is wrong with the path of a rule.
func checkPattern(text string) error {
	if words := strings.Fields(text); len(words) == 2 {
		if _, err := sam.ParseRoute(text); err == nil {
			return fmt.Errorf("path pattern %q begins with a method, and a rule holds for all of them; write %q", text, words[1])
		}
	}
	if err := checkSpelling(text); err != nil {
		return fmt.Errorf("path pattern %q: %w", text, err)
	}
	_, err := pathpattern.Parse(text)
	return err
}

// checkRoute reports what is wrong with a route that SAM local serves.
func checkRoute(text string) error {
	routes, err := sam.ParseRoute(text)
	if err != nil {
		return err
	}
	if err := checkSpelling(routes[0].Path); err != nil {
		return fmt.Errorf("route %q: %w", text, err)
	}
	return nil
}

// What parameters are in other routers, and what only a regular expression has.
// A segment that begins with $ may be a path's own: OData's $metadata, FHIR's
// $everything.
var (
	braces     = regexp.MustCompile(`\{[^{}]*\}`)
	colon      = regexp.MustCompile(`^:(\w+)(?:\(.*\))?([*+]?)\??$`)
	dollar     = regexp.MustCompile(`^\$(id|\w*[a-z](?:Id|_id))()$`)
	brackets   = regexp.MustCompile(`^\[\[?(?:\.\.\.)?(\w+)\]?\]()$`)
	expression = regexp.MustCompile(`^\^|\.[*+]|\[[^\]]*\][*+]|\[\w-\w|\\|.\$$`)
)

// checkSpelling reports a segment of a path that is not as API Gateway writes
// it, but as other routers do: a rule for it would match no request that it is
// meant for. It leaves to pathpattern what that reports.
func checkSpelling(path string) error {
	for part := range strings.SplitSeq(path, "/") {
		for _, parameter := range []*regexp.Regexp{colon, dollar, brackets} {
			found := parameter.FindStringSubmatch(part)
			if found == nil {
				continue
			}
			name := found[1]
			if found[2] != "" || strings.Contains(part, "...") {
				name += "+"
			}
			return fmt.Errorf("%q is not a parameter here; write {%s}", part, name)
		}
		text := braces.ReplaceAllString(part, "")
		if expression.MatchString(text) || len(part) > 2 && strings.Contains(text, "*") {
			return fmt.Errorf("%q is read as text, not as a regular expression or wildcard; write {name} for one segment, or {proxy+} for the rest of the path", part)
		}
	}
	return nil
}
