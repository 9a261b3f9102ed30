package check_test

import (
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/check"
)

// TestStateMachines holds what is found of the routes by which AWS starts state
// machines, which SAM local does not mount.
func TestStateMachines(t *testing.T) {
	t.Parallel()
	const template = `Transform: AWS::Serverless-2016-10-31
Resources:
  Own:
    Type: AWS::Serverless::Api
    Properties: {StageName: a, DefinitionBody: {swagger: "2.0", paths: {}}}
  Flow:
    Type: AWS::Serverless::StateMachine
    Properties: {Definition: {StartAt: A}, Events: {Start: {Type: Api, Properties: EVENT}}}
  F:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13, Handler: a.b, CodeUri: src, Events: {A: {Type: Api, Properties: {Path: /a, Method: get}}}}
`
	const unserved = `SAM local does not serve POST /b: Step Functions answers there, and no function`
	for event, want := range map[string]map[check.Code]string{ // what is found, and why it matters
		"{Path: /b, Method: post}":                        {"CP6050": unserved + "; it answers 403 Missing Authentication Token; AWS serves it"},
		"{Path: /b, Method: post, RestApiId: !Ref Own}":   {}, // which gets no route
		"{Path: /a, Method: get}":                         {"CP6045": `GET /a is declared in line 11, too, for "F"; SAM refuses to deploy it; SAM local mounts the function's alone`},
		"{Path: b, Method: post}":                         {"CP6041": `path "b" does not begin with a slash; API Gateway refuses it`},
		"{Path: /b, Method: post, Auth: {Authorizer: X}}": {"CP6048": `POST /b asks for authorizer "X", and API "ServerlessRestApi" has no such; SAM refuses to deploy it`},
	} {
		t.Run(event, func(t *testing.T) {
			t.Parallel()
			findings := findingsOf(t, strings.Replace(template, "EVENT", event, 1))
			found := make(map[check.Code]string)
			for _, f := range findings {
				found[f.Code] = f.Message + "; " + f.Why
			}
			for code, w := range want {
				if found[code] != w {
					t.Errorf("%s: got %q, want %q", code, found[code], w)
				}
			}
			if _, served := found["CP6050"]; served && len(want) == 0 {
				t.Errorf("found %+v", findings)
			}
		})
	}
}
