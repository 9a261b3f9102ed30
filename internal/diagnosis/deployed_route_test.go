package diagnosis_test

import (
	"net/http"
	"testing"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/pathpattern"
)

// TestWithoutRoute holds that a preflight that the deployed API refuses for its
// path is told what the request itself would be, which no browser sends then.
func TestWithoutRoute(t *testing.T) {
	t.Parallel()
	app := load(t, []byte(compareTemplate))
	g, x := apigateway.New(app), diagnosis.NewExplainer(diagnosis.Knowledge{Template: app})
	for path, want := range map[string]diagnosis.Code{
		"/prod/rest": diagnosis.StageInPath,
		"/Rest":      diagnosis.CaseMismatch,
		"/res":       diagnosis.RouteNotFound,
		"/far/away":  diagnosis.DeployedWithoutRoute,
		"/bare":      diagnosis.DeployedWithoutCORS, // which has the path
	} {
		h := fields([]string{"Origin: https://a.example", "Access-Control-Request-Method: PUT"})
		r := apigateway.Request{Method: http.MethodOptions, Path: pathpattern.Decode(path), Header: h}
		d, _ := diagnosis.PreflightAsDeployed(g, r, g.Answer(r))
		status := d.Status
		if d = x.WithoutRoute(d, path, h); d.Code != want || d.Status != status || d.Upstream != nil {
			t.Errorf("of %s it is said %s, with status %d and upstream %v; want %s", path, d, d.Status, d.Upstream, want)
		}
		if unknowing := new(diagnosis.Explainer).WithoutRoute(d, path, h); unknowing.Code != d.Code {
			t.Errorf("of %s one who knows no routes says %s", path, unknowing)
		}
	}
}
