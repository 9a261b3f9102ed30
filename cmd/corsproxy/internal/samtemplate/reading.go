package samtemplate

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// A Reading is what is known of the template at one moment. It is immutable.
type Reading struct {
	Choice Choice

	// Template is the template that SAM local takes; nil where there is none
	// that can be used.
	Template *sam.Application

	// Source is the template that `sam build` made Template of; nil where
	// Template is no build, or its source cannot be used.
	Source *sam.Application

	// Changed is when a file of Template was last changed.
	Changed time.Time

	// Err says why the present template cannot be used. Template, Source and
	// Changed are then those of the last one that could.
	Err error

	// SourceErr says the same of the source.
	SourceErr error

	configured sam.Config        // what SAM's configuration says
	parameters map[string]string // of the template

	looked time.Time // when the files were last seen to be as they were read
	seen   snapshot  // of all files that this depends on
	early  snapshot  // of those that the last one depended on, before they were read again
}

// Read reads the template. Where it cannot be used, what last was known of it
// stays.
func Read(c Choice, last Reading) Reading {
	r := Reading{Choice: c, looked: time.Now()}
	if c.Template == None {
		return r
	}
	// The files are looked at before they are read, so that a change in between
	// is found later.
	r.early, r.seen = last.seen.again(), make(snapshot)
	r.note(slices.Concat(c.configFiles(), sam.Candidates(c.Dir))...)
	name, options, err := r.resolve()
	if err == nil {
		r.Template, r.Err = r.load(name, options)
	} else {
		r.Err = err
	}
	if r.Err != nil {
		r.Template, r.Source, r.Changed = last.Template, last.Source, last.Changed
		r.configured, r.parameters = last.configured, last.parameters
		return r
	}
	r.Changed = r.changed(last)
	source, err := sam.FindSource(name, options.Source)
	if err != nil {
		if options.Source != "" && sam.IsBuilt(name) {
			r.note(options.Source) // it may come
		}
		return r
	}
	if r.Source, r.SourceErr = r.load(source, options); r.SourceErr != nil {
		r.Source = last.Source
	}
	return r
}

// resolve is [Choice.Resolve], and keeps what else SAM local reads.
func (r *Reading) resolve() (string, sam.Options, error) {
	var err error
	if r.configured, err = r.Choice.Config(); err != nil {
		return "", sam.Options{}, err
	}
	name, options, err := r.Choice.resolve(r.configured)
	r.note(options.Files...)
	r.parameters = options.Parameters
	return name, options, err
}

// Renews reports whether SAM local, started again, would read something other than
// what last is of: the template's files, its parameters, or what the configuration
// says to it. The source of a build counts when sam build has taken it over.
func (r Reading) Renews(last Reading) bool {
	if r.Template == nil || last.Template == nil || r.Template.Template != last.Template.Template || !reflect.DeepEqual(r.Choice, last.Choice) {
		return true
	}
	return !r.configured.SaysSame(last.configured) || !maps.Equal(r.parameters, last.parameters) ||
		r.seen.differs(last.seen, slices.Concat(r.Template.Files, last.Template.Files))
}

// RenewsSource reports whether a file of the source of a build has changed.
func (r Reading) RenewsSource(last Reading) bool {
	return r.Source != nil && (last.Source == nil || last.SourceErr != nil || r.Source.Template != last.Source.Template || r.seen.differs(last.seen, r.Source.Files))
}

// load reads a template, and notes the files that it depends on, also where
// SAM refuses it.
func (r *Reading) load(name string, options sam.Options) (*sam.Application, error) {
	r.note(name)
	a, err := r.Choice.Load(name, options)
	if err == nil {
		r.note(a.Files...)
		return a, nil
	}
	var refused *sam.TemplateError
	if errors.As(err, &refused) {
		if i, err := sam.Inspect(name, options); err == nil {
			r.note(i.Files...)
		}
	}
	return nil, err
}

// note adds files to those that the reading depends on.
func (r *Reading) note(paths ...string) {
	for _, p := range paths {
		p = filepath.Clean(p)
		if _, ok := r.seen[p]; ok {
			continue
		}
		at, ok := r.early[p]
		if !ok {
			at = stampOf(p)
		}
		r.seen[p] = at
	}
}

// changed returns when the template's files were last changed: not before they
// were last seen as they had been, whatever time they have. A copy may keep the
// time of its original.
func (r *Reading) changed(last Reading) time.Time {
	latest := r.seen.latest(r.Template.Files)
	if latest.Before(last.looked) && r.seen.differs(last.seen, r.Template.Files) {
		return last.looked
	}
	return latest
}

// A stamp is what tells a file from what it was before.
type stamp struct {
	exists   bool
	size     int64
	mode     fs.FileMode
	modified time.Time
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{true, info.Size(), info.Mode(), info.ModTime()}
}

// A snapshot holds the stamps of files by their paths.
type snapshot map[string]stamp

// again returns a new snapshot of the same files.
func (s snapshot) again() snapshot {
	now := make(snapshot, len(s))
	for p := range s {
		now[p] = stampOf(p)
	}
	return now
}

// latest returns the latest time at which one of paths was modified.
func (s snapshot) latest(paths []string) time.Time {
	var latest time.Time
	for _, p := range paths {
		if m := s[p].modified; m.After(latest) {
			latest = m
		}
	}
	return latest
}

// differs reports whether one of paths is in other, and there as it is not in s.
func (s snapshot) differs(other snapshot, paths []string) bool {
	return slices.ContainsFunc(paths, func(p string) bool {
		then, known := other[p]
		return known && s[p] != then
	})
}
