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
	folder   *sam.Folder         // of the template; nil if it cannot be opened
	relative bool                // whether to show names relative to the working directory
}

func newSources(i *sam.Inspection, template string) *sources {
	s := &sources{lines: make(map[string][]string), foreign: make(map[string]bool), relative: !filepath.IsAbs(template)}
	var err error
	if s.folder, err = sam.OpenFolder(i.Dir); err != nil {
		return s
	}
	for _, file := range i.Files {
		if name, err := s.folder.Name(file); err == nil {
			s.load(name)
		}
	}
	return s
}

func (s *sources) close() {
	if s.folder != nil {
		s.folder.Close()
	}
}

// load reads a file, once.
func (s *sources) load(name string) []string {
	lines, ok := s.lines[name]
	if ok {
		return lines
	}
	if s.folder != nil {
		if data, err := s.folder.Read(name); err == nil {
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
	if s.folder == nil {
		return name
	}
	path := s.folder.Path(name)
	if s.relative {
		if cwd, err := os.Getwd(); err == nil {
			if real, err := filepath.EvalSymlinks(cwd); err == nil && !filepath.IsLocal(filepath.FromSlash(name)) {
				cwd = real // which is where ".." begins
			}
			if rel, err := filepath.Rel(cwd, path); err == nil {
				path = rel
			}
		}
	}
	return filepath.ToSlash(path)
}
