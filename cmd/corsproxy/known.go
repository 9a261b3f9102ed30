package main

import (
	"time"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/samtemplate"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// known is what is known of the upstream beside the configuration. It is
// immutable: what is learned makes another one.
type known struct {
	began    time.Time           // when corsproxy began to look
	template samtemplate.Reading // what SAM local was told to mount
	earlier  []*sam.Application  // what it may have been told before, with another CORS setting; the newest first
	logged   []sam.Route         // what SAM local says that it has mounted
	mounted  time.Time           // when it did, at the latest
	echo     bool                // the upstream is the demo; see diagnosis.Knowledge
	child    bool                // the upstream is a child of corsproxy
	restarts bool                // it is started again when the template changes
}

// newKnown looks at the template of a choice for the first time.
func newKnown(choice samtemplate.Choice) known {
	began := time.Now()
	return known{began: began, template: samtemplate.Read(choice, samtemplate.Reading{})}
}

// knowledge returns k for an explainer, with the routes that the configuration
// lists. SAM's log is SAM's own word, and what the user lists comes on top.
// Without either the routes are the template's.
func (k known) knowledge(listed []sam.Route) diagnosis.Knowledge {
	t := k.template
	out := diagnosis.Knowledge{
		Template:        t.Template,
		Source:          t.Source,
		Earlier:         k.earlier,
		TemplateChanged: t.Changed,
		Watched:         k.began,
		Mounted:         k.mounted,
		Echo:            k.echo,
		Child:           k.child,
		Restarts:        k.restarts,
	}
	if t.Template != nil {
		out.BasePaths = t.Template.BasePaths
	}
	routes := k.logged
	if len(routes) == 0 && len(listed) > 0 && t.Template != nil {
		routes = t.Template.Local.Routes
	}
	if routes = append(listed, routes...); len(routes) > 0 {
		out.Table = sam.NewTable(routes)
	}
	return out
}

// maxEarlier bounds how many earlier templates are kept.
const maxEarlier = 8

// reread takes over a new reading of the template. SAM local has the last one
// until it is started again.
func (k *known) reread(r samtemplate.Reading) {
	last := k.template.Template
	k.template = r
	switch {
	case k.restarts:
		k.earlier = nil
	case last != nil && r.Template != nil && len(r.Template.OtherCORS(last)) > 0:
		k.earlier = append([]*sam.Application{last}, k.earlier[:min(len(k.earlier), maxEarlier-1)]...)
	}
}

// mount takes over what SAM local says that it has mounted, and when. It has then
// read the template, as it was.
func (k *known) mount(routes []sam.Route, mounted time.Time) {
	k.logged, k.mounted = routes, mounted
	if mounted.After(k.template.Changed) {
		k.earlier = nil
	}
}
