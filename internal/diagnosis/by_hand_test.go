package diagnosis_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// Templates with OPTIONS methods of their own. The first is an OpenAPI
// document in which functions make the headers of /made, and none those of
// /plain; /by-sam has its OPTIONS from Cors.
const (
	inDocument = `Transform: AWS::Serverless-2016-10-31
Parameters: {Methods: {Type: String, Default: GET}, Site: {Type: String, Default: "http://localhost:1"}, Stage: {Type: String, Default: dev}}
Conditions: {Prod: !Equals [!Ref Stage, prod]}
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: v1
      Cors: {AllowOrigin: "'*'", AllowHeaders: "'x-sam'"}
      DefinitionBody:
        openapi: 3.0.1
        paths:
          /by-sam:
            get: {x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations"}}
          /made:
            get: {x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations"}}
            put: {x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations"}}
            options:
              x-amazon-apigateway-integration:
                type: mock
                responses:
                  200:
                    statusCode: 200
                    responseParameters:
                      method.response.header.Access-Control-Allow-Origin: !Sub "'${Site}'"
                      method.response.header.Access-Control-Allow-Methods: !Sub "'${Methods}'"
                      method.response.header.Access-Control-Allow-Headers: !If [Prod, "'x-prod'", "'x-dev'"]
          /plain:
            get: {x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations"}}
            options:
              x-amazon-apigateway-integration:
                type: mock
                responses:
                  default:
                    statusCode: 200
                    responseParameters: {method.response.header.Access-Control-Allow-Origin: "'*'", method.response.header.Access-Control-Allow-Headers: "'x-a'"}
          /whole:
            get: {x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations"}}
            options:
              x-amazon-apigateway-integration:
                type: mock
                responses:
                  default:
                    statusCode: 200
                    responseParameters: !If [Prod, {}, {method.response.header.Access-Control-Allow-Origin: "'*'", method.response.header.Access-Control-Allow-Headers: "'x-a'"}]
  F: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.13, Handler: a.b, CodeUri: src}}
`
	// MethodResponses of the second declare no more than the origin.
	declaresOrigin = `Resources:
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: a}}
  Pets: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: pets}}
  Options:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !Ref Pets
      HttpMethod: OPTIONS
      MethodResponses:
        - StatusCode: 200
          ResponseParameters:
            method.response.header.Access-Control-Allow-Origin: true
      Integration: {Type: MOCK, IntegrationResponses: [{StatusCode: 200, ResponseParameters: {method.response.header.Access-Control-Allow-Origin: "'*'"}}]}
  Put: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref Pets, HttpMethod: PUT, Integration: {Type: AWS_PROXY, Uri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations"}}}
  F: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.13, Handler: a.b, Code: src}}
`
	inMethod = `Parameters: {Methods: {Type: String, Default: GET}}
Resources:
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: a}}
  Pets: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: pets}}
  Get: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref Pets, HttpMethod: GET, Integration: {Type: AWS_PROXY, Uri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations"}}}
  Put: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref Pets, HttpMethod: PUT, Integration: {Type: AWS_PROXY, Uri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations"}}}
  Options:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !Ref Pets
      HttpMethod: OPTIONS
      Integration:
        Type: MOCK
        IntegrationResponses:
          - StatusCode: 200
            ResponseParameters:
              method.response.header.Access-Control-Allow-Origin: "'*'"
              method.response.header.Access-Control-Allow-Methods: !Sub "'${Methods}'"
              method.response.header.Access-Control-Allow-Headers: "'x-a'"
  F: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.13, Handler: a.b, Code: src}}
`
)

// TestSettingsByHand holds that a value of an OPTIONS method that a function
// makes is changed where it comes from, as one of Cors is.
func TestSettingsByHand(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		template, path string
		wish           diagnosis.Wish
		want           string
	}{
		"a parameter": {inDocument, "/made", diagnosis.Wish{Methods: []string{"PUT"}},
			"into the branch or the parameter that Access-Control-Allow-Methods (template.yaml:26) of Api is made from, and not in place of the function: PUT"},
		"a branch": {inDocument, "/made", diagnosis.Wish{Headers: []string{"x-q"}},
			"into the branch or the parameter that Access-Control-Allow-Headers (template.yaml:27) of Api is made from, and not in place of the function: x-q"},
		"the origin": {inDocument, "/made", diagnosis.Wish{Origin: "http://localhost:5173"},
			"as the value of parameter Site, which Access-Control-Allow-Origin (template.yaml:25) of Api is made from: http://localhost:5173"},
		"no function": {inDocument, "/plain", diagnosis.Wish{Headers: []string{"x-q"}},
			`in the response parameters of that OPTIONS method (template.yaml:30), in place of what has the name: method.response.header.Access-Control-Allow-Headers: "'x-a,x-q'"`},
		"a function that makes all of them": {inDocument, "/whole", diagnosis.Wish{Headers: []string{"x-q"}},
			"for Access-Control-Allow-Headers, into what the function makes that stands in place of the response parameters of the OPTIONS method of Api (template.yaml:45): x-q"},
		"a method that SAM makes": {inDocument, "/by-sam", diagnosis.Wish{Headers: []string{"x-q"}},
			`in place of AllowHeaders (template.yaml:9), below Cors of Api: AllowHeaders: "'x-sam,x-q'"`},
		"a parameter of a raw method": {inMethod, "/pets", diagnosis.Wish{Methods: []string{"PUT"}},
			"into the branch or the parameter that Access-Control-Allow-Methods (template.yaml:19) of Api is made from, and not in place of the function: PUT"},
		"one that the document does not declare, as no other": {inDocument, "/plain", diagnosis.Wish{Methods: []string{"PUT"}},
			`in the response parameters of that OPTIONS method (template.yaml:30): method.response.header.Access-Control-Allow-Methods: "'PUT'"
so that it deploys, in the operation, beside x-amazon-apigateway-integration (template.yaml:31): responses: {"200": {description: OK, headers: {Access-Control-Allow-Origin: {schema: {type: string}}, Access-Control-Allow-Headers: {schema: {type: string}}, Access-Control-Allow-Methods: {schema: {type: string}}}}}`},
		"one that the method does not declare": {declaresOrigin, "/pets", diagnosis.Wish{Methods: []string{"PUT"}, Headers: []string{"x-q"}},
			`in the response parameters of that OPTIONS method (template.yaml:4): method.response.header.Access-Control-Allow-Methods: "'PUT'"
method.response.header.Access-Control-Allow-Headers: "'x-q'"
so that it deploys, beside what is there below ResponseParameters of StatusCode 200 in MethodResponses (template.yaml:12): method.response.header.Access-Control-Allow-Methods: true
method.response.header.Access-Control-Allow-Headers: true`},
		"none": {inMethod, "/pets", diagnosis.Wish{Headers: []string{"x-q"}},
			`in the response parameters of that OPTIONS method (template.yaml:7), in place of what has the name: method.response.header.Access-Control-Allow-Headers: "'x-a,x-q'"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := load(t, []byte(c.template))
			r := apigateway.Request{Method: http.MethodOptions, Path: c.path, Header: http.Header{"Origin": {"http://localhost:5173"}}}
			var got []string
			for _, s := range diagnosis.Settings(apigateway.New(app), app.Deployed, r, c.wish) {
				got = append(got, s.Where+": "+s.Text)
			}
			if got := strings.Join(got, "\n"); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// TestBlockedByHand holds that nobody is sent to a Cors that is not there.
func TestBlockedByHand(t *testing.T) {
	t.Parallel()
	const page = "http://localhost:5173"
	allowed := []string{"Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: GET", "Access-Control-Allow-Headers: x-a"}
	for name, c := range map[string]struct {
		template string
		answered answered
		step     string // the end of the detail
		hint     string // the first, "" where it is not looked at
	}{
		"a header": {inDocument, answered{Request: "GET /plain", Preflight: true, Headers: []string{"x-q"}, Answered: allowed, SetBy: diagnosis.SetByTemplate},
			`; for AWS, in the response parameters of the OPTIONS method (template.yaml:36), method.response.header.Access-Control-Allow-Headers: "'x-a,x-q'"`,
			"in the template, in the response parameters of the OPTIONS method (template.yaml:36), in place of what has the name:\nmethod.response.header.Access-Control-Allow-Headers: \"'x-a,x-q'\""},
		"a header that the method does not declare": {declaresOrigin, answered{Request: "PUT /pets", Preflight: true, Answered: allowed[:1], SetBy: diagnosis.SetByTemplate},
			`; for AWS, in the response parameters of the OPTIONS method (template.yaml:14), method.response.header.Access-Control-Allow-Methods: "'PUT'"; and, so that it deploys, beside what is there below ResponseParameters of StatusCode 200 in MethodResponses (template.yaml:12): method.response.header.Access-Control-Allow-Methods: true`,
			"in the template, in the response parameters of the OPTIONS method (template.yaml:14):\nmethod.response.header.Access-Control-Allow-Methods: \"'PUT'\""},
		"one that a function makes": {inDocument, answered{Request: "GET /made", Preflight: true, Headers: []string{"x-q"}, Answered: allowed, SetBy: diagnosis.SetByTemplate},
			"; for AWS, write into the branch or the parameter that Access-Control-Allow-Headers (template.yaml:27) of Api is made from, and not in place of the function: x-q",
			"in the template, write into the branch or the parameter that Access-Control-Allow-Headers (template.yaml:27) of Api is made from, and not in place of the function:\nx-q"},
		"beside them, one that SAM makes": {inDocument, answered{Request: "GET /by-sam", Preflight: true, Headers: []string{"x-q"}, Answered: allowed, SetBy: diagnosis.SetByTemplate},
			`; for AWS, in Cors of the API (template.yaml:9), AllowHeaders: "'x-a,x-q'"`,
			"in the template, in the Properties of the API, below Cors, in place of what is there of the same name:\nAllowHeaders: \"'x-a,x-q'\""},
		"a raw method, which SAM local goes by": {inMethod, answered{Request: "PUT /pets", Preflight: true, Answered: allowed, SetBy: diagnosis.SetBySAM},
			"; here: --cors-source config; for AWS, write into the branch or the parameter that Access-Control-Allow-Methods (template.yaml:19) of Api is made from, and not in place of the function: PUT", ""},
		"an answer, in which it has no part": {inDocument, answered{Request: "GET /plain", SetBy: diagnosis.SetBySAM},
			"; for AWS, have function F (template.yaml:29) send Access-Control-Allow-Origin: " + page, "have corsproxy send it: --response-headers fill"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := load(t, []byte(c.template))
			c.answered.Origin, c.answered.Status = page, 200
			d, ok := diagnosis.NewExplainer(diagnosis.Knowledge{Template: app}).Blocked(c.answered.evidence(t, app))
			if !ok || !strings.HasSuffix(d.Detail, c.step) {
				t.Fatalf("got %q\nwant the end %q", d.Detail, c.step)
			}
			if c.hint != "" && (len(d.Hints) == 0 || !strings.Contains(d.Hints[0], c.hint)) {
				t.Errorf("got the hints %q, want %q first", d.Hints, c.hint)
			}
		})
	}
}

// TestSettingThatSAMLocalMakesOtherwise holds that nobody is told to write what the
// template makes already.
func TestSettingThatSAMLocalMakesOtherwise(t *testing.T) {
	t.Parallel()
	app := load(t, []byte(restOfStages+"      Cors: {AllowOrigin: !Sub [\"'${v}'\", {v: !If [Prod, 'http://localhost:1', 'https://app.example.com']}]}\n"+ofREST))
	e := answered{Request: "PUT /a", Origin: "https://app.example.com", Status: 200, Answered: []string{"Access-Control-Allow-Origin: $https://app.example.com"}, SetBy: diagnosis.SetBySAM}
	d, ok := diagnosis.NewExplainer(diagnosis.Knowledge{Template: app}).Blocked(e.evidence(t, app))
	const want = "; here: --response-headers replace; AllowOrigin (template.yaml:8) of A makes https://app.example.com when deployed, and another text here, see corsproxy check; " +
		"on AWS function F (template.yaml:17) has to send the header itself"
	if !ok || !strings.HasSuffix(d.Detail, want) {
		t.Errorf("got %q\nwant the end %q", d.Detail, want)
	}
	if len(d.Hints) != 1 || strings.Contains(d.Hints[0], "template") {
		t.Errorf("got the hints %q", d.Hints)
	}
}
