package diagnosis_test

import (
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/sam"
)

const servedTemplate = `Transform: AWS::Serverless-2016-10-31
Resources:
  Web:
    Type: AWS::Serverless::HttpApi
    Properties:
      StageName: prod
CORS
  Items:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      CodeUri: src/
      Events:
        List: {Type: HttpApi, Properties: {ApiId: !Ref Web, Path: /items, Method: get}}
        File: {Type: HttpApi, Properties: {ApiId: !Ref Web, Path: '/files/{name}', Method: any}}
        New: {Type: HttpApi, Properties: {ApiId: !Ref Web, Path: /tags, Method: get}}
`

// TestSaid404 holds that the 404 of a deployed HTTP API is told of requests that
// it has no route for, and of no other.
func TestSaid404(t *testing.T) {
	t.Parallel()
	app := load(t, []byte(strings.Replace(servedTemplate, "CORS\n", "", 1)))
	cors := load(t, []byte(strings.Replace(servedTemplate, "CORS", "      CorsConfiguration: {AllowOrigins: ['https://shop.example.com'], AllowMethods: [GET]}", 1)))
	build := load(t, []byte(strings.Replace(strings.Replace(servedTemplate, "CORS\n", "", 1), "/tags", "/labels", 1)))
	remote := load(t, []byte(strings.Replace(servedTemplate, "CORS\n", "  More:\n    Type: AWS::Serverless::Application\n    Properties: {Location: 'https://example.com/template.yaml'}\n", 1)))
	changed := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var mounted []sam.Route
	for _, r := range app.Local.Routes {
		if r.Path != "/tags" {
			mounted = append(mounted, r)
		}
	}
	newer := diagnosis.Knowledge{Template: app, Table: sam.NewTable(mounted), TemplateChanged: changed, Mounted: changed.Add(-time.Second)}
	for name, c := range map[string]struct {
		known   diagnosis.Knowledge
		request string
		code    diagnosis.Code
		told    bool
	}{
		"no such route":             {diagnosis.Knowledge{Template: app}, "GET /nothing", diagnosis.HTTPAPISays404, true},
		"another case":              {diagnosis.Knowledge{Template: app}, "GET /Items", diagnosis.CaseMismatch, true},
		"another method":            {diagnosis.Knowledge{Template: app}, "POST /items", diagnosis.MethodNotDefined, true},
		"the stage":                 {diagnosis.Knowledge{Template: app}, "GET /prod/items", diagnosis.StageInPath, false},
		"the stage in another case": {diagnosis.Knowledge{Template: app}, "GET /Prod/items", diagnosis.StageInPath, true},
		"a stage of another":        {diagnosis.Knowledge{Template: app}, "GET /dev/items", diagnosis.StageInPath, true},
		"a base path":               {diagnosis.Knowledge{Template: app, BasePaths: []string{"/shop"}}, "GET /shop/items", diagnosis.PrefixInPath, false},
		"an encoded slash":          {diagnosis.Knowledge{Template: app}, "GET /files/a%2Fb", diagnosis.EncodedSlash, false},
		"the same behind the stage": {diagnosis.Knowledge{Template: app}, "GET /prod/files/a%2Fb", diagnosis.StageInPath, false},
		"a template that is newer":  {newer, "GET /tags", diagnosis.TemplateNewer, false},
		"a build that is stale":     {diagnosis.Knowledge{Template: build, Source: app}, "GET /tags", diagnosis.BuildIsStale, false},
		"OPTIONS without CORS":      {diagnosis.Knowledge{Template: app}, "OPTIONS /nothing", diagnosis.HTTPAPISays404, true},
		"OPTIONS with CORS":         {diagnosis.Knowledge{Template: cors}, "OPTIONS /nothing", diagnosis.RouteNotFound, false},
		"routes that are not known": {diagnosis.Knowledge{Template: remote}, "GET /Items", diagnosis.CaseMismatch, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, _ := diagnosis.NewExplainer(c.known).MissingToken(tokenEvidence(c.request))
			if told := strings.Contains(d.Detail+strings.Join(d.Hints, "\n"), "an HTTP API answers 404"); d.Code != c.code || told != c.told {
				t.Errorf("got %v, %q", d, d.Hints)
			}
		})
	}
}
