package check

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// sources are the lines of the files that a template was read from.
type sources struct {
	names    []string            // as positions have them, in the order read
	lines    map[string][]string // by name
	foreign  map[string]bool     // by name, those of which no line is shown
	dir      string              // absolute, of the names
	relative bool                // whether to show names relative to the working directory
}

func newSources(i *sam.Inspection, template string) *sources {
	s := &sources{lines: make(map[string][]string), foreign: make(map[string]bool), dir: i.Dir, relative: !filepath.IsAbs(template)}
	for _, file := range i.Files {
		if rel, err := filepath.Rel(i.Dir, file); err == nil {
			s.load(filepath.ToSlash(rel))
		}
	}
	return s
}

// load reads a file, once.
func (s *sources) load(name string) []string {
	lines, ok := s.lines[name]
	if ok {
		return lines
	}
	if folder, err := sam.OpenFolder(s.dir); err == nil {
		defer folder.Close()
		if data, err := folder.Read(name); err == nil {
			lines = strings.Split(string(data), "\n")
			s.foreign[name] = !tree.Declares(data)
		}
	}
	s.names = append(s.names, name)
	s.lines[name] = lines
	return lines
}

// line returns a line of a file, without its end, or "".
func (s *sources) line(name string, n int) string {
	lines := s.load(name)
	if n < 1 || n > len(lines) {
		return ""
	}
	return strings.TrimRight(lines[n-1], "\r")
}

// isJSON reports whether a file is written in JSON, which takes no YAML.
func (s *sources) isJSON(name string) bool {
	for _, line := range s.load(name) {
		if text := strings.TrimSpace(line); text != "" {
			return strings.HasPrefix(text, "{")
		}
	}
	return false
}

// display returns a file's name as the user would write it.
func (s *sources) display(name string) string {
	path := filepath.Join(s.dir, filepath.FromSlash(name))
	if s.relative {
		if cwd, err := os.Getwd(); err == nil {
			if rel, err := filepath.Rel(cwd, path); err == nil {
				path = rel
			}
		}
	}
	return filepath.ToSlash(path)
}
