package diagnosis

import (
	"net/http"
	"strings"

	"github.com/corsproxy/corsproxy/internal/pathpattern"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// A deployedHTTP is an HTTP API as the template deploys it, be that built and
// mounted or not.
type deployedHTTP struct {
	routes   *sam.Table
	prefixes []string // what its URLs may have before the paths of routes: "", "/prod"
	cors     bool     // it answers preflights for any path
}

// indexDeployed keeps the HTTP APIs of the templates.
func (x *Explainer) indexDeployed() {
	for _, a := range []*sam.Application{x.Template, x.Source} {
		if a == nil {
			continue
		}
		for _, api := range a.Deployed {
			if api.Type != sam.HTTP {
				continue
			}
			d := deployedHTTP{routes: sam.NewTable(api.Routes), prefixes: []string{""}, cors: api.CORS != nil}
			for _, stage := range api.NamedStages() {
				d.prefixes = append(d.prefixes, "/"+stage)
			}
			for _, base := range x.BasePaths {
				d.prefixes = append(d.prefixes, "/"+strings.Trim(base, "/"))
			}
			x.deployedHTTP = append(x.deployedHTTP, d)
		}
	}
}

// servedByHTTP reports whether an HTTP API that is deployed may answer the
// request, which SAM local does not: the template has its route, as AWS reads
// the path, or part of the routes is not known.
func (q *question) servedByHTTP() bool {
	if len(q.whole[sam.ReasonRemoteStack]) > 0 || len(q.whole[sam.ReasonUnreadStack]) > 0 || len(q.whole[sam.ReasonRemoteDefinition]) > 0 {
		return true
	}
	raw := encodedSlashes.ReplaceAllString(q.RawPath, "%252F") // no slash to AWS
	for _, d := range q.deployedHTTP {
		if d.cors && q.Method == http.MethodOptions {
			return true
		}
		for _, prefix := range d.prefixes {
			rest, ok := strings.CutPrefix(raw, prefix)
			if !ok || rest != "" && rest[0] != '/' {
				continue
			}
			if _, ok := match(d.routes, Evidence{Method: q.Method, Path: pathpattern.Decode("/" + strings.TrimPrefix(rest, "/"))}); ok {
				return true
			}
		}
	}
	return false
}
