package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// variedTemplate has routes of all shapes, and beside them what SAM local does
// not mount.
const variedTemplate = `Transform: AWS::Serverless-2016-10-31
Resources:
  Shop:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
      Domain: {DomainName: shop.example.com, CertificateArn: arn, BasePath: /store}
      DefinitionBody:
        openapi: 3.0.1
        paths:
          /items:
            get: &lambda {x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: !Sub 'arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Items.Arn}/invocations'}}
            post: *lambda
            options: {x-amazon-apigateway-integration: {type: mock}}
          /items/{id}:
            get: *lambda
          /items/new:
            get: *lambda
          /users/{id}/orders:
            get: *lambda
          /files/{proxy+}:
            get: *lambda
          /mocked:
            get: {x-amazon-apigateway-integration: {type: mock}}
  Items:
    Type: AWS::Serverless::Function
    Properties: {Runtime: nodejs22.x, Handler: index.handler, CodeUri: src/}
  Raw:
    Type: AWS::ApiGateway::RestApi
    Properties: {Name: raw}
  RawPath:
    Type: AWS::ApiGateway::Resource
    Properties: {RestApiId: !Ref Raw, ParentId: !GetAtt Raw.RootResourceId, PathPart: raw}
  RawGet:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Raw
      ResourceId: !Ref RawPath
      HttpMethod: GET
      Integration: {Type: AWS_PROXY, IntegrationHttpMethod: POST, Uri: !Sub 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Items.Arn}/invocations'}
`

// wrongRequests are requests that no route of variedTemplate takes: status,
// diagnosis, and the line of the route that is nearest.
const wrongRequests = `
404 CP3001 route-not-found GET /itmes
405 CP3002 method-not-defined DELETE /items
405 CP3002 method-not-defined POST /items/new
404 CP3003 greedy-needs-a-segment GET /files
404 CP3003 greedy-needs-a-segment GET /files/
404 CP3004 stage-in-path GET /live/items
404 CP3004 stage-in-path GET /dev/items/7
404 CP3005 prefix-in-path GET /store/items
404 CP3005 prefix-in-path GET /api/items
404 CP3006 parameter-missing GET /users/orders
404 CP3007 too-many-segments GET /items/7/8
404 CP3008 encoded-slash GET /items/a%2Fb
404 CP3009 case-mismatch GET /Items
404 CP3010 placeholder-not-filled GET /{stage}/items
404 CP3010 placeholder-not-filled GET /$%7Bbase%7D/items
404 CP3011 undefined-in-path GET /undefined/items
404 CP3012 query-in-path GET /items%3Fa=b
404 CP3017 integration-not-emulated GET /mocked
404 CP3018 provider-ignored GET /raw
404 CP3022 websocket-not-served GET /@connections/7
405 CP3026 method-not-supported QUERY /items
404 CP3027 browser-noise GET /favicon.ico
404 CP3027 browser-noise GET /.well-known/appspecific/com.chrome.devtools.json
404 CP3027 browser-noise GET /app/main.js.map
`

func TestWrongRequests(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "template.yaml", variedTemplate)
	in := startIn(t, dir, "--upstream", mounting(t, "GET /items", "POST /items", "GET /items/{id}", "GET /items/new", "GET /users/{id}/orders", "GET /files/{proxy+}"))
	in.stderr.Await(t, `"the template is template.yaml, 5 routes"`)
	quiet := 0
	for line := range strings.Lines(strings.TrimSpace(wrongRequests)) {
		f := strings.Fields(line)
		var status int
		if _, err := fmt.Sscan(f[0], &status); err != nil {
			t.Fatal(err)
		}
		p := in.told(f[3]+" "+f[4], status, f[1]+" "+f[2], "")
		for _, r := range p.Routes {
			if known := r.Path != "/mocked"; known != (r.Function == "Items") || r.Method == "" || !strings.HasPrefix(r.Source, "template.yaml:") {
				t.Errorf("%s: a route is %v", line, r)
			}
		}
		if noise := f[1] == "CP3027"; noise == (len(p.Hints) > 0) || p.Detail == "" {
			t.Errorf("%s: %q, with the hints %q", line, p.Detail, p.Hints)
		} else if noise {
			quiet++
		}
	}
	in.told("GET /items/", http.StatusOK, "", "")
	in.stderr.Await(t, `"path":"/items/","status":200`)
	for _, x := range in.exchanges() {
		if code, _ := x["code"].(string); code == "CP3027" {
			quiet--
			if x["level"] != "info" {
				t.Errorf("noise is logged as %v: %v", x["level"], x)
			}
		}
	}
	if quiet != 0 {
		t.Errorf("%d requests that browsers make by themselves are not in the log", quiet)
	}
}

// TestUnreadParts has requests that may be for what SAM local cannot read.
func TestUnreadParts(t *testing.T) {
	t.Parallel()
	for diagnosis, c := range map[string]struct{ resource, request string }{
		"CP3019 openapi-not-loaded": {`
  Remote:
    Type: AWS::Serverless::Api
    Properties: {StageName: p, DefinitionUri: 's3://bucket/openapi.yaml'}
`, "GET /remote"},
		"CP3020 nested-stack-not-loaded": {`
  Nested:
    Type: AWS::Serverless::Application
    Properties: {Location: 'https://bucket.s3.amazonaws.com/child.yaml'}
`, "GET /nested"},
		"CP3021 function-url-only": {`
  Hook:
    Type: AWS::Serverless::Function
    Properties: {Runtime: nodejs22.x, Handler: index.handler, CodeUri: src/, FunctionUrlConfig: {AuthType: NONE}}
`, "POST /hook"},
		"CP3022 websocket-not-served": {`
  Chat:
    Type: AWS::ApiGatewayV2::Api
    Properties: {Name: chat, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action}
`, "GET /@connections/7"},
	} {
		t.Run(diagnosis, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			put(t, dir, "template.yaml", template("GET /items")+strings.TrimPrefix(c.resource, "\n"))
			in := startIn(t, dir, "--upstream", mounting(t, "GET /items"))
			in.told(c.request, http.StatusNotFound, diagnosis, "")
		})
	}
}

func TestHTTPAPISays404(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "template.yaml", strings.ReplaceAll(template("GET /items"), "Type: Api", "Type: HttpApi"))
	in := startIn(t, dir, "--upstream", mounting(t, "GET /items"))
	in.told("GET /nothing/like/it", http.StatusNotFound, "CP3029 http-api-says-404", "")
}

// TestAnswersOfSAMLocal has what SAM local says for itself explained in the
// log, and forwarded as it is.
func TestAnswersOfSAMLocal(t *testing.T) {
	t.Parallel()
	const token = `{"message":"Missing Authentication Token"}`
	type reply struct {
		status int
		body   string
		code   string
		detail string
	}
	replies := map[string]reply{
		"GET /items/1":  {401, "{\"message\":\"Unauthorized\"}\n", "CP4001", "identity source"},
		"GET /items/2":  {403, "{\"message\":\"User is not authorized to access this resource\"}\n", "CP4002", "denied"},
		"GET /items/3":  {500, "{\"message\":\"Internal server error\"}\n", "CP4003", "ended with an error"},
		"GET /items/4":  {502, "{\"message\":\"Internal server error\"}\n", "CP4004", "response"},
		"HEAD /items":   {502, "", "CP4005", "HEAD is not"},
		"GET /items/7":  {502, "{\"message\":\"No function defined for resource method\"}\n", "CP4007", "no function"},
		"GET /items/8":  {501, "{\"message\":\"Inline code is not supported for sam local commands. Please write your code in a separate file.\"}\n", "CP4008", "inline"},
		"GET /items/9":  {501, "{\"message\":\"no such image\"}\n", "CP4009", "no such image"},
		"GET /items//a": {308, "", "CP3013", "two slashes"},
		"GET /items":    {403, token, "CP3031", "the function Records"},
		"POST /items":   {500, `{"message":"Internal server error"}`, "", ""}, // a function's own, without the newline
	}
	address := upstream(t, func(w http.ResponseWriter, r *http.Request) {
		a := replies[r.Method+" "+r.RequestURI]
		w.Header().Set("Server", "Werkzeug/3.1.9 Python/3.11.7")
		w.Header().Set("Content-Type", "application/json")
		if a.status == http.StatusPermanentRedirect {
			w.Header().Set("Location", "http://127.0.0.1:3000/items/a")
		}
		if r.Method == http.MethodHead {
			w.Header().Set("Content-Length", "36")
		}
		w.WriteHeader(a.status)
		fmt.Fprint(w, a.body)
	})
	dir := t.TempDir()
	put(t, dir, "template.yaml", template("GET /items", "POST /items", "GET /items/{id}"))
	in := startIn(t, dir, "--upstream", address)
	for request, want := range replies {
		method, target, _ := strings.Cut(request, " ")
		got := in.do(method, target)
		if got.status != want.status || got.body != want.body || got.header.Get("Corsproxy-Diagnosis") != "" || got.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: the answer is changed: %d %v %q", request, got.status, got.header, got.body)
		}
	}
	in.signals <- os.Interrupt
	if code := in.code(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	for _, x := range in.exchanges() {
		request := fmt.Sprint(x["method"], " ", x["path"])
		want := replies[request]
		code, _ := x["code"].(string)
		detail, _ := x["detail"].(string)
		if code != want.code || !strings.Contains(detail, want.detail) {
			t.Errorf("%s: logged as %q: %q", request, code, detail)
		}
		if hint, _ := x["hint"].(string); (code != "") != (hint != "") {
			t.Errorf("%s: logged with the hint %q", request, hint)
		}
		delete(replies, request)
	}
	if len(replies) > 0 {
		t.Errorf("not in the log: %v", replies)
	}
}

// TestBuildIsStale has sam build run before, and not after, a route was added.
func TestBuildIsStale(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, ".aws-sam/build/template.yaml", template("GET /items"))
	put(t, dir, "template.yaml", "# a comment\n"+template("GET /items", "GET /other"))
	in := startIn(t, dir, "--upstream", mounting(t, "GET /items"))
	in.stderr.Await(t, `"the template is .aws-sam/build/template.yaml, 1 route; template.yaml has other routes: run sam build"`)
	p := in.told("GET /other", http.StatusNotFound, "CP3014 build-is-stale", "template.yaml:12")
	if !strings.Contains(p.Detail, filepath.FromSlash(".aws-sam/build/template.yaml")) {
		t.Errorf("the build is not named: %s", p.Detail)
	}
}

// TestUpstreamIsNotSAM has a deployed API behind the upstream's URL.
func TestUpstreamIsNotSAM(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "template.yaml", template("GET /items"))
	in := startIn(t, dir, "--upstream", upstream(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Amzn-Errortype", "MissingAuthenticationTokenException")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"message":"Missing Authentication Token"}`)
	}))
	in.told("GET /other", http.StatusForbidden, "CP3030 upstream-is-not-sam", "")
}
