package diagnosis_test

import (
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/apigateway"
)

// TestEventsWithoutTheirAPI holds that a path of an API that SAM makes of events
// is told the API that has the CORS setting, and the one line that names it.
func TestEventsWithoutTheirAPI(t *testing.T) {
	t.Parallel()
	const (
		head     = "Transform: AWS::Serverless-2016-10-31\n"
		rest     = "  Site: {Type: AWS::Serverless::Api, Properties: {StageName: p, Cors: \"'*'\"}}\n"
		http     = "  Site: {Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: {AllowOrigins: [https://a.example]}}}\n"
		second   = "  Second: {Type: AWS::Serverless::Api, Properties: {StageName: p, Cors: \"'*'\"}}\n"
		guarded  = "  Site: {Type: AWS::Serverless::Api, Properties: {StageName: p, Cors: \"'*'\", Auth: {DefaultAuthorizer: Users, Authorizers: {Users: {UserPoolArn: a}}}}}\n"
		jwt      = "  Site: {Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: {AllowOrigins: [https://a.example]}, Auth: {DefaultAuthorizer: T, Authorizers: {T: {IdentitySource: $request.header.Authorization, JwtConfiguration: {issuer: https://a.example, audience: [a]}}}}}}\n"
		open     = "; and, to leave them as open as they are, in those without Auth: Auth: "
		function = "  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: .\n      Runtime: provided.al2023\n      Handler: bootstrap\n      Events:\n"
		items    = "        Items: {Type: Api, Properties: {Path: /items, Method: get}}\n"
		users    = "        Users: {Type: Api, Properties: {Path: /users, Method: any}}\n"
		other    = "        Other: {Type: Api, Properties: {RestApiId: !Ref Site, Path: /other, Method: get}}\n"
		same     = "        Other: {Type: Api, Properties: {RestApiId: !Ref Site, Path: /items, Method: post}}\n"
		httpItem = "        Items: {Type: HttpApi, Properties: {Path: /items, Method: get}}\n"
		output   = "Outputs: {Url: {Value: !Sub \"https://${ServerlessRestApi}.example/Prod\"}}\n"
		answer   = "to have Site (template.yaml:3) answer preflights when deployed, write in the Properties of "
		ref      = ":\nRestApiId: !Ref Site"
	)
	for name, test := range map[string]struct {
		template, detail string
		first            string   // hint
		more, never      []string // in hints
	}{
		"REST":                        {rest + function + items, "; Cors is set for Site (template.yaml:3), which has no route", answer + "each event without RestApiId" + ref, nil, []string{"Globals", "OPTIONS", "Outputs", "names"}},
		"HTTP":                        {http + function + httpItem, "; CorsConfiguration is set for Site (template.yaml:3), which has no route", answer + "each event without ApiId; its CORS headers then take the place of those that functions send:\nApiId: !Ref Site", nil, nil},
		"a function that answers":     {rest + function + items + users, "which has no route", answer + "each event of /items" + ref, nil, nil},
		"an output":                   {rest + function + items + output, "which has no route", answer + "each event without RestApiId, and name Site and its stage where the template names ServerlessRestApi" + ref, nil, nil},
		"an authorizer":               {guarded + function + items, "which has no route", answer + "each event without RestApiId, and AddDefaultAuthorizerToCorsPreflight: false beside DefaultAuthorizer (template.yaml:3): RestApiId: !Ref Site" + open + "{Authorizer: NONE}", nil, nil},
		"an authorizer and a key":     {strings.Replace(guarded, "{Def", "{ApiKeyRequired: true, Def", 1) + function + items, "which has no route", answer, []string{": RestApiId: !Ref Site" + open + "{Authorizer: NONE, ApiKeyRequired: false}"}, nil},
		"an authorizer, HTTP":         {jwt + function + httpItem, "which has no route", answer, []string{": ApiId: !Ref Site" + open + "{Authorizer: NONE}"}, nil},
		"the authorizer of Globals":   {rest + function + items + "Globals: {Api: {Auth: {DefaultAuthorizer: AWS_IAM, AddDefaultAuthorizerToCorsPreflight: false}}}\n", "which has no route", answer + "each event without RestApiId" + ref, nil, []string{"NONE"}},
		"a resource policy":           {strings.Replace(guarded, "DefaultAuthorizer", "ResourcePolicy: {IpRangeWhitelist: [10.0.0.0/8]}, DefaultAuthorizer", 1) + function + items, "which has no route", "", []string{"OptionsItems:"}, []string{"!Ref"}},
		"a private endpoint":          {strings.Replace(rest, "Cors", "EndpointConfiguration: PRIVATE, Cors", 1) + function + items, "which has no route", "", []string{"OptionsItems:"}, []string{"!Ref"}},
		"two":                         {rest + second + function + items, "Token\"}", "", nil, []string{"!Ref"}},
		"with routes":                 {rest + function + items + other, "; Cors is set for Site (template.yaml:3), to which the path does not belong", "", []string{"or, if the path was meant for Site (template.yaml:3), write in the Properties of each event of /items" + ref}, nil},
		"with the same path":          {rest + function + items + same, "to which the path does not belong", "", nil, []string{"!Ref"}},
		"of the other kind":           {http + function + items, "; CorsConfiguration is set for Site (template.yaml:3), which is an HTTP API and has no route", "", []string{"below Api in Globals"}, []string{"!Ref"}},
		"Globals of the other kind":   {function + items + "Globals: {HttpApi: {CorsConfiguration: true}}\n", "; CorsConfiguration in Globals (template.yaml:11) counts for HTTP APIs alone", "", []string{"below Api in Globals"}, nil},
		"Globals of the other, HTTP":  {function + httpItem + "Globals: {Api: {Cors: \"'*'\"}}\n", "; Cors in Globals (template.yaml:11) counts for REST APIs alone", "", []string{"below HttpApi in Globals"}, nil},
		"Globals that count for some": {function + items + strings.ReplaceAll(strings.ReplaceAll(httpItem, "/items", "/too"), "Items", "Too") + "Globals: {HttpApi: {CorsConfiguration: true}}\n", "Token\"}", "", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := apigateway.New(load(t, []byte(head+"Resources:\n"+test.template)))
			d, ok := compared{Request: "OPTIONS /items", Served: true, Fields: []string{"Origin: https://a.example", "Access-Control-Request-Method: GET", "Access-Control-Request-Headers: x-a"}}.diagnose(g)
			hints := strings.Join(d.Hints, "\n\n")
			if !ok || d.Code != "CP1201" || !strings.HasSuffix(d.Detail, test.detail) || !strings.HasPrefix(hints, test.first) {
				t.Fatalf("got %s %q\n%s\nwant the end %q and the hint %q", d.Code, d.Detail, hints, test.detail, test.first)
			}
			for _, text := range test.more {
				if !strings.Contains(hints, text) {
					t.Errorf("got\n%s\nwant %q", hints, text)
				}
			}
			for _, text := range test.never {
				if strings.Contains(hints, text) {
					t.Errorf("got\n%s\nwith %q", hints, text)
				}
			}
		})
	}
}
