package check_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/check"
)

// TestFunctionURLOfAHostileName has no function's name end a command that is to be pasted.
func TestFunctionURLOfAHostileName(t *testing.T) {
	t.Parallel()
	found := findingsOf(t, "Resources:\n  R: {Type: AWS::ApiGateway::RestApi, Properties: {Name: r}}\n"+
		"  'F; id $(id)': {Type: AWS::Serverless::Function, Properties: {Runtime: python3.13, Handler: a.b, CodeUri: src, FunctionUrlConfig: {AuthType: NONE}}}\n")
	i := slices.IndexFunc(found, func(f check.Finding) bool { return f.Code == "CP6055" })
	if want := "sam local invoke 'F; id $(id)'"; i < 0 || !strings.HasSuffix(found[i].Fix, want) {
		t.Errorf("found %+v, want CP6055 with %s", found, want)
	}
}

// TestFunctionURLs holds that an event for a function that is called by its URL costs
// no other API its CORS setting, and that nothing is found once it is written.
func TestFunctionURLs(t *testing.T) {
	t.Parallel()
	const (
		head = "Transform: AWS::Serverless-2016-10-31\nResources:\n"
		// The line that the event goes below is the last of it.
		function = "    Type: AWS::Serverless::Function\n    Properties:\n      Runtime: python3.13\n      Handler: a.b\n      CodeUri: src\n"
		url      = "      FunctionUrlConfig: {AuthType: NONE}\n"
		local    = "for SAM local alone, not to be deployed:\nEvents:\n  Local:\n    Type: HttpApi"
		words    = "call its deployed URL; or, without a page, sam local invoke F"
		rest     = "  G:\n" + function + "      Events: {E: {Type: Api, Properties: {Path: /a, Method: get}}}\n"
		http     = "  G:\n" + function + "      Events: {E: {Type: HttpApi, Properties: {Path: /F, Method: get}}}\n"
		named    = "  G:\n" + function + "      Events: {E: {Type: HttpApi, Properties: {ApiId: !Ref H, Path: /a, Method: get}}}\n"
		api      = "  H:\n    Type: AWS::Serverless::HttpApi\n    Properties:\n      CorsConfiguration: {AllowOrigins: [https://a.example], AllowMethods: [GET], AllowHeaders: [authorization]}\n"
		jwt      = "      Auth: {DefaultAuthorizer: T, Authorizers: {T: {IdentitySource: $request.header.Authorization, JwtConfiguration: {issuer: https://a.example, audience: [a]}}}}\n"
		path     = local + "\n    Properties:\n      Path: /F\n      Method: any"
	)
	for name, tt := range map[string]struct{ before, after, want string }{
		"alone":                    {head + "  F:\n" + function + url, "", local},
		"beside another":           {head + "  F:\n" + function + url, "  G:\n" + function + url, path},
		"beside a REST API":        {head + "  F:\n" + function + url, rest, path},
		"beside Cors":              {"Globals: {Api: {Cors: \"'https://a.example'\"}}\n" + head + "  F:\n" + function + url, rest, words},
		"beside Cors of HTTP APIs": {"Globals: {HttpApi: {CorsConfiguration: {AllowOrigins: [https://a.example]}}}\n" + head + "  F:\n" + function + url, rest, words},
		"beside an HTTP API":       {head + "  F:\n" + function + url, http, strings.Replace(path, "/F", "/F-url", 1)},
		"beside one with CORS":     {head + "  F:\n" + function + url, named + api, path + "\n      ApiId: !Ref H"},
		"beside one with a token":  {head + "  F:\n" + function + url, named + api + jwt, path + "\n      ApiId: !Ref H\n      Auth: {Authorizer: NONE}"},
		"for signed calls":         {head + "  F:\n" + function + "      FunctionUrlConfig: {AuthType: AWS_IAM}\n", named + api + jwt, words},
		"with other events": {head + "  F:\n" + function + url + "      Events:\n        S: {Type: Schedule, Properties: {Schedule: rate(1 day)}}\n", "",
			"below Events, for SAM local alone, not to be deployed:\nLocal:\n  Type: HttpApi"},
		"beside raw APIs": {head + "  R:\n    Type: AWS::ApiGateway::RestApi\n    Properties: {Name: r}\n  F:\n" + function + url, "", words},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			of := func(f check.Finding) bool { return f.Code == "CP6055" }
			found := findingsOf(t, tt.before+tt.after)
			i := slices.IndexFunc(found, of)
			if i < 0 || found[i].Fix != tt.want {
				t.Fatalf("found %+v\nwant CP6055 with the fix\n%s", found, tt.want)
			}
			lead, event, ok := strings.Cut(tt.want, "\n")
			if !ok {
				return
			}
			indent := "      "
			if strings.HasPrefix(lead, "below Events") {
				indent += "  "
			}
			pasted := tt.before + indent + strings.ReplaceAll(event, "\n", "\n"+indent) + "\n" + tt.after
			for _, f := range findingsOf(t, pasted) {
				if strings.Contains(f.Message, `"F"`) || !slices.ContainsFunc(found, func(o check.Finding) bool { return o.Code == f.Code }) {
					t.Errorf("with the event found %+v", f)
				}
			}
		})
	}
}
