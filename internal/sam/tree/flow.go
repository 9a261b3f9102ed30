package tree

import (
	"bytes"
	"fmt"
	"strings"
)

// A flowScanner reads the {…} and […] of YAML for the place where one goes
// wrong. It knows as much of YAML as that needs.
type flowScanner struct {
	data  []byte
	at    int
	open  []int // offsets of the brackets that are open
	value int   // offset of the value that has just ended, or -1
	colon bool  // that value is the one of a key
	fault *flowFault
}

// A flowFault is where a {…} or […] goes wrong.
type flowFault struct {
	at        int
	what, fix string
}

// findFlowFault looks for a fault in the first {…} or […] at or after an offset;
// nil where there is none that it knows.
func findFlowFault(data []byte, from int) *flowFault {
	s := flowScanner{data: data, at: flowStart(data, from), value: -1}
	for s.at < len(data) && s.fault == nil {
		if s.step(); len(s.open) == 0 {
			break
		}
	}
	if s.fault == nil && len(s.open) > 0 {
		first := s.open[len(s.open)-1]
		s.fault = &flowFault{first, fmt.Sprintf("the %q here is not closed", data[first]), fmt.Sprintf("write its %q", closing(data[first]))}
	}
	return s.fault
}

// flowStart returns where the first value in brackets begins, at or after an
// offset; not one in quotes or in a comment.
func flowStart(data []byte, i int) int {
	for afterBlank := true; i < len(data); i++ {
		c := data[i]
		switch {
		case !afterBlank:
		case c == '{' || c == '[':
			return i
		case c == '"' || c == '\'':
			i = quoteEnd(data, i+1, c) - 1
		case c == '#':
			i = lineEnd(data, i) - 1
		}
		afterBlank = c == ' ' || c == '\n'
	}
	return i
}

// step reads one token.
func (s *flowScanner) step() {
	switch c := s.data[s.at]; {
	case c == ' ' || c == '\t' || c == '\n' || c == '\r':
		s.at++
	case c == '#' && strings.IndexByte(" \t\n", s.data[s.at-1]) >= 0:
		s.at = lineEnd(s.data, s.at)
	case c == ',':
		s.value, s.colon = -1, false
		s.at++
	case c == '}' || c == ']':
		s.close(c)
	case c == ':' && s.value >= 0:
		if s.colon {
			s.missing(s.value)
		}
		s.value, s.colon = -1, true
		s.at++
	case s.value >= 0:
		s.second(c)
	case c == '{' || c == '[':
		s.open = append(s.open, s.at)
		s.value, s.colon = -1, false
		s.at++
	case c == '"' || c == '\'':
		s.value, s.at = s.at, quoteEnd(s.data, s.at+1, c)
	default:
		s.value, s.at = s.at, s.plainEnd(s.at)
	}
}

// close reads a closing bracket. What it closes is the value of a key, if it is
// in a map.
func (s *flowScanner) close(c byte) {
	first := s.open[len(s.open)-1]
	if closing(s.data[first]) != c {
		s.fault = &flowFault{s.at, fmt.Sprintf("a %q stands where the %q of the %q before it is expected", c, closing(s.data[first]), s.data[first]), "close what was opened last first"}
		return
	}
	s.open = s.open[:len(s.open)-1]
	s.value, s.colon = first, true
	s.at++
}

// second finds what begins behind a value, where a comma or the end belongs.
func (s *flowScanner) second(c byte) {
	touches := s.data[s.at-1] != ' ' && s.data[s.at-1] != '\n' // no blank between the two
	if s.value < s.at && touches && (c == '{' || c == '[' || strings.IndexByte("{[", s.data[s.value]) >= 0) {
		start := s.value
		text := string(s.data[start:s.wordEnd(start)])
		s.fault = &flowFault{start, fmt.Sprintf("%s has braces in it, which mean a map inside {…}", quoted(text)), fmt.Sprintf("put it in quotes: %s%q", s.keyBefore(start), text)}
		return
	}
	s.missing(s.at)
}

// missing says that a comma is missing, or the end of what is open.
func (s *flowScanner) missing(at int) {
	first := s.open[len(s.open)-1]
	word := string(s.data[at:s.plainEnd(at)])
	s.fault = &flowFault{at, fmt.Sprintf("a comma, or the %q of the %q before, is missing at %s", closing(s.data[first]), s.data[first], quoted(word)), "separate entries by commas, and close what is opened"}
}

// keyBefore returns "Path: " for the value at an offset, or "".
func (s *flowScanner) keyBefore(at int) string {
	before := bytes.TrimRight(s.data[:at], " ")
	if !bytes.HasSuffix(before, []byte(":")) {
		return ""
	}
	key := before[bytes.LastIndexAny(before, "{[,\n \t")+1:]
	return string(key) + " "
}

// wordEnd returns where a word with braces ends that was not meant to be a map:
// at a comma, a blank, or a brace that it has not opened.
func (s *flowScanner) wordEnd(i int) int {
	depth := 0
	for ; i < len(s.data); i++ {
		switch c := s.data[i]; {
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth < 0 {
				return i
			}
		case c == ',' && depth == 0 || c == ' ' || c == '\n' || c == '\r':
			return i
		}
	}
	return i
}

// plainEnd returns where a word without quotes ends.
func (s *flowScanner) plainEnd(i int) int {
	for start := i; i < len(s.data); i++ {
		switch c := s.data[i]; {
		case strings.IndexByte(",[]{}\n\r", c) >= 0 && i > start:
			return trimmedEnd(s.data, start, i)
		case c == ':' && (i+1 == len(s.data) || strings.IndexByte(" \n\r,[]{}", s.data[i+1]) >= 0) && i > start:
			return trimmedEnd(s.data, start, i)
		case c == '#' && s.data[i-1] == ' ':
			return trimmedEnd(s.data, start, i)
		}
	}
	return i
}

func trimmedEnd(data []byte, start, end int) int {
	return start + max(1, len(bytes.TrimRight(data[start:end], " ")))
}

func closing(open byte) byte {
	if open == '{' {
		return '}'
	}
	return ']'
}

// lineEnd returns the offset of the next line break.
func lineEnd(data []byte, i int) int {
	if end := bytes.IndexByte(data[i:], '\n'); end >= 0 {
		return i + end
	}
	return len(data)
}
