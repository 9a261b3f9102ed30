package diagnosis

import (
	"fmt"
	"strings"

	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// hints are what to paste, where it stands in several lines or there is a
// choice.
func (b *obstacle) hints(code Code) []string {
	fields := b.wants(code)
	preflight := b.Verdict.Stage == browser.StagePreflight
	_, lower := lowerCase(b.Method)
	switch {
	case b.SetBy == SetByStranger:
		return []string{
			"check whether --upstream names SAM local, which listens on http://127.0.0.1:3000 unless told otherwise",
			"or, where another server stands before SAM local, have corsproxy send what is missing here: " + b.here(),
		}
	case lower && code == MethodDisallowedByPreflightResponse:
		return nil
	case b.mixed() && b.allowedByOwn():
		return []string{"to have each API's own CORS setting count here:\n" + b.toRun(asDeployed)}
	case b.otherSite(code) != "":
		return b.besideSiteHints(b.otherSite(code), fields)
	case len(fields) == 0:
		return nil
	case b.SetBy == SetByCorsproxy:
		return []string{"in the configuration file, below cors:" + b.ofRule() + "\n" + joinWanted(fields, "\n", configured)}
	}
	var hints []string
	switch {
	case lower || b.ofNone || b.deployedRight(fields) || b.settingRight(fields) || b.settingUnknown(fields): // what is there already is no remedy
	case len(b.ownPreflights()) > 0:
		hints = b.ownPreflights()
	case b.SAMError && !preflight: // the template has no part in it
	case (b.withoutSetting() || b.byHand() && !preflight) && (preflight || b.SetBy == SetBySAM): // said in the step
	case !b.withoutSetting() && (preflight || b.route.APIType == sam.HTTP || b.SetBy == SetByTemplate || b.SetBy == SetBySAM && b.cors != nil):
		hints = append(hints, b.inProperties(fields))
		if s := b.declaring(fields); s.Text != "" {
			hints = append(hints, "in the template, "+s.Where+":\n"+s.Text)
		}
	case b.SetBy != SetBySAM && !b.echo:
		hints = append(hints, "in what the function returns:\n\"headers\": {"+joinWanted(fields, ", ", func(w wanted) string { return fmt.Sprintf("%q: %q", w.header, w.value) })+"}")
	}
	or := "or, on this machine alone, have corsproxy send it: "
	if preflight {
		or = "or let corsproxy answer preflights: "
	}
	if len(hints) == 0 {
		or = strings.TrimLeft(strings.TrimPrefix(or, "or"), ", ")
	}
	if b.Rule != "" {
		return append(hints, or+b.toRun(b.flags()))
	}
	return append(hints, or+b.here())
}

// inProperties is what to write in the template. A setting that is one text
// gives way to one with keys.
func (b *obstacle) inProperties(fields []wanted) string {
	lead := "in the template, in the Properties of the API" + b.named() + ", "
	if where, word, ok := b.computed(fields); ok {
		return "in the template, write " + where + ":\n" + word
	}
	if b.byHand() {
		return "in the template, in " + b.setting() + b.inPlace(fields) + ":\n" + joinWanted(fields, "\n", b.property)
	}
	if b.inExtension() {
		lead = "in the OpenAPI document of the API" + b.named() + ", "
	}
	property, text := b.corsProperty(), joinWanted(fields, "\n", b.property)
	if b.api == nil || b.api.CORS == nil || !b.api.CORS.Short {
		return lead + "below " + property + ", in place of what is there of the same name:\n" + text
	}
	if key := "AllowOrigin"; !strings.HasPrefix(text, key) {
		origins := b.api.CORS.AllowOrigins
		if b.api.Type == sam.HTTP {
			text = marshal(mapping(key+"s", sequence(origins))) + "\n" + text
		} else {
			text = marshal(mapping(key, quotedValue(strings.Join(origins, ",")))) + "\n" + text
		}
	}
	return lead + "in place of " + property + ":\n" + property + ":\n" + indented(text)
}

// ofRule names corsproxy's own route.
func (b *obstacle) ofRule() string {
	if b.Rule == "" {
		return ""
	}
	return " of the route " + show(b.Rule)
}

// configured writes a field as the configuration file does.
func configured(w wanted) string {
	key, value, _ := strings.Cut(strings.TrimPrefix(w.flag, "--"), " ")
	if value == "" {
		return strings.ReplaceAll(key, "-", "_") + ": true"
	}
	return strings.ReplaceAll(key, "-", "_") + "s: [" + value + "]"
}
