package diagnosis

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// with returns a list with more words at its end.
func with(words []string, more ...string) []string {
	return append(slices.Clone(words), more...)
}

// quotedValue is a value of a REST API's response: it has single quotes inside
// the double ones.
func quotedValue(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Style: yaml.DoubleQuotedStyle, Value: "'" + s + "'"}
}

func sequence(words []string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, w := range words {
		n.Content = append(n.Content, scalar(w))
	}
	return n
}

// flow has a map written in one line, which a log can hold.
func flow(n *yaml.Node) *yaml.Node {
	n.Style = yaml.FlowStyle
	return n
}

// mayBeWritten reports whether words of a request may stand in a template: as
// origins, methods or names of headers, by the key that they are for. What
// something else means there, as * or a quotation mark does, is none of these.
// Nor is null: it would let in sandboxed frames of any site.
func mayBeWritten(key string, words ...string) bool {
	valid := map[string]func(string) (string, bool){
		"AllowOrigin": originValue, "AllowOrigins": originValue, "AllowMethods": methodValue, "AllowHeaders": headerValue,
	}[key]
	return !slices.ContainsFunc(words, func(w string) bool {
		_, ok := valid(w)
		return !ok || w == "null"
	})
}

// mostListed is how many entries of a list are written out. One that is longer
// is nothing to paste, and the time of a request must not grow with it.
const mostListed = 100

// firstOf returns the beginning of a list of which not all is to be looked into.
func firstOf(list []string) []string { return list[:min(len(list), mostListed)] }

// A lack is what a list of a template does not have.
type lack struct {
	key   string
	words []string
}

// added returns a list with what it lacks, in place of what only looks like that:
// a name in other letters, or an origin that is miswritten. Of names only those
// are left that browsers can read.
func (l lack) added(list []string) []string {
	if l.key == "AllowOrigins" {
		list = slices.DeleteFunc(slices.Clone(list), func(o string) bool { return isMeantFor(o, l.words[0]) })
	} else {
		list = slices.DeleteFunc(sam.NamesIn(l.key, list), func(name string) bool { return contains(l.words, name) })
	}
	return append(list, l.words...)
}

// httpHint is the lists of a CorsConfiguration with what they lack, or that alone
// where the list is long. What that is is said before it, such as "it".
func httpHint(a apigateway.Answer, what string, lacks ...lack) []string {
	if a.CORS == nil {
		return nil
	}
	lists := map[string][]string{"AllowOrigins": a.CORS.AllowOrigins, "AllowMethods": a.CORS.AllowMethods, "AllowHeaders": a.CORS.AllowHeaders}
	var hints []string
	var changes []any
	for _, l := range lacks {
		has := lists[l.key]
		switch {
		case len(l.words) > mostListed || !mayBeWritten(l.key, l.words...):
		case len(has) > mostListed && !slices.Contains(a.CORS.Computed, l.key):
			hints = append(hints, fmt.Sprintf("to allow %s when deployed, add to %s in the CORS configuration of %s%s:\n%s", itOrThem(l.words), l.key, show(a.API), at(a.CORS.Source), marshal(l.words)))
		default:
			changes = append(changes, l.key, sequence(l.added(has)))
		}
	}
	return append(hints, settingHint(what, changes, Setting{}, func(changes []any) (Setting, bool) { return httpSetting(a.CORS, changes) })...)
}

// responseHint is what an HTTP API's configuration lacks for a response to be
// readable, by the verdict on it.
func responseHint(a apigateway.Answer, v browser.Verdict, origin string) []string {
	if a.CORS != nil && v.Header == "Access-Control-Allow-Credentials" {
		changes := Wish{Credentials: true}.withCredentials(*a.CORS, nil)
		return settingHint("it", changes, Setting{}, func(changes []any) (Setting, bool) { return httpSetting(a.CORS, changes) })
	}
	return httpHint(a, "it", lack{"AllowOrigins", []string{origin}})
}

// mockHint is the lists of a REST API's answer with what they lack: of its Cors
// property, or of the MOCK's response.
func (b blocked) mockHint(what string, lacks ...lack) []string {
	a := b.answer
	var changes []any
	for _, l := range lacks {
		has := b.allowed(l.key)
		if api, ok := b.gateway.API(a.API); ok && l.key == "AllowMethods" && a.Generated && api.CORS != nil {
			has = api.CORS.AllowMethods // what is written for one path counts for all
		}
		if value, ok := b.mockValue(l.key, l.added(has), l.words...); ok {
			changes = append(changes, l.key, value)
		}
	}
	return settingHint(what, changes, changing(b.preflight(), changes), func(changes []any) (Setting, bool) { return restSetting(a.CORS, a.Source, changes) })
}

// originHint is what to write for the origin of a REST API's answer, or nothing.
func (b blocked) originHint(what, origin string) []string {
	value, ok := b.mockValue("AllowOrigin", []string{origin}, origin)
	if !ok {
		return nil
	}
	changes := []any{"AllowOrigin", value}
	return settingHint(what, changes, changing(b.preflight(), changes), func(changes []any) (Setting, bool) { return restSetting(b.answer.CORS, b.answer.Source, changes) })
}

// mockValue is a value that a MOCK's response is given. It is false where that
// cannot be told, or is nothing to write.
func (b blocked) mockValue(key string, words []string, added ...string) (*yaml.Node, bool) {
	value := strings.Join(words, ",")
	unsafe := func(word string) bool { return show(word) != word }
	if len(words) > mostListed || !mayBeWritten(key, added...) || slices.ContainsFunc(words, unsafe) || strings.ContainsAny(value, `'"`) || b.answer.By != apigateway.ByMock {
		return nil, false
	}
	return quotedValue(value), true
}

// settingHint is what to write in a template, and what to declare for it. Several
// values go to several places, unless one has them all: the log has one line for it.
func settingHint(what string, changes []any, declared Setting, set func([]any) (Setting, bool)) []string {
	whole, ok := set(slices.Clone(changes))
	if !ok {
		return nil
	}
	before := ""
	if len(changes) > 2 && !strings.HasPrefix(whole.Text, "Cors") && !strings.HasPrefix(whole.Text, responseParameter) {
		var parts []string
		for change := range slices.Chunk(changes, 2) {
			whole, _ = set(change)
			parts = append(parts, whole.Where+": "+whole.Text)
		}
		before = strings.Join(parts[:len(parts)-1], ", ") + ", and "
	}
	return []string{"to allow " + what + " when deployed, write " + before + whole.written(declared)}
}

// guarded is a preflight that API Gateway refuses for what it lacks.
func (b blocked) guarded() Diagnosis {
	g := b.answer.Guard
	asks := map[string]string{
		sam.GuardAuthorizer: "authorizer " + show(g.Name) + " guards it",
		sam.GuardIAM:        "it wants a signature (AWS_IAM)",
		sam.GuardKey:        "it wants an API key",
	}[g.Kind]
	d := Diagnosis{
		Code: DeployedGuarded,
		Detail: fmt.Sprintf("the deployed API %s answers the preflight of %s with %d %s: %s%s, and a preflight never carries what that asks for",
			show(b.answer.API), show(b.answer.Path), b.answer.Status, b.answer.Body, asks, at(g.Source)),
	}
	const lead = "to leave preflights open when deployed, write "
	switch {
	case g.Default:
		for _, g := range b.defaultGuards() {
			beside, open := openDefault(g)
			d.Hints = append(d.Hints, lead+beside+":\n"+open)
		}
	default:
		api, _ := b.gateway.API(b.answer.API)
		p, _ := api.Preflight(b.answer.Path)
		if p.Method == "ANY" {
			d.Hints = b.optionsHint(api, p)
		} else {
			d.Hints = []string{b.openHint(api, p)}
		}
	}
	return d
}

// defaultGuards are what the API's Auth asks of a preflight: an authorizer and a
// key, too, of which API Gateway names the first.
func (b blocked) defaultGuards() []sam.Guard {
	api, _ := b.gateway.API(b.answer.API)
	if p, _ := api.Preflight(b.answer.Path); p.Generated && len(api.PreflightGuards) > 0 {
		return api.PreflightGuards
	}
	return []sam.Guard{b.answer.Guard}
}

// openDefault is what has the default of an API's Auth not asked of preflights,
// and where it goes.
func openDefault(g sam.Guard) (where, open string) {
	beside, key := "DefaultAuthorizer", "AddDefaultAuthorizerToCorsPreflight"
	if g.Kind == sam.GuardKey {
		beside, key = "ApiKeyRequired", "AddApiKeyRequiredToCorsPreflight"
	}
	return "beside " + beside + at(g.Source), key + ": false"
}

// openHint is what the operation that takes OPTIONS has to say, to be open.
func (b blocked) openHint(api sam.API, p sam.Preflight) string {
	lead := "to leave preflights open when deployed, "
	if p.Guard.Kind == sam.GuardAuthorizer && api.MixesOptions(p.Function, p.Path, "") {
		lead += "keep OPTIONS apart by " + ownMount(api, p) + ", since " + ofAllMethods + ", and "
	}
	key, byDefault, open := "Authorizer", api.DefaultAuthorizer, "Authorizer: NONE"
	if p.Guard.Kind == sam.GuardKey {
		key, byDefault, open = "ApiKeyRequired", api.DefaultKey, "ApiKeyRequired: false"
	}
	switch {
	case p.Guard.Document && api.DefaultAuthorizer && api.Type == sam.REST:
		return lead + "write in the OPTIONS operation" + at(p.Source) + ":\nsecurity: [{NONE: []}]"
	case p.Guard.Document:
		return lead + "write in the OPTIONS operation" + at(p.Source) + ":\nsecurity: []"
	case !api.Serverless && p.Guard.Kind == sam.GuardKey:
		return lead + "write in the OPTIONS method" + at(p.Source) + ":\n" + open
	case !api.Serverless:
		return lead + "write in the OPTIONS method" + at(p.Source) + ":\nAuthorizationType: NONE"
	case byDefault:
		return lead + "write in Auth of the event of the method options" + at(p.Source) + ":\n" + open
	}
	return lead + "take " + key + at(p.Guard.Source) + " out of the event of the method options, and Auth where nothing is left below it"
}

// optionsHint is a route for OPTIONS beside the one for any method, which asks
// for authorization. Of an HTTP API, SAM gives it no default authorizer; of a
// REST API the event has to say so, and only there.
func (b blocked) optionsHint(api sam.API, p sam.Preflight) []string {
	const lead = "to leave preflights open when deployed, "
	path := p.Path
	if path == sam.DefaultPath {
		path = "/{proxy+}"
	}
	event, ok := optionsEvent(api, path)
	apart, taker := "", p.Function
	if i := slices.IndexFunc(api.Routes, func(r sam.Route) bool { return r.Path == p.Path && r.Method == http.MethodOptions }); i >= 0 {
		taker = api.Routes[i].Function // whatever a CORS setting answers elsewhere
	}
	if api.MixesOptions(taker, path, api.OptionsAuthorizer) {
		apart = ", with " + ownMount(api, p) + ", since " + ofAllMethods
	}
	if !ok {
		return []string{lead + "add a route for OPTIONS " + show(path) + " to " + show(api.ID) + ", without authorization" + apart + "; it goes before the one for any method"}
	}
	to := "the function that is to answer them"
	if apart != "" {
		to = "a function other than " + show(taker) + ", since " + ofAllMethods
	}
	return []string{lead + "add below Events in the Properties of " + to + "; it goes before the one for any method:\n" + event}
}

// ownMount is what keeps OPTIONS apart from the other methods of its function and path in
// SAM local.
func ownMount(api sam.API, p sam.Preflight) string {
	switch {
	case api.OwnDocument || p.Guard.Document:
		return "an operationId of its own"
	case !api.Serverless:
		return "an OperationName of its own"
	}
	return "a function of its own"
}

// optionsEvent is the event that gives a function the preflights of a path,
// which nothing guards. It is false where SAM adds no events to the API.
func optionsEvent(api sam.API, path string) (string, bool) {
	var auth []any
	if api.DefaultAuthorizer && api.Type == sam.REST {
		auth = append(auth, "Authorizer", scalar("NONE"))
	}
	if api.DefaultKey {
		auth = append(auth, "ApiKeyRequired", &yaml.Node{Kind: yaml.ScalarNode, Value: "false"})
	}
	var more []*yaml.Node
	if len(auth) > 0 {
		more = []*yaml.Node{scalar("Auth"), flow(mapping(auth...))}
	}
	p, _ := api.Preflight(path)
	more = append(more, payloadNodes(api, p.Function)...)
	own, ok := event(http.MethodOptions, path, sam.Route{API: api.ID, APIType: api.Type}, more...)
	if !api.Serverless || api.OwnDocument || !ok {
		return "", false
	}
	return marshal(mapping(eventName(http.MethodOptions, path), flow(own))), true
}
