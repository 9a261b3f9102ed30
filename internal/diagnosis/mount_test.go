package diagnosis_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// TestMountHints holds that what would mount a route is written as the API has its
// routes: as an event where SAM reads events, and in the file that has the API.
func TestMountHints(t *testing.T) {
	t.Parallel()
	const (
		uri    = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:F/invocations"
		lambda = "  F: {Type: AWS::Lambda::Function, Properties: {Code: src, Handler: a.b, Runtime: nodejs22.x, Role: r}}\n"
		rest   = `  R: {Type: AWS::ApiGateway::RestApi, Properties: {Name: r}}
  Items: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref R, ParentId: !GetAtt R.RootResourceId, PathPart: items}}
  Put:
    Type: AWS::ApiGateway::Method
    Properties: {RestApiId: !Ref R, ResourceId: !Ref Items, HttpMethod: PUT, AuthorizationType: NONE, Integration: {Type: AWS_PROXY, Uri: ` + uri + `}}
`
		http = `  H: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: h, ProtocolType: HTTP}}
  I: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref H, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt F.Arn}}
  Put: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref H, RouteKey: PUT /items, Target: !Sub "integrations/${I}"}}
`
		paths = "{openapi: 3.0.1, paths: {/items: {put: {x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: " + uri + "}}}}}"
		loop  = `Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Globals: {Api: {Cors: "'*'"}}
Resources:
  Fn::ForEach::Fns:
    - Name
    - [users, orders]
    - ${Name}Fn:
        Type: AWS::Serverless::Function
        Properties: {CodeUri: src, Handler: a.b, Runtime: nodejs22.x, Events: {A: {Type: Api, Properties: {Path: !Sub "/${Name}", Method: post}}}}
  Alone:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: src, Handler: a.b, Runtime: nodejs22.x, Events: {A: {Type: Api, Properties: {Path: /alone, Method: post}}}}
`
		function = "Type: AWS::Serverless::Function, Properties: {CodeUri: src, Handler: a.b, Runtime: nodejs22.x"
	)
	for name, tt := range map[string]struct{ files, request, want, not string }{
		"a method of a raw REST API":      {"Resources:\n" + rest + lambda, "GET /items", "one of the same resource as that of PUT /items (template.yaml:4), with the integration of the function that is to answer, and:\nHttpMethod: GET\n", "Type: Api"},
		"a path of a raw REST API":        {"Resources:\n" + rest + lambda, "GET /item", "R (template.yaml:2) takes its routes from AWS::ApiGateway::Method; add an AWS::ApiGateway::Resource for the path, and a method of it", "Events"},
		"a raw HTTP API":                  {"Resources:\n" + http + lambda, "GET /items", "H (template.yaml:2) takes its routes from AWS::ApiGatewayV2::Route; add one with the Target of the integration that is to answer, and:\nRouteKey: GET /items\n", "Events"},
		"a Body":                          {"Resources:\n  R: {Type: AWS::ApiGateway::RestApi, Properties: {Body: " + paths + "}}\n" + lambda, "GET /items", "R (template.yaml:2) has a definition of its own; for the function that is to answer, add there below /items:\nget:\n", "SAM adds no"},
		"a Body of a raw HTTP API":        {"Resources:\n  H: {Type: AWS::ApiGatewayV2::Api, Properties: {Body: " + paths + "}}\n" + lambda, "GET /items", "add there below /items:\nget:\n  x-amazon-apigateway-integration:\n    type: aws_proxy\n    httpMethod: POST\n    payloadFormatVersion: \"2.0\"\n    uri: ", ""},
		"events of another version":       {"Transform: AWS::Serverless-2016-10-31\nResources:\n  F: {" + function + ", Events: {A: {Type: HttpApi, Properties: {Path: /items, Method: put, PayloadFormatVersion: '1.0'}}}}}\n", "GET /items", "    Method: get\n    PayloadFormatVersion: \"1.0\"\n", ""},
		"events of another function's":    {"Transform: AWS::Serverless-2016-10-31\nResources:\n  F: {" + function + ", Events: {A: {Type: HttpApi, Properties: {Path: /items, Method: put}}}}}\n  G: {" + function + ", Events: {A: {Type: HttpApi, Properties: {Path: /other, Method: put, PayloadFormatVersion: '1.0'}}}}}\n", "GET /items", "    Method: get\n", "PayloadFormatVersion"},
		"operations of another version":   {"Resources:\n  H: {Type: AWS::ApiGatewayV2::Api, Properties: {Body: " + strings.Replace(paths, "POST,", "POST, payloadFormatVersion: '1.0',", 1) + "}}\n" + lambda, "GET /items", "\n    payloadFormatVersion: \"1.0\"\n", ""},
		"a file of an HTTP API":           {"Resources:\n  H: {Type: AWS::Serverless::HttpApi, Properties: {DefinitionUri: api.yaml}}\n  F: {" + function + "}}\n-- api.yaml --\n" + paths, "GET /items", "\n    payloadFormatVersion: \"2.0\"\n", ""},
		"a file that AWS::Include names":  {"Resources:\n  R: {Type: AWS::Serverless::Api, Properties: {StageName: a, DefinitionBody: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: api.yaml}}}}}\n  F: {" + function + "}}\n-- api.yaml --\n" + paths, "GET /items", "add there in api.yaml below /items:\nget:\n  x-amazon-apigateway-integration:\n    type: aws_proxy\n    httpMethod: POST\n    uri:\n      Fn::Sub: arn:", "payloadFormatVersion"},
		"a file that DefinitionUri names": {"Resources:\n  R: {Type: AWS::Serverless::Api, Properties: {StageName: a, DefinitionUri: api.yaml}}\n  F: {" + function + "}}\n-- api.yaml --\n" + paths, "GET /items", "below /items, with the function's ARN itself in place of Fn::Sub, which AWS resolves only in a file that AWS::Include names:\nget:\n", "!Sub"},
		"the permission, in a raw API":    {"Resources:\n" + rest + lambda, "GET /items", "check whether an AWS::Lambda::Permission lets API Gateway call the function for GET /items: without one, AWS answers 500\n", "Events"},
		"the permission, by an event":     {"Resources:\n  H: {Type: AWS::Serverless::HttpApi, Properties: {DefinitionUri: api.yaml}}\n  F: {" + function + "}}\n-- api.yaml --\n" + paths, "GET /items", "add below Events in the Properties of that function:\nGetItems:\n  Type: HttpApi\n  Properties:\n    Path: /items\n    Method: get\n    ApiId: !Ref H\n", "AWS::Lambda::Permission"},
		"an event of a loop":              {loop, "GET /users", "the function that is to answer, with the loop's variable in Path where the function stands in Fn::ForEach:\nGetUsers:\n", ""},
		"an event beside a loop":          {loop, "PUT /alone", "the function that is to answer:\nPutAlone:\n", "ForEach"},
		"an event near a loop's":          {loop, "PUT /user", "the function that is to answer, with the loop's variable in Path where the function stands in Fn::ForEach:\nPutUser:\n", ""},
		"a template of one line":          {`{"Transform": "AWS::Serverless-2016-10-31", "Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "src", "Handler": "a.b", "Runtime": "nodejs22.x", "Events": {"A": {"Type": "Api", "Properties": {"Path": "/a", "Method": "put"}}}}}, "G": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "src", "Handler": "a.b", "Runtime": "nodejs22.x", "Events": {"A": {"Type": "Api", "Properties": {"Path": "/b", "Method": "put"}}}}}}}`, "GET /a", "the function that is to answer:\nGetA:\n", "ForEach"},
		"an event of a nested stack":      {"Resources:\n  S: {Type: AWS::Serverless::Application, Properties: {Location: child/template.yaml}}\n-- child/template.yaml --\nTransform: AWS::Serverless-2016-10-31\nResources:\n  F: {" + function + ", Events: {A: {Type: Api, Properties: {Path: /items, Method: put}}}}}\n", "GET /items", "add below Events in the Properties of the function that is to answer, in child/template.yaml:\nGetItems:\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			archive := txtar.Parse([]byte("-- template.yaml --\n" + tt.files))
			dir := t.TempDir()
			for _, f := range archive.Files {
				file := filepath.Join(dir, f.Name)
				if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, f.Data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			app, err := sam.Load(filepath.Join(dir, "template.yaml"), sam.Options{LanguageExtensions: strings.Contains(tt.files, "LanguageExtensions")})
			if err != nil {
				t.Fatal(err)
			}
			x := diagnosis.NewExplainer(diagnosis.Knowledge{Template: app})
			d, _ := x.MissingToken(tokenEvidence(tt.request))
			hints := strings.Join(d.Hints, "\n\n") + "\n"
			if !strings.Contains(hints, tt.want) || tt.not != "" && strings.Contains(hints, tt.not) {
				t.Errorf("%s: no %q, or %q, in\n%s", d, tt.want, tt.not, hints)
			}
		})
	}
}
