package apigateway_test

import "testing"

// What is said of a path is what the API answers there: a guard that refuses
// preflights goes before the CORS setting.
func TestPreflight(t *testing.T) {
	t.Parallel()
	g := load(t, `Transform: AWS::Serverless-2016-10-31
Resources:
  Http:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration: {AllowOrigins: ["*"]}
      Auth:
        DefaultAuthorizer: Jwt
        Authorizers:
          Jwt: {IdentitySource: $request.header.Authorization, JwtConfiguration: {issuer: "https://i.example", audience: [a]}}
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      StageName: p
      Cors: "'*'"
      Auth: {DefaultAuthorizer: C, Authorizers: {C: {UserPoolArn: arn:aws:cognito-idp:us-east-1:1:userpool/p}}}
  Bare: {Type: AWS::Serverless::HttpApi}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: a.b
      CodeUri: src
      Events:
        A: {Type: HttpApi, Properties: {ApiId: !Ref Http}}
        B: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /one, Method: get}}
        C: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: /two, Method: get}}
        D: {Type: HttpApi, Properties: {ApiId: !Ref Bare, Path: /three, Method: get}}
        E: {Type: HttpApi, Properties: {ApiId: !Ref Bare, Path: "/any/{proxy+}", Method: any}}
`)
	for _, tt := range []struct{ api, path, want string }{
		{"Http", "$default", "401"},
		{"Http", "/one", "401"}, // $default takes the OPTIONS
		{"Rest", "/two", "401"},
		{"Bare", "/three", "404"},
		{"Bare", "/any/{proxy+}", "function"},
		{"Bare", "/none", "-"},
		{"None", "/one", "-"},
	} {
		if got := g.Preflight(tt.api, tt.path); got != tt.want {
			t.Errorf("%s %s: got %q, want %q", tt.api, tt.path, got, tt.want)
		}
	}
}
