package diagnosis_test

import (
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// severalAPIs is a template of whose policies SAM local applies Web's to all.
const severalAPIs = `Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.13, Handler: a.b, CodeUri: src}}
Resources:
  Shop:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod, Cors: {AllowOrigin: "'http://localhost:5173'", AllowMethods: "'GET'"}}
  Bare:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod}
  Other:
    Type: AWS::Serverless::HttpApi
    Properties: {CorsConfiguration: {AllowOrigins: ["http://localhost:5173"], AllowMethods: [GET]}}
  Web:
    Type: AWS::Serverless::HttpApi
    Properties: {CorsConfiguration: {AllowOrigins: ["https://*", "https://web.example"], AllowMethods: [GET]}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref Shop, Path: /shop, Method: get}}
        B: {Type: Api, Properties: {RestApiId: !Ref Bare, Path: /bare, Method: get}}
        C: {Type: HttpApi, Properties: {ApiId: !Ref Other, Path: /other, Method: get}}
        D: {Type: HttpApi, Properties: {ApiId: !Ref Web, Path: /web, Method: get}}
`

// TestBlockedBySeveralAPIs holds that the fix is never in the setting of
// another API, nor in one that allows it already.
func TestBlockedBySeveralAPIs(t *testing.T) {
	t.Parallel()
	app := load(t, []byte(severalAPIs))
	x := diagnosis.NewExplainer(diagnosis.Knowledge{Template: app})
	const (
		page    = "http://localhost:5173"
		foreign = "; SAM local applies the CORS of API Web (template.yaml:15) to all APIs; the route's own, "
		follow  = "--cors-source template"
	)
	webOrigin := []string{"Access-Control-Allow-Origin: https://*,https://web.example"}
	for _, tt := range []struct {
		name     string
		answered answered
		want     string // end of the detail
	}{
		{"a REST API that allows it", answered{Request: "GET /shop", Origin: page, Answered: webOrigin, SetBy: diagnosis.SetBySAM},
			foreign + "Shop (template.yaml:6), allows it: " + follow},
		{"a REST API's preflight", answered{Request: "GET /shop", Preflight: true, Origin: page, Answered: webOrigin, SetBy: diagnosis.SetBySAM},
			foreign + "Shop (template.yaml:6), allows it: " + follow},
		{"a preflight for another origin", answered{Request: "GET /shop", Preflight: true, Origin: "http://a.example", Answered: webOrigin, SetBy: diagnosis.SetBySAM},
			"; here: --cors-source config" + foreign + `Shop (template.yaml:6), has to allow it: in its Cors, AllowOrigin: "'http://a.example'", and start corsproxy with ` + follow},
		{"a method that the API does not have", answered{Request: "PUT /shop", Preflight: true, Origin: page, Answered: webOrigin, SetBy: diagnosis.SetBySAM},
			"; here: --cors-source config" + foreign + `Shop (template.yaml:6), has to allow it: in its Cors, AllowMethods: "'GET,PUT'", and start corsproxy with ` + follow},
		{"a REST API without Cors", answered{Request: "GET /bare", Origin: page, Answered: webOrigin, SetBy: diagnosis.SetBySAM},
			"; here: --response-headers replace" + foreign + "Bare (template.yaml:7), has no CORS setting; for AWS, have function F (template.yaml:21) send Access-Control-Allow-Origin: http://localhost:5173, and start corsproxy with " + follow},
		{"a site in a list", answered{Request: "GET /shop", Origin: page, Answered: []string{"Access-Control-Allow-Origin: http://localhost:1, https://app.example.com/"}, SetBy: diagnosis.SetByFunction},
			"; here: --response-headers replace"},
		{"the same as deployed", answered{Request: "GET /bare", Origin: page, Answered: webOrigin, SetBy: diagnosis.SetBySAM, AsDeployed: true},
			"; here: --cors-source config --response-headers replace" + foreign + "Bare (template.yaml:7), has no CORS setting; for AWS, have function F (template.yaml:21) send Access-Control-Allow-Origin: http://localhost:5173"},
		{"an HTTP API that allows it", answered{Request: "GET /other", Origin: page, SetBy: diagnosis.SetByFunction},
			foreign + "Other (template.yaml:12), allows it: " + follow},
		{"an HTTP API that does not", answered{Request: "GET /other", Origin: "http://a.example", SetBy: diagnosis.SetByFunction},
			"; here: --response-headers fill" + foreign + "Other (template.yaml:12), has to allow it: in its CorsConfiguration, AllowOrigins: [http://localhost:5173, http://a.example], and start corsproxy with " + follow},
		{"the API whose policy SAM local reads in part", answered{Request: "GET /web", Origin: "https://a.example", SetBy: diagnosis.SetByFunction},
			"; the route's API Web (template.yaml:15) allows it when deployed, and SAM local does not: " + follow},
		{"and that lacks a method", answered{Request: "PUT /web", Preflight: true, Origin: "https://a.example", SetBy: diagnosis.SetBySAM},
			"; here: --cors-source config; the route's API Web (template.yaml:15) has to allow it: in its CorsConfiguration, AllowMethods: [GET, PUT], and start corsproxy with " + follow},
		{"the API whose policy it is", answered{Request: "GET /web", Origin: page, SetBy: diagnosis.SetByFunction},
			"; here: --response-headers fill; on AWS pages of https://web.example may read it"},
		{"the gateway, in corsproxy's hands", answered{Request: "GET /other", Origin: "http://a.example", SetBy: diagnosis.SetByTemplate, AsDeployed: true},
			"; here: --cors-source config --response-headers replace; for AWS, in CorsConfiguration of the API (template.yaml:12), AllowOrigins: [http://localhost:5173, http://a.example]"},
		{"the function", answered{Request: "GET /shop", Origin: page, Answered: []string{"Access-Control-Allow-Origin: http://b.example"}, SetBy: diagnosis.SetByFunction},
			"; here: --response-headers replace"},
		{"an error of SAM local's own", answered{Request: "GET /web", Origin: "https://web.example", Status: 502, SetBy: diagnosis.SetBySAM, SAMError: true},
			"; SAM local's own errors have no CORS headers; to read them here: --response-headers fill"},
		{"a function's error, as an answer", answered{Request: "GET /web", Origin: page, Status: 200, SetBy: diagnosis.SetBySAM, SAMError: true},
			"; here: --response-headers fill; on AWS pages of https://web.example may read it"},
		{"a redirect of SAM local's own", answered{Request: "GET /web", Origin: "https://web.example", Status: 308, SetBy: diagnosis.SetBySAM, SAMError: true},
			"; SAM local redirects without CORS headers; let the page call the URL that Location names"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.answered.Status == 0 {
				tt.answered.Status = 200
			}
			d, ok := x.Blocked(tt.answered.evidence(t, app))
			if !ok || !strings.HasSuffix(d.Detail, tt.want) {
				t.Fatalf("got %q\nwant the end %q", d.Detail, tt.want)
			}
			cured := strings.Contains(tt.want, " allows it")
			for _, h := range d.Hints {
				if cured && !strings.HasSuffix(h, "\ncorsproxy --cors-source template") || tt.answered.SAMError && tt.answered.Status != 200 && strings.Contains(h, "template") {
					t.Errorf("a hint is %q", h)
				}
			}
		})
	}
}

// TestSiteBesideAnotherAPI holds that a site that the route's own API names is
// not overwritten, where SAM local applies another API's list.
func TestSiteBesideAnotherAPI(t *testing.T) {
	t.Parallel()
	app := load(t, []byte(`Transform: AWS::Serverless-2016-10-31
Resources:
  Rest:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod, Cors: {AllowOrigin: "'https://app.example.com'"}}
  Http:
    Type: AWS::Serverless::HttpApi
    Properties: {CorsConfiguration: {AllowOrigins: ["http://localhost:5173", "https://app.example.com"]}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: a.b
      CodeUri: src
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: /orders, Method: get}}
        B: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /web, Method: get}}
`))
	x := diagnosis.NewExplainer(diagnosis.Knowledge{Template: app})
	for preflight, want := range map[bool]string{
		false: "; here: --response-headers replace; on AWS function F (template.yaml:16) has to send the header itself",
		true:  "; here: --cors-source config",
	} {
		e := answered{Request: "GET /orders", Preflight: preflight, Origin: "http://localhost:23482", Status: 200, SetBy: diagnosis.SetBySAM,
			Answered: []string{"Access-Control-Allow-Origin: http://localhost:5173,https://app.example.com"}}
		d, ok := x.Blocked(e.evidence(t, app))
		if !ok || !strings.HasSuffix(d.Detail, want) {
			t.Errorf("got %q\nwant the end %q", d.Detail, want)
		}
		for _, h := range d.Hints {
			if strings.Contains(h, "23482") {
				t.Errorf("the site is overwritten: %q", h)
			}
		}
	}
}

// TestBlockedWhatTheTemplateHas holds that nothing claims AWS to allow a request
// whose preflight it refuses, and that no remedy is what the template says
// already.
func TestBlockedWhatTheTemplateHas(t *testing.T) {
	t.Parallel()
	app := load(t, []byte(`Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.13, Handler: a.b, CodeUri: src}}
Resources:
  Bare: {Type: AWS::Serverless::Api, Properties: {StageName: prod}}
  Cart:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration: {AllowOrigins: ["http://localhost:5173", "https://app.example.com"], AllowMethods: [GET, PUT], AllowHeaders: [x-cart]}
      Auth: {Authorizers: {Jwt: {IdentitySource: $request.header.Authorization, JwtConfiguration: {issuer: "https://i.example", audience: [a]}}}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: HttpApi, Properties: {ApiId: !Ref Cart, Path: /cart, Method: get}}
        B: {Type: HttpApi, Properties: {ApiId: !Ref Cart, Path: "/cart/{id}", Method: put}}
        C: {Type: HttpApi, Properties: {ApiId: !Ref Cart, Path: "/any/{proxy+}", Method: any, Auth: {Authorizer: Jwt}}}
        D: {Type: Api, Properties: {RestApiId: !Ref Bare, Path: /bare, Method: get}}
`))
	x := diagnosis.NewExplainer(diagnosis.Knowledge{Template: app})
	const page = "http://localhost:5173"
	for _, tt := range []struct {
		name     string
		answered answered
		want     string // end of the detail
	}{
		{"all of it is allowed", answered{Request: "PUT /cart/1", Headers: []string{"X-Cart: 1", "Cache-Control: no-cache"}, Origin: page},
			"; the route's API Cart (template.yaml:8) allows it when deployed, and SAM local does not: --cors-source template"},
		{"a header that is not", answered{Request: "PUT /cart/1", Headers: []string{"Authorization: Bearer x"}, Origin: page},
			"; here: --response-headers fill; when deployed, its preflight is refused already"},
		{"a guarded preflight", answered{Request: "PATCH /any/a", Origin: page},
			"; here: --response-headers fill; when deployed, its preflight is refused already"},
		{"no preflight, and no guard before it", answered{Request: "GET /any/a", Origin: page},
			"; the route's API Cart (template.yaml:8) allows it when deployed, and SAM local does not: --cors-source template"},
		{"lower case", answered{Request: "patch /any/a", Origin: page},
			"; here: --response-headers fill; and write method: 'PATCH' in the page"},
		{"another path to AWS", answered{Request: "GET /cart/", Origin: page},
			"; here: --response-headers fill; on AWS an HTTP API may not take /cart/ for /cart: call that in the page"},
		{"the same in AWS's place", answered{Request: "GET /cart/", Origin: page, AsDeployed: true, SetBy: diagnosis.SetByTemplate},
			"; here: --cors-source config --response-headers replace; on AWS an HTTP API may not take /cart/ for /cart: call that in the page"},
		{"a page of another site, and of none", answered{Request: "GET /cart", Origin: "http://localhost:1"},
			"; here: --response-headers fill; on AWS pages of https://app.example.com may read it"},
		{"which may not send it there either", answered{Request: "PUT /cart/1", Headers: []string{"Authorization: Bearer x"}, Origin: "http://localhost:1"},
			"; here: --response-headers fill"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.answered.Status = 200
			if tt.answered.SetBy == "" {
				tt.answered.SetBy = diagnosis.SetByFunction
			}
			d, ok := x.Blocked(tt.answered.evidence(t, app))
			if !ok || !strings.HasSuffix(d.Detail, tt.want) {
				t.Errorf("got  %s\nwant …%s", d.Detail, tt.want)
			}
			if hints := strings.Join(d.Hints, "\n"); tt.answered.Origin == page && strings.Contains(hints, "AllowOrigins") {
				t.Errorf("the hints name what is there: %s", hints)
			}
		})
	}
}
