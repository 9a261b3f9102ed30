package pathpattern

import (
	"fmt"
	"strings"
)

// Parse parses a path pattern. The error says what is wrong with s and what
// would be right.
//
// Parse accepts what API Gateway accepts, which is more than SAM local does:
// a parameter's name may hold letters, digits, '.', '_' and '-'. Repeated
// slashes count as one, as they do for SAM local.
func Parse(s string) (Pattern, error) {
	if s == Default {
		return Pattern{text: s, any: true}, nil
	}
	if err := checkPath(s); err != nil {
		return Pattern{}, err
	}
	p := Pattern{text: s}
	for part := range strings.SplitSeq(s, "/") {
		if part == "" {
			continue
		}
		if p.greedy {
			return Pattern{}, fmt.Errorf("path pattern %q: a greedy parameter such as {proxy+} must be the last segment; end the pattern there, or write {proxy} for one segment", s)
		}
		seg, greedy, err := parseSegment(part)
		if err != nil {
			return Pattern{}, fmt.Errorf("path pattern %q: %w", s, err)
		}
		if p.greedy = greedy; !greedy {
			p.segments = append(p.segments, seg)
		}
	}
	return p, nil
}

// checkPath finds the mistakes that concern the pattern as a whole.
func checkPath(s string) error {
	switch {
	case s == "":
		return fmt.Errorf(`path pattern is empty; write "/" for the root, or %q for every path`, Default)
	case strings.HasPrefix(s, "$"):
		return fmt.Errorf("path pattern %q has no leading slash; write %q for every path, or begin with a slash", s, Default)
	case strings.Contains(s, "://"):
		return fmt.Errorf("path pattern %q is a URL; write its path alone, such as /items/{id}", s)
	case s[0] != '/':
		return fmt.Errorf("path pattern %q has no leading slash; write %q", s, "/"+s)
	}
	if i := strings.IndexAny(s, "?#"); i >= 0 {
		return fmt.Errorf("path pattern %q: %q begins a query or fragment, and patterns see the path alone; write %q", s, s[i], s[:i])
	}
	return nil
}

// parseSegment parses one segment, which is not empty. For a greedy parameter
// it returns no segment.
func parseSegment(part string) (seg segment, greedy bool, err error) {
	switch {
	case part == "*" || part == "**":
		return nil, false, fmt.Errorf("%q is not a wildcard here; write {name} for one segment, or {proxy+} for the rest of the path", part)
	case strings.ContainsAny(part, "<>"):
		return nil, false, fmt.Errorf("%q holds an angle bracket; parameters are written {name}, or {name+} for the rest of the path", part)
	}
	rest := part
	for {
		text, after, open := strings.Cut(rest, "{")
		if strings.Contains(text, "}") {
			return nil, false, fmt.Errorf("%q closes a brace that is not open; write {name}", part)
		}
		seg = append(seg, text)
		if !open {
			return seg, false, nil
		}
		name, tail, closed := strings.Cut(after, "}")
		if !closed {
			return nil, false, fmt.Errorf("%q leaves a brace open; write {name}", part)
		}
		name, greedy = strings.CutSuffix(name, "+")
		if err := checkName(name); err != nil {
			return nil, false, err
		}
		if greedy {
			if text != "" || tail != "" || len(seg) > 1 {
				return nil, false, fmt.Errorf("%q mixes a greedy parameter with other text; give {%s+} a segment of its own", part, name)
			}
			return nil, true, nil
		}
		rest = tail
	}
}

// checkName reports what is wrong with the name of a parameter.
func checkName(name string) error {
	if name == "" {
		return fmt.Errorf("a parameter has no name; write {id}, or {proxy+} for the rest of the path")
	}
	for _, r := range name {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		case r == '.' || r == '_' || r == '-':
		default:
			return fmt.Errorf("parameter name %q holds %q; use letters, digits, '.', '_' and '-'", name, r)
		}
	}
	return nil
}
