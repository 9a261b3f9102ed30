package check_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/check"
	"github.com/corsproxy/corsproxy/internal/sam"
)

const computedOrigin = `Transform: AWS::Serverless-2016-10-31
Parameters:
  Env: {Type: String, Default: dev}
  Origin: {Type: String, Default: "http://localhost:5173"}
  Quoted: {Type: String, Default: "'http://localhost:5173'"}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
Mappings:
  ByEnv:
    dev: {origin: "http://localhost:5173", mixed: "http://localhost:5173"}
    prod: {origin: "https://app.example.com", mixed: "'https://app.example.com'"}
Globals:
  Api:
    Cors: {AllowHeaders: "'Content-Type'", %s}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13, Handler: a.b, CodeUri: src, Events: {A: {Type: Api, Properties: {Path: /a, Method: get}}}}
`

// TestQuotesWhereTheValuesAre holds that an origin that a function makes stays
// made by it: what is to be written has the quotes, and each stage its origin.
func TestQuotesWhereTheValuesAre(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ written, want string }{
		"parameter":        {`!Ref Origin`, `!Sub "'${Origin}'"`},
		"text":             {`!Sub "https://${Env}.example.com"`, `!Sub "'https://${Env}.example.com'"`},
		"condition":        {`!If [IsProd, "https://app.example.com", "http://localhost:5173"]`, `!If [IsProd, "'https://app.example.com'", "'http://localhost:5173'"]`},
		"one branch":       {`!If [IsProd, "'https://app.example.com'", !Ref Origin]`, `!If [IsProd, "'https://app.example.com'", !Sub "'${Origin}'"]`},
		"other branch":     {`!If [IsProd, !Ref Quoted, "http://localhost:5173"]`, `!If [IsProd, !Ref Quoted, "'http://localhost:5173'"]`},
		"condition within": {`!If [IsProd, "'https://a.example.com'", !If [IsProd, "https://b.example.com", "http://c.example.com"]]`, `!If [IsProd, "'https://a.example.com'", !If [IsProd, "'https://b.example.com'", "'http://c.example.com'"]]`},
		"map":              {`!FindInMap [ByEnv, !Ref Env, origin]`, `!Join ["", ["'", !FindInMap ["ByEnv", !Ref Env, "origin"], "'"]]`},
		"join":             {`!Join ["", ["http://", !Ref Env]]`, `!Join ["", ["'", !Join ["", ["http://", !Ref Env]], "'"]]`},
		"function within":  {`!Select [0, !Split [",", !Ref Origin]]`, `!Join ["", ["'", !Select [0, !Split [",", !Ref Origin]], "'"]]`},
		"text of others":   {`!Sub ["${o}", {o: !Ref Origin}]`, `!Join ["", ["'", !Ref Origin, "'"]]`},
		"map with quotes":  {`!FindInMap [ByEnv, !Ref Env, mixed]`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "template.yaml")
			find := func(setting string) []check.Finding {
				if err := os.WriteFile(file, fmt.Appendf(nil, computedOrigin, setting), 0o600); err != nil {
					t.Fatal(err)
				}
				findings, err := check.Run(check.Options{Template: file})
				if err != nil {
					t.Fatal(err)
				}
				return slices.DeleteFunc(findings, func(f check.Finding) bool { return f.Code != "CP6001" && f.Code != "CP6010" && f.Code != "CP6015" })
			}
			found := find("AllowOrigin: " + tt.written)
			want := "AllowOrigin: " + tt.want
			if tt.want == "" {
				want = "write the single quotes into what the function makes"
			}
			if len(found) != 1 || found[0].Code != "CP6010" || found[0].Fix != want {
				t.Fatalf("found %+v\nwant CP6010 alone, with the fix %s", found, want)
			}
			if _, err := sam.Load(file, sam.Options{}); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "template.yaml:14:") {
				t.Errorf("SAM CLI's refusal is told as %v\nwant line 14, and %s", err, want)
			}
			if tt.want == "" {
				return
			}
			if after := find(found[0].Fix); len(after) > 0 {
				t.Errorf("with the fix found %+v", after)
			}
		})
	}
}

// TestQuotesThatSAMLocalDoesNotMiss holds that quotes are missed where SAM local does
// not look: in the branch that is not taken, in an attribute that it does not know,
// and in the document of an API.
func TestQuotesThatSAMLocalDoesNotMiss(t *testing.T) {
	t.Parallel()
	const (
		head = `Transform: AWS::Serverless-2016-10-31
Parameters: {Origin: {Type: String, Default: https://app.example.com}, Quoted: {Type: String, Default: "'*'"}, Given: {Type: String}}
Conditions: {P: !Equals [a, b]}
Resources:
  Site: {Type: AWS::S3::Bucket}
  Own: {Type: Custom::Site, Properties: {ServiceToken: arn}}
`
		cors = "  Api: {Type: AWS::Serverless::Api, Properties: {StageName: p, Cors: {AllowOrigin: %s}}}\n"
		mock = `  Api: {Type: AWS::Serverless::Api, Properties: {StageName: p, DefinitionBody: {swagger: "2.0", paths: {/a: {options: {x-amazon-apigateway-integration: {
    type: mock, responses: {default: {statusCode: "200", responseParameters: {method.response.header.Access-Control-Allow-Origin: %s}}}}}}}}}}
`
	)
	for name, tt := range map[string]struct{ api, origin, want string }{
		"other branch":             {cors, `!If [P, "https://a.example", "'*'"]`, `!If [P, "'https://a.example'", "'*'"]`},
		"branch within":            {cors, `!If [P, !If [P, "*", !Ref Quoted], "'*'"]`, `!If [P, !If [P, "'*'", !Ref Quoted], "'*'"]`},
		"branches with quotes":     {cors, `!If [P, "'https://a.example'", "'*'"]`, ""},
		"no value":                 {cors, `!If [P, !Ref AWS::NoValue, "'*'"]`, ""},
		"attribute":                {cors, "!GetAtt Site.WebsiteURL", `!Sub "'${Site.WebsiteURL}'"`},
		"attribute of one's own":   {cors, "!GetAtt Own.Origin", ""},
		"document":                 {mock, "!Ref Origin", `!Sub "'${Origin}'"`},
		"document, with quotes":    {mock, "!Ref Quoted", ""},
		"document, nothing known":  {mock, "!Ref Given", ""},
		"document, an expression":  {mock, "!Sub integration.response.header.${Given}", ""},
		"document, other branch":   {mock, `!If [P, "*", "'*'"]`, `!If [P, "'*'", "'*'"]`},
		"document, expression, if": {mock, `!If [P, method.request.header.origin, "'*'"]`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got string
			for _, f := range findingsOf(t, fmt.Sprintf(head+tt.api, tt.origin)) {
				if f.Code == "CP6010" {
					_, got, _ = strings.Cut(f.Fix, ": ")
				}
			}
			if got != tt.want {
				t.Errorf("found CP6010 with the fix %q, want %q", got, tt.want)
			}
		})
	}
}
