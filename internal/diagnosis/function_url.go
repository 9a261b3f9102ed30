package diagnosis

import (
	"fmt"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// functionURL holds where the request may be meant for a function's own URL:
// it is for the root, or begins with the function's name.
func functionURL(q *question) (Diagnosis, bool) {
	all := segments(q.Path)
	for _, u := range q.whole[sam.ReasonFunctionURL] {
		id := path.Base(u.Route.API)
		if len(all) > 0 && !strings.EqualFold(all[0], id) {
			continue
		}
		return Diagnosis{
			Code: FunctionURLOnly,
			Detail: fmt.Sprintf("no route is mounted for %s; the function %s (%s) has a function URL and no API event, and SAM local serves no function URLs",
				q.request(), show(id), u.Route.Source),
			Hints:  q.localEventHint(u.Route.API),
			Routes: routesOf(q.table.Nearest(q.Method, q.Path, nearest)),
		}, true
	}
	return Diagnosis{}, false
}

// localEventHint is an event that has SAM local serve a function which has a URL of
// its own: of an HTTP API that is there, or of one more. That has no CORS setting, or
// one that is no other's, and SAM local would take it for all, so that it is none to
// be added where another API has one.
func (q *question) localEventHint(function string) []string {
	like, set := sam.Route{Function: path.Base(function), APIType: sam.HTTP}, false
	var more []*yaml.Node
	for _, api := range q.Template.Deployed {
		set = set || len(api.Routes) > 0 && (api.Property != "" || api.OtherGlobals != "")
		if api.Type != sam.HTTP || !api.Serverless || api.OwnDocument || len(api.Routes) == 0 || path.Dir(api.ID) != path.Dir(function) || like.API != "" && !isImplicit(api) {
			continue
		}
		like.API, like.Source, more = api.ID, api.Source, nil
		if api.DefaultAuthorizer {
			more = []*yaml.Node{scalar("Auth"), flow(mapping("Authorizer", scalar("NONE")))}
		}
	}
	if like.API == "" && set {
		return []string{"call its deployed URL: an event would add an API, and SAM local would lose the CORS setting of the others to that"}
	}
	return eventHint("mount it for SAM local alone, not to be deployed", q.Method, q.templatePath(), like, "", more...)
}
