package main

import (
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strings"

	"go.uber.org/zap"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/samtemplate"
	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/watch"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// A reloader applies a changed configuration file while the proxy serves.
type reloader struct {
	log     *logger
	started *config.Loaded // what cannot change is still as it was here
	current *config.Loaded
	rules   *ruleBook
	choice  func(*config.Loaded) samtemplate.Choice // by a configuration
	choose  func(samtemplate.Choice)                // has another one read
	applied func(*config.Loaded)                    // is told of what has been applied
}

// content takes over a new content of the file, or says why it does not.
func (r *reloader) content(c watch.Content) {
	file := r.current.File
	switch {
	case errors.Is(c.Err, fs.ErrNotExist):
		r.keep(file + " is gone")
		return
	case c.Err != nil:
		why := c.Err
		if path := (*fs.PathError)(nil); errors.As(why, &path) {
			why = path.Err
		}
		r.keep(file + " cannot be read: " + clean(why.Error()))
		return
	}
	next, err := r.current.Reload(c.Data)
	if err == nil {
		err = withPlace(r.rules.use(next), next)
	}
	if err != nil {
		r.refuse(err)
		return
	}
	r.log.setLevel(next.Log.Level)
	r.report(next)
	if chosen := r.choice(next); !reflect.DeepEqual(chosen, r.choice(r.current)) {
		r.choose(chosen)
	}
	r.current = next
	r.applied(next)
}

func (r *reloader) refuse(err error) {
	var mistakes config.Mistakes
	if !errors.As(err, &mistakes) {
		r.keep(clean(err.Error()))
		return
	}
	for _, m := range mistakes {
		r.log.warn(m.Error(), zap.String("place", m.Place.String()), zap.String("key", m.Key))
	}
	r.keep(r.current.File + " has " + plural(len(mistakes), "mistake"))
}

// keep says why a changed file is not applied.
func (r *reloader) keep(why string) {
	r.log.diagnose(diagnosis.ConfigNotReloaded, why+"; the configuration stays as it was")
}

// report says what changed, and what needs a restart.
func (r *reloader) report(next *config.Loaded) {
	var applied []string
	for _, c := range r.current.Changes(next) {
		if !c.Key.Restart {
			applied = append(applied, c.Key.Path)
		}
	}
	for _, c := range r.started.Changes(next) {
		if c.Key.Restart && changed(r.current.Changes(next), c.Key.Path) {
			r.log.diagnose(diagnosis.ConfigNeedsRestart, fmt.Sprintf("%s: %s is now %v, and was %v at the start; restart corsproxy to apply it",
				next.Where(c.Key.Path), c.Key.Path, c.New, c.Old), zap.String("key", c.Key.Path))
		}
	}
	if len(applied) == 0 {
		r.log.info("read " + next.File + " again; nothing to apply has changed")
		return
	}
	r.log.info("read "+next.File+" again; changed: "+strings.Join(applied, ", "), zap.Strings("changed", applied))
}

func changed(changes []config.Change, path string) bool {
	for _, c := range changes {
		if c.Key.Path == path {
			return true
		}
	}
	return false
}
