package check_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/check"
)

// movable is a template with an API that has a CORS setting and another property,
// and an event of the API that SAM makes.
func movable(kind, property, event string) string {
	cors, key := `Cors: "'https://a.example'"`, "RestApiId"
	if kind == "HttpApi" {
		cors, key = "CorsConfiguration: {AllowOrigins: [https://a.example], AllowMethods: [GET]}", "ApiId"
	}
	return `Transform: AWS::Serverless-2016-10-31
Resources:
  Shop:
    Type: AWS::Serverless::` + kind + `
    Properties:
      StageName: v1
      ` + cors + `
      ` + property + `
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: a.b
      CodeUri: src
      Events:
        A: {Type: ` + kind + `, Properties: {` + key + `: !Ref Shop, Path: "/a/{id}", Method: get}}
        B: {Type: ` + kind + `, Properties: {` + event + `}}
`
}

// lost returns the finding that SAM local loses the CORS setting.
func lost(findings []check.Finding) check.Finding {
	i := slices.IndexFunc(findings, func(f check.Finding) bool { return f.Code == "CP6061" })
	if i < 0 {
		return check.Finding{Why: fmt.Sprint(findings)}
	}
	return findings[i]
}

const (
	token = "Auth: {DefaultAuthorizer: T, AddDefaultAuthorizerToCorsPreflight: false, Authorizers: {T: {FunctionArn: arn:aws:lambda:us-east-1:123456789012:function:t}}}"
	key   = "Auth: {ApiKeyRequired: true, AddApiKeyRequiredToCorsPreflight: false}"
	plain = "Description: a shop"
	jwt   = "Auth: {DefaultAuthorizer: T, Authorizers: {T: {IdentitySource: $request.header.Authorization, JwtConfiguration: {issuer: https://a.example, audience: [a]}}}}"
)

// TestMovedEventsAskForNoMore holds that an event that is to name another API asks
// for what it has asked for, and that none is to name one which does not take it.
func TestMovedEventsAskForNoMore(t *testing.T) {
	t.Parallel()
	const (
		asDeployed = "corsproxy --cors-source template"
		rest       = "in the event in line 17, if its address on AWS may become that of Shop (else " + asDeployed + "):\nRestApiId: !Ref Shop"
		http       = "in the event in line 17, if its address on AWS may become that of Shop (else " + asDeployed + "):\nApiId: !Ref Shop"
		globals    = "Globals: {Api: {Auth: {DefaultAuthorizer: T, AddDefaultAuthorizerToCorsPreflight: false, Authorizers: {T: {FunctionArn: arn:aws:lambda:us-east-1:123456789012:function:t}}}}}\n"
	)
	for name, tt := range map[string]struct {
		kind, more, event string
		globals           string
		want              string
	}{
		"open":                       {"Api", plain, "Path: /b, Method: get", "", rest},
		"authorizer":                 {"Api", token, "Path: /b, Method: get", "", rest + "\nAuth: {Authorizer: NONE} # as open as before; leave it out to have it guarded"},
		"signature":                  {"Api", "Auth: {DefaultAuthorizer: AWS_IAM}", "Path: /b, Method: get", "", rest + "\nAuth: {Authorizer: NONE} # as open as before; leave it out to have it guarded"},
		"no authorizers":             {"Api", "Auth: {DefaultAuthorizer: T}", "Path: /b, Method: get", "", rest},
		"key":                        {"Api", key, "Path: /b, Method: get", "", rest + "\nAuth: {ApiKeyRequired: false} # as open as before; leave it out to have it guarded"},
		"both":                       {"Api", strings.Replace(token, "{Def", "{ApiKeyRequired: true, Def", 1), "Path: /b, Method: get", "", rest + "\nAuth: {Authorizer: NONE, ApiKeyRequired: false} # as open as before; leave it out to have it guarded"},
		"authorizer, HTTP":           {"HttpApi", jwt, "Path: /b, Method: get", "", http + "\nAuth: {Authorizer: NONE} # as open as before; leave it out to have it guarded"},
		"authorizer, HTTP, OPTIONS":  {"HttpApi", jwt, "Path: /b, Method: options", "", http},
		"key of the event":           {"Api", token, "Path: /b, Method: get, Auth: {ApiKeyRequired: true}", "", rest + "\nand, as open as before, in Auth of the event in line 17:\nAuthorizer: NONE"},
		"some":                       {"Api", token, "Path: /b, Method: get}}\n        C: {Type: Api, Properties: {Path: /c, Method: get, Auth: {Authorizer: AWS_IAM}", "", strings.NewReplacer("event in line 17", "events in lines 17 and 18", "its", "their").Replace(rest) + "\nand, as open as before, in the event in line 17:\nAuth: {Authorizer: NONE}"},
		"of Globals":                 {"Api", plain, "Path: /b, Method: get", globals, strings.Replace(rest, "17", "18", 1)},
		"of Globals, other":          {"Api", strings.ReplaceAll(token, "T", "U"), "Path: /b, Method: get", globals, asDeployed},
		"of Globals, turned off":     {"Api", plain, "Path: /b, Method: get, Auth: {Authorizer: NONE}", globals, strings.Replace(rest, "17", "18", 1)},
		"resource policy":            {"Api", "Auth: {ResourcePolicy: {IpRangeWhitelist: [10.0.0.0/8]}}", "Path: /b, Method: get", "", asDeployed},
		"private":                    {"Api", "EndpointConfiguration: {Type: PRIVATE}", "Path: /b, Method: get", "", asDeployed},
		"regional":                   {"Api", "EndpointConfiguration: {Type: REGIONAL}", "Path: /b, Method: get", "", rest},
		"no address":                 {"Api", "DisableExecuteApiEndpoint: true", "Path: /b, Method: get", "", asDeployed},
		"document of its own":        {"Api", "DefinitionBody: {swagger: '2.0', paths: {}}", "Path: /b, Method: get", "", asDeployed},
		"same route":                 {"Api", plain, "Path: '/a/{id}', Method: get", "", asDeployed},
		"other method":               {"Api", plain, "Path: '/a/{id}', Method: put", "", rest},
		"other variable":             {"Api", plain, "Path: '/a/{name}/c', Method: get", "", asDeployed},
		"variable after another one": {"Api", plain, "Path: '/b/{name}', Method: get", "", rest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			template := strings.Replace(movable(tt.kind, tt.more, tt.event), "Resources:", tt.globals+"Resources:", 1)
			if got := lost(findingsOf(t, template)); got.Fix != tt.want {
				t.Errorf("the fix is\n%s\nwant\n%s\nof %s", got.Fix, tt.want, got.Why)
			}
		})
	}
}

// TestMovedEventsAnswerPages holds that a function which may answer preflights, or
// pages of its own choice, stays where it does.
func TestMovedEventsAnswerPages(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		kind, event, code string
		moves             bool
	}{
		"any method":               {"Api", "Path: /b, Method: any", "app.use(cors())", false},
		"any method, without CORS": {"Api", "Path: /b, Method: any", "pass", true},
		"GET":                      {"Api", "Path: /b, Method: get", "app.use(cors())", true},
		"GET, HTTP":                {"HttpApi", "Path: /b, Method: get", "app.use(cors())", false},
		"GET, HTTP, without CORS":  {"HttpApi", "Path: /b, Method: get", "pass", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.Mkdir(filepath.Join(dir, "src"), 0o700); err != nil {
				t.Fatal(err)
			}
			template := movable(tt.kind, plain, tt.event)
			for file, text := range map[string]string{"template.yaml": template, "src/a.py": tt.code} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			findings, err := check.Run(check.Options{Template: filepath.Join(dir, "template.yaml")})
			if err != nil {
				t.Fatal(err)
			}
			if got := lost(findings); got.Code == "" || strings.Contains(got.Fix, "!Ref Shop") != tt.moves {
				t.Errorf("the fix is\n%s\nwant the event moved: %v; %s", got.Fix, tt.moves, got.Why)
			}
		})
	}
}

// TestPreflightsWithoutCORS holds what is said of SAM local's answers to preflights
// where it has no CORS setting.
func TestPreflightsWithoutCORS(t *testing.T) {
	t.Parallel()
	const each = "; on AWS each API has its own setting"
	for name, tt := range map[string]struct{ event, want string }{
		"none":         {"Path: /b, Method: get", "locally preflights of all APIs get 403"},
		"any method":   {"Path: /b, Method: any", `locally preflights get 403, but for those of /b, which go to function "F"`},
		"OPTIONS":      {"Path: /b, Method: options", `locally preflights get 403, but for those of /b, which go to function "F"`},
		"any path":     {"Path: '/{proxy+}', Method: any", `locally preflights of all APIs go to function "F"`},
		"any, of HTTP": {"Path: /b, Method: get}}\n        C: {Type: HttpApi, Properties: {TimeoutInMillis: 1000", `locally preflights of all APIs go to function "F"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := lost(findingsOf(t, movable("Api", plain, tt.event))); got.Why != tt.want+each {
				t.Errorf("it is said that %s\nwant %s", got.Why, tt.want+each)
			}
		})
	}
}

// TestUnmountedRoutes holds what is said of SAM local's answers where it does not mount
// a route, and another may take the call.
func TestUnmountedRoutes(t *testing.T) {
	t.Parallel()
	const (
		machine = "Transform: AWS::Serverless-2016-10-31\nResources:\n  M:\n    Type: AWS::Serverless::StateMachine\n    Properties:\n      DefinitionUri: m.json\n      Role: r\n" +
			"      Events:\n        A: {Type: Api, Properties: {Path: /a, Method: post}}\n        B: {Type: Api, Properties: {Path: /b, Method: post}}\n" +
			"  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Runtime: python3.13\n      Handler: a.b\n      CodeUri: src\n      Events:\n        E: "
		aws = "; AWS serves it"
	)
	for name, tt := range map[string]struct{ event, want string }{
		"none":      {"{Type: Api, Properties: {Path: /c, Method: get}}", "it answers 403 Missing Authentication Token" + aws},
		"one":       {"{Type: HttpApi, Properties: {Path: '/{id}', Method: post}}", `it takes the call for /{id} of function "F"` + aws},
		"any":       {"{Type: HttpApi}", `it takes the call for $default of function "F"` + aws},
		"for some":  {"{Type: HttpApi, Properties: {Path: /b, Method: any}}", `it answers 403 Missing Authentication Token, or takes the call for /b of function "F"` + aws},
		"other one": {"{Type: HttpApi, Properties: {Path: '/{id}', Method: put}}", "it answers 403 Missing Authentication Token" + aws},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			findings := findingsOf(t, machine+tt.event+"\n")
			i := slices.IndexFunc(findings, func(f check.Finding) bool { return f.Code == "CP6050" })
			if i < 0 || findings[i].Why != tt.want {
				t.Errorf("found %+v\nwant CP6050, since %s", findings, tt.want)
			}
		})
	}
}

// TestFixesOfAnEventFitTogether holds that what is said of an event's Auth does not
// undo what is said of the API that the event is meant for.
func TestFixesOfAnEventFitTogether(t *testing.T) {
	t.Parallel()
	const (
		named  = "in the event in line 17, if it is meant for Shop (else take Auth out of the event):\n"
		second = "Path: /b, Method: get}}\n  Other:\n    Type: AWS::Serverless::HttpApi\n    Properties: {" + jwt
		two    = second + ", CorsConfiguration: {AllowOrigins: [https://b.example]}}\n  G:\n    Type: AWS::Serverless::Function\n    Properties:\n      Runtime: python3.13\n" +
			"      Handler: a.b\n      CodeUri: src\n      Events: {C: {Type: HttpApi, Properties: {Path: /c, Method: get, ApiId: !Ref Other}}"
		plan = "corsproxy --cors-source template"
	)
	for name, tt := range map[string]struct {
		kind, more, event string
		code              check.Code
		want              string
	}{
		"NONE":                      {"HttpApi", jwt, "Path: /b, Method: get, Auth: {Authorizer: NONE}", "CP6048", named + "ApiId: !Ref Shop"},
		"NONE, nothing to turn off": {"HttpApi", plain, "Path: /b, Method: get, Auth: {Authorizer: NONE}", "CP6048", "take Auth out of the event"},
		"NONE, with scopes":         {"HttpApi", plain, "Path: /b, Method: get, Auth: {Authorizer: NONE, AuthorizationScopes: [a]}", "CP6048", "take Auth out of the event"},
		"scopes":                    {"HttpApi", jwt, "Path: /b, Method: get, Auth: {AuthorizationScopes: [a]}", "CP6048", strings.Replace(named, "take", "name an authorizer of the API, or take", 1) + "ApiId: !Ref Shop"},
		"scopes, moved":             {"HttpApi", jwt, "Path: /b, Method: get, Auth: {AuthorizationScopes: [a]}", "CP6061", "in the event in line 17, if its address on AWS may become that of Shop (else " + plan + "):\nApiId: !Ref Shop"},
		"an authorizer":             {"Api", token, "Path: /b, Method: get, Auth: {Authorizer: T}", "CP6048", strings.Replace(named, "take Auth out of the event", "declare it in Authorizers, below Auth of the API, or name one that is there", 1) + "RestApiId: !Ref Shop"},
		"key":                       {"Api", strings.Replace(token, "{Def", "{ApiKeyRequired: true, Def", 1), "Path: /b, Method: get, Auth: {ApiKeyRequired: false}", "CP6048", named + "RestApiId: !Ref Shop\nand, as open as before, in Auth of the event in line 17:\nAuthorizer: NONE"},
		"key, NONE":                 {"Api", plain, "Path: /b, Method: get, Auth: {Authorizer: NONE, ApiKeyRequired: false}", "CP6048", "take Auth out of the event"},
		"key, NONE, policy":         {"Api", plain, "Path: /b, Method: get, Auth: {Authorizer: NONE, ApiKeyRequired: false, ResourcePolicy: {IpRangeWhitelist: [10.0.0.0/8]}}", "CP6048", "take Authorizer and ApiKeyRequired out of Auth"},
		"override":                  {"Api", token, "Path: /b, Method: get, Auth: {OverrideApiAuth: true}", "CP6048", "take OverrideApiAuth out of Auth, and Auth, too, if nothing else is to be in it"},
		"override, no authorizer":   {"Api", plain, "Path: /b, Method: get, Auth: {OverrideApiAuth: true}", "CP6048", "take Auth out of the event"},
		"an API without routes":     {"HttpApi", plain, second, "CP6061", plan},
		"its own finding":           {"HttpApi", plain, second, "CP6068", "in the event in line 17:\nApiId: !Ref Other\nAuth: {Authorizer: NONE} # as open as before; leave it out to have it guarded"},
		"two with a setting":        {"HttpApi", plain, two, "CP6061", plan},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			template := movable(tt.kind, tt.more, tt.event)
			if strings.HasPrefix(tt.event, second) {
				template = strings.TrimSuffix(template, "}}\n") + "}\n"
			}
			findings := findingsOf(t, template)
			i := slices.IndexFunc(findings, func(f check.Finding) bool { return f.Code == tt.code })
			if i < 0 || findings[i].Fix != tt.want {
				t.Errorf("found %+v\nwant %s with the fix\n%s", findings, tt.code, tt.want)
			}
		})
	}
}

// TestDroppedMocks holds what is said of SAM local's answers to preflights whose MOCK
// it does not mount, where another route may take them.
func TestDroppedMocks(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{
		"Api, Properties: {Path: /b, Method: get}": "answers 403 Missing Authentication Token",
		"HttpApi": `takes the call for $default of function "F"`,
	} {
		template := strings.Replace(movable("Api", "DefinitionBody: {swagger: '2.0', paths: {/a: {options: {x-amazon-apigateway-integration: {type: mock, requestTemplates: {application/json: '{statusCode: 200}'}}}}}}", "Path: /c, Method: get"), "      Cors: \"'https://a.example'\"\n", "", 1)
		template = template[:strings.Index(template, "        A: ")] + "        A: {Type: " + kind + "}\n"
		findings := findingsOf(t, template)
		i := slices.IndexFunc(findings, func(f check.Finding) bool { return f.Code == "CP6026" })
		if i < 0 || findings[i].Why != "it drops MOCK methods of OpenAPI documents, and "+want+"; AWS does answer preflights" {
			t.Errorf("found %+v\nwant CP6026, since it %s", findings, want)
		}
	}
}

// TestSettingOfMoved holds that where one finding has events name the API that they are
// meant for, another does not give their implicit API a CORS setting.
func TestSettingOfMoved(t *testing.T) {
	t.Parallel()
	const other = `
  B: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.13, Handler: a.b, CodeUri: src, Events: {E: {Type: %[1]s, Properties: {Path: /b, Method: get}}}}}
`
	for name, test := range map[string]struct{ kind, api, id string }{
		"HTTP": {"HttpApi", "{Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: {AllowOrigins: ['https://a.example']}}}", "ApiId"},
		"REST": {"Api", "{Type: AWS::Serverless::Api, Properties: {StageName: prod, Cors: \"'*'\"}}", "RestApiId"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "template.yaml")
			template := "Transform: AWS::Serverless-2016-10-31\nResources:\n  Items: " + test.api +
				"\n  A: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.13, Handler: a.b, CodeUri: src, Events: {E: {Type: " + test.kind + ", Properties: {" + test.id + ": !Ref Items, Path: /a, Method: get}}}}}" +
				fmt.Sprintf(other, test.kind)
			if err := os.WriteFile(file, []byte(template), 0o600); err != nil {
				t.Fatal(err)
			}
			findings, err := check.Run(check.Options{Template: file, Config: &check.Config{AllowOrigins: []string{"https://a.example"}, AllowHeaders: []string{"Content-Type"}}})
			if err != nil {
				t.Fatal(err)
			}
			fixes := make(map[check.Code]string)
			for _, f := range findings {
				lead, paste, _ := strings.Cut(f.Fix, "\n")
				if fixes[f.Code] = paste; f.Code == "CP6094" && !strings.HasPrefix(lead, "in the event in line 5, if its address on AWS may become that of Items (else ") {
					t.Errorf("CP6094 is led by %s", lead)
				}
			}
			if want := test.id + ": !Ref Items"; fixes["CP6061"] != want || fixes["CP6094"] != want {
				t.Errorf("CP6061 and CP6094 say %q and %q, want %s", fixes["CP6061"], fixes["CP6094"], want)
			}
		})
	}
}
