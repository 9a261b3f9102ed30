package diagnosis_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/apigateway"
)

// TestListOfNoNames holds that a list whose members are no names is written anew
// with those that stand in it, as check does.
func TestListOfNoNames(t *testing.T) {
	t.Parallel()
	const (
		rest = `{Type: AWS::Serverless::Api, Properties: {StageName: p, Cors: {AllowOrigin: "'*'", AllowMethods: "'PUT'", AllowHeaders: "HEADERS"}}}`
		http = `{Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: {AllowOrigins: ["*"], AllowMethods: [PUT], AllowHeaders: [HEADERS]}}}`
	)
	for name, test := range map[string]struct {
		api, event, headers, want string
	}{
		"each in quotes":           {rest, "Api", "'Content-Type','X-A'", `AllowHeaders: "'X-A,content-type,x-b'"`},
		"names in other letters":   {rest, "Api", "'X-B','X-A'", `AllowHeaders: "'X-A,content-type,x-b'"`},
		"an HTTP API's, in quotes": {http, "HttpApi", `"'X-A','Content-Type'"`, "AllowHeaders: [X-A, content-type, x-b]"},
		"names":                    {rest, "Api", "'X-A, X-C'", `AllowHeaders: "'X-A,X-C,content-type,x-b'"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := strings.Replace(test.api, "HEADERS", test.headers, 1)
			id := map[string]string{"Api": "RestApiId", "HttpApi": "ApiId"}[test.event]
			g := apigateway.New(load(t, []byte("Transform: AWS::Serverless-2016-10-31\nResources:\n  Site: "+api+
				"\n  F: {Type: AWS::Serverless::Function, Properties: {CodeUri: ., Runtime: python3.13, Handler: a.b, Events: {E: {Type: "+test.event+", Properties: {"+id+": !Ref Site, Path: /items, Method: put}}}}}\n")))
			d, _ := compared{Request: "OPTIONS /items", Served: true, Fields: []string{"Origin: https://a.example", "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: content-type,x-b"}}.diagnose(g)
			if !slices.ContainsFunc(d.Hints, func(hint string) bool { return strings.HasSuffix(hint, "\n"+test.want) }) {
				t.Errorf("got %s\n%s\nwant %s", d, strings.Join(d.Hints, "\n"), test.want)
			}
		})
	}
}

// TestMethodInSmallLetters holds that a method which no browser puts in capitals is
// told as what it is in capitals: without a route, and without a list that has it,
// the letters alone would not help.
func TestMethodInSmallLetters(t *testing.T) {
	t.Parallel()
	const (
		rest  = "{Type: AWS::Serverless::Api, Properties: {StageName: p, Cors: {AllowOrigin: \"'*'\"METHODS}}}"
		write = "write method: 'PATCH' in the page"
		check = "check whether the page means to send PATCH: without a route for it, the deployed API answers the request itself with 403 "
		event = "RestApiId: !Ref Site"
	)
	for name, test := range map[string]struct {
		methods, routed, detail string
		hints                   []string // the beginnings and ends of each
	}{
		"a route":                 {"", "patch", "; it says PATCH, and browsers compare methods with their case", []string{write}},
		"a list with it":          {`, AllowMethods: "'PATCH'"`, "any", "; it says PATCH, and browsers compare methods with their case", []string{write}},
		"a list without it":       {`, AllowMethods: "'PUT'"`, "patch", "; it allows PUT", []string{write, "to allow PATCH when deployed, … AllowMethods: \"'PUT,PATCH'\""}},
		"no route":                {"", "get", "; it allows GET and OPTIONS; it has no route for PATCH", []string{check + "…", "or give the API that route… " + event, write}},
		"no route, a list":        {`, AllowMethods: "'PATCH'"`, "get", "; it says PATCH, and browsers compare methods with their case; it has no route for PATCH", []string{check + "…", "or give the API that route… " + event, write}},
		"no route, another list":  {`, AllowMethods: "'PUT'"`, "get", "; it allows PUT; it has no route for PATCH", []string{check + "…", "or give the API that route… " + event, write, "to allow PATCH when deployed, … AllowMethods: \"'PUT,PATCH'\""}},
		"a list in small letters": {`, AllowMethods: "'Patch'"`, "patch", "; it says Patch, and browsers compare methods with their case", []string{write, "to allow PATCH when deployed, … AllowMethods: \"'PATCH'\""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := apigateway.New(load(t, []byte("Transform: AWS::Serverless-2016-10-31\nResources:\n  Site: "+strings.Replace(rest, "METHODS", test.methods, 1)+
				"\n  F: {Type: AWS::Serverless::Function, Properties: {CodeUri: ., Runtime: python3.13, Handler: a.b, Events: {E: {Type: Api, Properties: {RestApiId: !Ref Site, Path: /items, Method: "+test.routed+"}}}}}\n")))
			d, _ := compared{Request: "OPTIONS /items", Served: true, Fields: []string{"Origin: https://a.example", "Access-Control-Request-Method: patch"}}.diagnose(g)
			if !strings.HasSuffix(d.Detail, test.detail) || !slices.EqualFunc(d.Hints, test.hints, func(got, want string) bool {
				begin, end, cut := strings.Cut(want, "…")
				return got == want || cut && strings.HasPrefix(got, strings.TrimSpace(begin)) && strings.HasSuffix(got, strings.TrimSpace(end))
			}) {
				t.Errorf("got %s\n%s\nwant %s\n%s", d.Detail, strings.Join(d.Hints, "\n"), test.detail, strings.Join(test.hints, "\n"))
			}
		})
	}
}
