package diagnosis

import (
	"net/http"

	"github.com/corsproxy/corsproxy/internal/pathpattern"
)

// WithoutRoute says of a preflight for a path that no deployed API has, what is
// wrong with the path, where that is told of the request itself: a browser that
// is refused the preflight never sends that. The path is as it stands in the
// request line; any other diagnosis stays as it is.
func (x *Explainer) WithoutRoute(d Diagnosis, path string, preflight http.Header) Diagnosis {
	method := preflight.Get("Access-Control-Request-Method")
	if d.Code != DeployedWithoutRoute || method == "" || x == nil || x.table == nil {
		return d
	}
	found, ok := x.MissingToken(Evidence{
		Method: method, Path: pathpattern.Decode(path), RawPath: path, Header: make(http.Header),
		UpstreamStatus: d.Status, UpstreamBody: tokenAnswer,
	})
	if !ok || found.Code == RouteNotFound && !(&question{Evidence: Evidence{Path: pathpattern.Decode(path)}, Explainer: x}).isNear(found) {
		return d
	}
	found.Status, found.Upstream, found.Allow = d.Status, nil, nil
	return found
}
