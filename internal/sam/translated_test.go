package sam_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// TestAuthAsTranslated holds that Auth is read as SAM's translator reads it:
// by what is written, with no function resolved but references to parameters,
// and those in the Auth of a REST API alone.
func TestAuthAsTranslated(t *testing.T) {
	t.Parallel()
	const (
		none = sam.GuardNone
		lam  = "Authorizers: {L: {FunctionArn: !GetAtt F.Arn}}, DefaultAuthorizer: L"
	)
	for name, tt := range map[string]struct {
		auth, event string // of the API, and of an event for any method
		cors        bool   // in place of which Cors answers
		want        string
	}{
		"default":                         {auth: lam, want: sam.GuardAuthorizer},
		"default by parameter":            {auth: "Authorizers: {L: {FunctionArn: !GetAtt F.Arn}}, DefaultAuthorizer: !Ref L", want: sam.GuardAuthorizer},
		"default by empty parameter":      {auth: "Authorizers: {L: {FunctionArn: !GetAtt F.Arn}}, DefaultAuthorizer: !Ref Empty", want: none},
		"default without authorizers":     {auth: "DefaultAuthorizer: L", want: none},
		"default with empty authorizers":  {auth: "DefaultAuthorizer: L, Authorizers: {}", want: none},
		"IAM without authorizers":         {auth: "DefaultAuthorizer: AWS_IAM", want: sam.GuardIAM},
		"event":                           {auth: lam, event: "{Authorizer: NONE}", want: none},
		"event by function":               {auth: lam, event: "!If [On1, {Authorizer: NONE}, !Ref AWS::NoValue]", want: sam.GuardAuthorizer},
		"key of event by function":        {event: "!If [On1, {ApiKeyRequired: true}, !Ref AWS::NoValue]", want: none},
		"key of event is a function":      {event: "{ApiKeyRequired: !If [On1, false, false]}", want: sam.GuardKey},
		"key of event is text":            {event: `{ApiKeyRequired: "false"}`, want: sam.GuardKey},
		"key of event is false":           {auth: "ApiKeyRequired: true", event: "{ApiKeyRequired: false}", want: none},
		"key is text":                     {auth: `ApiKeyRequired: "false"`, want: sam.GuardKey},
		"key by parameter":                {auth: "ApiKeyRequired: !Ref L", want: sam.GuardKey},
		"key by empty parameter":          {auth: "ApiKeyRequired: !Ref Empty", want: none},
		"preflights":                      {auth: lam, cors: true, want: sam.GuardAuthorizer},
		"preflights open":                 {auth: lam + ", AddDefaultAuthorizerToCorsPreflight: false", cors: true, want: none},
		"preflights open by null":         {auth: lam + ", AddDefaultAuthorizerToCorsPreflight: null", cors: true, want: none},
		"preflights open by text":         {auth: lam + `, AddDefaultAuthorizerToCorsPreflight: "false"`, cors: true, want: sam.GuardAuthorizer},
		"preflights open by function":     {auth: lam + ", AddDefaultAuthorizerToCorsPreflight: !If [On1, false, false]", cors: true, want: sam.GuardAuthorizer},
		"preflights open by a parameter":  {auth: lam + ", AddDefaultAuthorizerToCorsPreflight: !Ref Empty", cors: true, want: none},
		"preflights without authorizers":  {auth: "DefaultAuthorizer: L", cors: true, want: none},
		"preflights with key":             {auth: "ApiKeyRequired: true", cors: true, want: sam.GuardKey},
		"preflights with key by function": {auth: "ApiKeyRequired: !If [On1, false, false]", cors: true, want: sam.GuardKey},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			method, event, cors := "any", "", ""
			if tt.cors {
				method, cors = "get", `, Cors: "'*'"`
			}
			if tt.event != "" {
				event = ", Auth: " + tt.event
			}
			app := loadText(t, `Transform: AWS::Serverless-2016-10-31
Parameters: {L: {Type: String, Default: L}, Empty: {Type: String, Default: ""}}
Conditions: {On1: !Equals [a, a]}
Resources:
  R:
    Type: AWS::Serverless::Api
    Properties: {StageName: p, Auth: {`+strings.TrimSpace(tt.auth)+`}`+cors+`}
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Runtime: provided.al2023
      Handler: bootstrap
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref R, Path: /a, Method: `+method+event+`}}
`)
			p, ok := app.Deployed[0].Preflight("/a")
			if !ok || p.Guard.Kind != tt.want {
				t.Errorf("OPTIONS /a is guarded by %+v, want %q", p.Guard, tt.want)
			}
		})
	}
}

// TestUndeployedFunctions holds that SAM, which knows of no condition's value,
// counts functions that are not deployed when it makes preflights.
func TestUndeployedFunctions(t *testing.T) {
	t.Parallel()
	const head = `Transform: AWS::Serverless-2016-10-31
Conditions: {Never: !Equals [a, b]}
Globals: {Api: {Cors: "'https://a.example'"}}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Runtime: provided.al2023
      Handler: bootstrap
      Events:
        A: {Type: Api, Properties: {Path: /a, Method: get}}
  G:
    Type: AWS::Serverless::Function
    Condition: Never
    Properties:
      CodeUri: .
      Runtime: provided.al2023
      Handler: bootstrap
      Events:
        A: {Type: Api, Properties: {Path: %, Method: `
	for name, tt := range map[string]struct {
		event, want string
	}{
		"another method":           {"/a put", "/a mock [GET OPTIONS PUT]"},
		"an OPTIONS of its own":    {"/a options", "/a nothing"},
		"another path":             {"/b put", "/a mock [GET OPTIONS]"},
		"the same path and method": {"/a get", "/a mock [GET OPTIONS]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, method, _ := strings.Cut(tt.event, " ")
			app := loadText(t, strings.Replace(head, "%", path, 1)+method+"}}\n")
			var got []string
			for _, p := range app.Deployed[0].Preflights {
				line := p.Path + " nothing"
				if p.CORS != nil {
					line = fmt.Sprint(p.Path, " ", p.By, " ", p.CORS.AllowMethods)
				}
				got = append(got, line)
			}
			if line := strings.Join(got, "; "); line != tt.want {
				t.Errorf("preflights are %q, want %q", line, tt.want)
			}
		})
	}
}

// TestMergedAny holds that an event for any method, which SAM merges into a
// document as a method any, makes no route.
func TestMergedAny(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]int{"any": 1, "get": 2, "x-amazon-apigateway-any-method": 8} {
		app := loadText(t, `Transform: AWS::Serverless-2016-10-31
Resources:
  R:
    Type: AWS::Serverless::Api
    Properties:
      StageName: p
      MergeDefinitions: true
      DefinitionBody: {swagger: "2.0", paths: {/z: {get: {x-amazon-apigateway-integration: {type: http_proxy, httpMethod: GET, uri: "https://a.example"}}}}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Runtime: provided.al2023
      Handler: bootstrap
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref R, Path: /a, Method: `+method+`}}
`)
		if got := app.Deployed[0].Routes; len(got) != want {
			t.Errorf("with %s the routes are %v, want %d", method, got, want)
		}
	}
}
