package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strings"

	"go.uber.org/zap"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/samtemplate"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// A templateWatch keeps what is known of the template up to date, and says in
// the log what becomes of it.
type templateWatch struct {
	log    *logger
	rules  *ruleBook
	last   samtemplate.Reading
	chosen chan samtemplate.Choice // the choice, when it changes
	// changed, if it is set, is called after what SAM local reads has changed and
	// could be read.
	changed func()
	taken   samtemplate.Reading // what SAM local was last started with
}

func newTemplateWatch(log *logger, rules *ruleBook, first samtemplate.Reading) *templateWatch {
	return &templateWatch{log: log, rules: rules, last: first, taken: first, chosen: make(chan samtemplate.Choice, 1)}
}

// choose has another template read, or the same with other parameters. Only
// one goroutine may call it.
func (w *templateWatch) choose(c samtemplate.Choice) {
	select {
	case <-w.chosen: // one that was not read yet
	default:
	}
	w.chosen <- c
}

func (w *templateWatch) run(ctx context.Context) {
	f := &samtemplate.Follower{Chosen: w.chosen, Report: w.report}
	f.Run(ctx, w.last)
}

// report takes over a new reading.
func (w *templateWatch) report(r samtemplate.Reading) {
	last := w.last
	w.last = r
	if err := w.rules.learn(func(k *known) { k.reread(r) }); err != nil {
		w.log.warn("the template cannot be used: " + clean(err.Error()))
		return
	}
	switch none := errors.Is(r.Err, samtemplate.ErrNone); {
	case sameError(r.Err, last.Err):
	case none && r.Template == nil:
		w.log.info("the template: " + noneHere)
	case none && r.Choice.Template == last.Choice.Template:
		w.log.diagnose(diagnosis.TemplateNotRead, gone(r)+"; "+consequence(r.Template, "the template"))
	default:
		w.complain(r, r.Err, consequence(r.Template, "the template"))
	}
	if !sameError(r.SourceErr, last.SourceErr) {
		w.complain(r, r.SourceErr, consequence(r.Source, "the source of the build"))
	}
	if r.Err == nil && r.SourceErr == nil {
		w.log.notes.forget()
		waits := w.changed != nil && isBuildGone(last, r)
		switch text := change(last, r); {
		case waits:
			w.log.info(text + "; SAM local is started again with the next build, or the next change of this")
		case text != "":
			w.log.info(text)
		}
		w.warnOfFaults(last, r)
		if w.changed != nil && !waits && r.Renews(w.taken) {
			w.taken = r
			w.changed()
		}
	}
}

// gone says what has become of the template of a reading, where SAM would find none.
func gone(r samtemplate.Reading) string {
	if _, err := os.Stat(r.Template.Template); err != nil {
		return "the template is gone"
	}
	return named(r, r.Template) + " is there, and SAM's configuration does not name it any more: SAM local would not start, since it finds no template; check the environment and template_file in samconfig.toml"
}

// noneHere is what to do where there is no template.
const noneHere = "none here; start corsproxy beside template.yaml, or name it with --template FILE"

// consequence says what follows where what cannot be read. Known is what was read
// of it before; nil is nothing.
func consequence(known *sam.Application, what string) string {
	if known == nil {
		return "corsproxy serves without it"
	}
	return "what was known of " + what + " stays"
}

// announce is the line about the template at the start.
func (w *templateWatch) announce(r samtemplate.Reading) {
	line := func(text, message string, routes int) {
		w.log.banner("template   "+text, message, zap.Int("routes", routes))
	}
	switch {
	case r.Choice.Template == samtemplate.None:
		line("none is read", "no template is read", 0)
	case errors.Is(r.Err, samtemplate.ErrNone):
		line(noneHere, "the template: "+noneHere, 0)
	case r.Err != nil:
		w.complain(r, r.Err, consequence(nil, "the template"))
	default:
		text := summary(r)
		line(text, "the template is "+text, r.Template.Listed())
		w.warnOfFaults(samtemplate.Reading{}, r)
	}
	if r.SourceErr != nil {
		w.complain(r, r.SourceErr, consequence(nil, "the source of the build"))
	}
}

// complain says why a template cannot be used, and what follows from that.
func (w *templateWatch) complain(r samtemplate.Reading, err error, consequence string) {
	var refused *sam.TemplateError
	switch {
	case err == nil:
	case errors.As(err, &refused):
		w.log.diagnose(diagnosis.TemplateRefused, clean(err.Error())+"; "+consequence)
	default:
		w.log.diagnose(diagnosis.TemplateNotRead, clean(unreadable(r, err))+"; "+consequence)
	}
}

// warnOfFaults says with what SAM local does not start, unless that has been
// said of the last reading.
func (w *templateWatch) warnOfFaults(last, r samtemplate.Reading) {
	fault := faultOf(r)
	if fault == "" || fault == faultOf(last) {
		return
	}
	w.log.diagnose(diagnosis.TemplateRefused, clean(fault))
}

// faultOf words the first fault of a template, at which SAM local stops, and
// counts the others.
func faultOf(r samtemplate.Reading) string {
	if r.Template == nil || len(r.Template.Faults) == 0 {
		return ""
	}
	text := r.Template.Faults[0].Error()
	if more := len(r.Template.Faults) - 1; more > 0 {
		text += fmt.Sprintf("; and %d more, which corsproxy check lists", more)
	}
	return text
}

// unreadable says why a template cannot be read.
func unreadable(r samtemplate.Reading, err error) string {
	var path *fs.PathError
	switch name := r.Choice.Template; {
	case errors.Is(err, fs.ErrNotExist) && name != "" && name != samtemplate.Auto:
		return fmt.Sprintf("there is no file %q; name the template, or write auto for the one that SAM local takes, or none", name)
	case errors.As(err, &path) && errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf("%s may not be read; make it readable for the user that runs corsproxy", r.Choice.Show(path.Path))
	}
	return err.Error()
}

// isBuildGone reports whether a build has given way to its source, as it does while
// sam build makes the next one.
func isBuildGone(last, r samtemplate.Reading) bool {
	return last.Template != nil && r.Template != nil && reflect.DeepEqual(last.Choice, r.Choice) &&
		sam.IsBuilt(last.Template.Template) && !sam.IsBuilt(r.Template.Template)
}

// change says what is new in a reading; "" is nothing.
func change(last, r samtemplate.Reading) string {
	renews := r.Renews(last)
	switch {
	case !renews && !r.RenewsSource(last):
		return ""
	case r.Template == nil:
		return "no template is read any more"
	case last.Template == nil || last.Template.Template != r.Template.Template:
		return "the template is now " + summary(r)
	case !slices.Equal(mounted(last.Template), mounted(r.Template)):
		return "read " + named(r, r.Template) + " again: " + routeCount(r.Template) + "; SAM local mounts them when it is started again"
	case isStale(r) && !slices.Equal(mounted(last.Source), mounted(r.Source)):
		return "read " + named(r, r.Source) + " again: " + routeCount(r.Source) + "; SAM local mounts them after sam build, when it is started again"
	}
	if ids := otherCORS(r); ids != "" {
		return "read " + named(r, r.Source) + " again: it has another CORS setting for " + ids + " than the build, which takes it over by sam build"
	}
	if !renews {
		return "read " + named(r, r.Source) + " again; the build takes over what has changed by sam build"
	}
	if ids := r.Template.OtherCORS(last.Template); len(ids) > 0 {
		return "read " + named(r, r.Template) + " again: it has another CORS setting for " + clean(strings.Join(ids, ", ")) + ", which SAM local applies when it is started again"
	}
	return "read " + named(r, r.Template) + " again; its routes are the same; SAM local takes over what else has changed when it is started again"
}

// summary names the template and says what is in it.
func summary(r samtemplate.Reading) string {
	text := named(r, r.Template) + ", " + routeCount(r.Template)
	switch {
	case r.Source == nil && r.SourceErr == nil && sam.IsBuilt(r.Template.Template):
		return text + "; sam build has written it: what is to be changed goes into " + unknownSource + ", and then sam build"
	case r.Source == nil:
		return text
	}
	if more := ahead(r); more != "" {
		return text + "; " + more
	}
	return text + "; what is to be changed in it goes into " + named(r, r.Source) + ", and then sam build"
}

// ahead says what the source of a build has otherwise than the build; "" is
// nothing.
func ahead(r samtemplate.Reading) string {
	switch ids := otherCORS(r); {
	case isStale(r):
		return named(r, r.Source) + " has other routes: run sam build"
	case ids != "":
		return named(r, r.Source) + " has another CORS setting for " + ids + ": run sam build"
	}
	return ""
}

// unknownSource is the template that a build is made of, where nothing names it.
const unknownSource = "the template that it was made of, which corsproxy knows where samconfig.toml names it (template_file below [default.build.parameters])"

// isStale reports whether the template is a build that differs from its source.
func isStale(r samtemplate.Reading) bool {
	return r.Source != nil && !slices.Equal(mounted(r.Source), mounted(r.Template))
}

// otherCORS names the APIs of which the source of a build has another CORS setting.
func otherCORS(r samtemplate.Reading) string {
	if r.Source == nil || r.Template == nil {
		return ""
	}
	return clean(strings.Join(r.Source.OtherCORS(r.Template), ", "))
}

// named returns the name of a template that was read.
func named(r samtemplate.Reading, a *sam.Application) string {
	return clean(r.Choice.Show(a.Template))
}

// routeCount counts routes as corsproxy routes lists them.
func routeCount(a *sam.Application) string {
	if len(a.Local.Routes) == 0 {
		return "no routes"
	}
	return plural(a.Listed(), "route")
}

// mounted returns what SAM local mounts of a template. Where it stands there
// does not matter.
func mounted(a *sam.Application) []sam.Route {
	if a == nil {
		return nil
	}
	routes := slices.Clone(a.Local.Routes)
	for i := range routes {
		routes[i].Source = ""
	}
	return routes
}

func sameError(a, b error) bool {
	return (a == nil) == (b == nil) && (a == nil || a.Error() == b.Error())
}
