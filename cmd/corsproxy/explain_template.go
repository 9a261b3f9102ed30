package main

import (
	"net/http"
	"net/url"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/samtemplate"
	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/console"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// inTemplate adds to messages what to write in the template of this folder, if
// there is one.
func (w world) inTemplate(messages []console.Message) []console.Message {
	if len(messages) == 0 {
		return nil
	}
	choice := samtemplate.Choice{Dir: w.dir}
	name, options, err := choice.Resolve()
	if err != nil {
		return messages
	}
	application, err := sam.Load(name, options)
	if err != nil || len(application.Deployed) == 0 {
		return messages
	}
	gateway := apigateway.New(application)
	for i := range messages {
		messages[i].Template = templatePastes(gateway, application.Deployed, messages[i])
	}
	return messages
}

// templatePastes returns what the APIs of a template lack for a message.
func templatePastes(g *apigateway.Gateway, apis []sam.API, m console.Message) *console.Template {
	r := apigateway.Request{Method: http.MethodOptions, Header: http.Header{"Origin": {m.Origin}, "Access-Control-Request-Method": {m.Method}}}
	if u, err := url.Parse(m.URL); err == nil {
		r.Path = u.Path
	}
	var pastes console.Template
	byType := map[string]*[]console.Paste{sam.REST: &pastes.REST, sam.HTTP: &pastes.HTTP}
	for _, s := range diagnosis.Settings(g, apis, r, diagnosis.Wish(m.Wish())) {
		all := byType[s.Type]
		*all = append(*all, console.Paste{For: "in the template, " + s.Where, Text: s.Text})
	}
	return &pastes
}
