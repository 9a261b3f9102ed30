package check_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/check"
)

// TestFixesKeep holds that what is to be written has what stands there already,
// that the finding is gone with it, and that no error has come in its place.
func TestFixesKeep(t *testing.T) {
	t.Parallel()
	const (
		head = "Transform: AWS::Serverless-2016-10-31\nParameters: {Origin: {Type: String, Default: 'https://a.example'}, Any: {Type: String, Default: '*'}, Two: {Type: String, Default: 'https://b.example,https://c.example'}}\n"
		rest = "Resources: {F: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.13, Handler: a.b, CodeUri: src, Events: {E: {Type: Api, Properties: {Path: /a, Method: get}}}}}}\n" +
			"Globals:\n  Api:\n    "
		http = "Resources: {F: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.13, Handler: a.b, CodeUri: src, Events: {E: {Type: HttpApi, Properties: {Path: /a, Method: get}}}}}}\n" +
			"Globals:\n  HttpApi:\n    "
		cors, configuration = rest + "Cors:\n      ", http + "CorsConfiguration:\n      "
	)
	config := &check.Config{
		AllowOrigins: []string{"http://localhost:5173", "https://site.example"}, AllowHeaders: []string{"content-type", "x-trace"},
		ExposeHeaders: []string{"ETag"}, AllowCredentials: true,
	}
	for name, tt := range map[string]struct {
		code             check.Code
		template         string // up to what the fix is for
		written, want    string
		others, fixOther string // beside it
	}{
		"key":                         {"CP6017", configuration, "AllowOrigin: [https://a.example, http://localhost:3001/]", "AllowOrigins: [https://a.example, http://localhost:3001]", "", ""},
		"key of one text":             {"CP6017", configuration, "allowOrigins: https://a.example", "AllowOrigins: [https://a.example]", "", ""},
		"key beside credentials":      {"CP6017", configuration, `AllowOrigin: "*"`, "AllowOrigins: [https://app.example.com]", "AllowCredentials: true", ""},
		"key of a function":           {"CP6017", configuration, "AllowOrigin: [!Ref Origin, https://b.example]", "AllowOrigins: [!Ref Origin, https://b.example]", "", ""},
		"key, REST":                   {"CP6017", cors, "AllowOrigins: ['http://localhost:3001', 'https://a.example/']", `AllowOrigin: "'https://a.example'"`, "", ""},
		"key of a function, REST":     {"CP6017", cors, "AllowOrigins: !Ref Origin", `AllowOrigin: !Sub "'${Origin}'"`, "", ""},
		"other key":                   {"CP6017", configuration, "AllowMethod: [GET]", "write AllowMethods in its place", "", ""},
		"slash":                       {"CP6016", configuration, "AllowOrigins: [https://a.example/, !Ref Origin]", "AllowOrigins: [https://a.example, !Ref Origin]", "", ""},
		"slash by a function":         {"CP6016", configuration, "AllowOrigins: [!Sub '${Origin}.com/']", "have the function make https://a.example.com", "", ""},
		"slash by a function, REST":   {"CP6016", cors, `AllowOrigin: !Sub "'${Origin}.com/'"`, `have the function make "'https://a.example.com'"`, "", ""},
		"quotes twice by a function":  {"CP6016", cors, `AllowOrigin: !Sub "''${Any}''"`, `have the function make "'https://site.example'"`, "", ""},
		"slash in one text":           {"CP6016", rest, `Cors: "'https://a.example/'"`, `Cors: "'https://a.example'"`, "", ""},
		"two in one":                  {"CP6011", configuration, "AllowOrigins: ['https://a.example,https://b.example', https://c.example]", "AllowOrigins: [https://a.example, https://b.example, https://c.example]", "", ""},
		"two by a function":           {"CP6011", configuration, "AllowOrigins: [!Ref Two]", "have the function make one origin, such as https://b.example, and give each of the others an item of its own", "", ""},
		"any among others":            {"CP6013", configuration, `AllowOrigins: ["*", https://a.example]`, "AllowOrigins: [https://a.example]", "AllowCredentials: true", ""},
		"any by a function":           {"CP6013", configuration, "AllowOrigins: [!Ref Any]", "have the function make an origin by name, such as https://site.example", "AllowCredentials: true", ""},
		"credentials":                 {"CP6092", cors, `AllowOrigin: "'*'"`, "AllowOrigin: \"'https://site.example'\"\nAllowCredentials: true", "", ""},
		"credentials, * for more":     {"CP6092", cors, `AllowOrigin: "'*'"`, "AllowOrigin: \"'https://site.example'\"\nAllowMethods: \"'GET,POST,PUT,DELETE,OPTIONS'\"\nAllowCredentials: true", `AllowMethods: "'*'"`, ""},
		"credentials, no origin":      {"CP6092", cors, `AllowHeaders: "'x-trace'"`, "AllowOrigin: \"'https://site.example'\"\nAllowCredentials: true", "", ""},
		"credentials, one text":       {"CP6092", rest, `Cors: "'*'"`, "Cors:\n  AllowOrigin: \"'https://site.example'\"\n  AllowCredentials: true\n  AllowHeaders: \"'content-type,x-trace'\"", "", ""},
		"credentials, one origin":     {"CP6092", rest, `Cors: "'https://a.example'"`, "Cors:\n  AllowOrigin: \"'https://a.example'\"\n  AllowCredentials: true\n  AllowHeaders: \"'content-type,x-trace'\"", "", ""},
		"credentials, HTTP":           {"CP6092", configuration, `AllowOrigins: ["*"]`, "AllowOrigins: [https://site.example]\nAllowCredentials: true", "", ""},
		"credentials, true":           {"CP6092", http, "CorsConfiguration: true", "CorsConfiguration:\n  AllowOrigins: [https://site.example]\n  AllowCredentials: true\n  AllowMethods: [GET, POST, PUT, DELETE, OPTIONS]\n  AllowHeaders: [content-type, x-trace]\n  ExposeHeaders: [ETag]", "", ""},
		"credentials, named":          {"CP6092", configuration, "AllowOrigins: [https://site.example]", "AllowCredentials: true", "", "AllowOrigins: [https://site.example]"},
		"header":                      {"CP6091", configuration, "AllowHeaders: [Content-Type]", "AllowHeaders: [Content-Type, x-trace]", "", ""},
		"header, REST":                {"CP6091", cors, `AllowHeaders: "'Content-Type'"`, `AllowHeaders: "'Content-Type,x-trace'"`, `AllowOrigin: "'https://site.example'"`, ""},
		"headers, none":               {"CP6091", cors, `AllowOrigin: "'https://a.example'"`, `AllowHeaders: "'content-type,x-trace'"`, "", `AllowOrigin: "'https://a.example'"`},
		"headers, none, HTTP":         {"CP6091", configuration, "AllowOrigins: [https://a.example]", "AllowHeaders: [content-type, x-trace]", "", "AllowOrigins: [https://a.example]"},
		"headers, one text":           {"CP6091", rest, `Cors: "'https://a.example'"`, "Cors:\n  AllowOrigin: \"'https://a.example'\"\n  AllowCredentials: true\n  AllowHeaders: \"'content-type,x-trace'\"", "", ""},
		"headers, and what is needed": {"CP6030", strings.ReplaceAll(cors, "Method: get", "Method: put"), `AllowOrigin: "'https://a.example'"`, `AllowHeaders: "'Content-Type,x-trace'"`, "", `AllowOrigin: "'https://a.example'"`},
		"exposed header beside some":  {"CP6093", configuration, "ExposeHeaders: [X-Total]", "ExposeHeaders: [X-Total, ETag]", "", ""},
		"origin":                      {"CP6090", configuration, "AllowOrigins: [https://a.example, !Ref Origin]", "AllowOrigins: [https://a.example, !Ref Origin, https://site.example]", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "template.yaml")
			find := func(settings ...string) []check.Finding {
				indent := "      "
				if strings.HasSuffix(tt.template, "Api:\n    ") {
					indent = "    "
				}
				lines := slices.DeleteFunc(settings, func(s string) bool { return s == "" })
				text := head + tt.template + strings.ReplaceAll(strings.Join(lines, "\n"), "\n", "\n"+indent) + "\n"
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				findings, err := check.Run(check.Options{Template: file, Config: config})
				if err != nil {
					t.Fatal(err)
				}
				return findings
			}
			of := func(f check.Finding) bool { return f.Code == tt.code }
			found := find(tt.written, tt.others)
			i := slices.IndexFunc(found, of)
			if i < 0 || found[i].Fix != tt.want {
				t.Fatalf("found %+v\nwant %s with the fix %s", found, tt.code, tt.want)
			}
			if refused, _, _ := strings.Cut(tt.written, ":"); tt.code == "CP6017" {
				for _, f := range found {
					if strings.HasPrefix(f.Fix, refused+":") {
						t.Errorf("%s has a fix with the refused key: %s", f.Code, f.Fix)
					}
				}
			}
			key, _, _ := strings.Cut(tt.want, ":")
			if strings.Contains(key, " ") {
				return // in words
			}
			others := tt.others
			if strings.Contains(tt.want, "AllowMethods") {
				others = "" // is in it
			}
			for _, f := range find(tt.want, others, tt.fixOther) {
				if of(f) || f.Severity == check.SeverityError {
					t.Errorf("with the fix found %+v", f)
				}
			}
		})
	}
}

// TestConfigAndMock holds that what the configuration allows is held against an
// OPTIONS method written by hand, once for an API.
func TestConfigAndMock(t *testing.T) {
	t.Parallel()
	const template = `Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      DefinitionBody:
        swagger: "2.0"
        paths:
          /a: {options: &mock {x-amazon-apigateway-integration: {type: mock, requestTemplates: {application/json: '{"statusCode": 200}'}, responses: {default: {statusCode: "200", responseParameters: {
            method.response.header.Access-Control-Allow-Origin: "'https://a.example'", method.response.header.Access-Control-Allow-Headers: "'Content-Type'"}}}}}}
          /b: {options: *mock}
  Several: # by what its template makes
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      DefinitionBody:
        swagger: "2.0"
        paths:
          /a: {options: {x-amazon-apigateway-integration: {type: mock, requestTemplates: {application/json: '{"statusCode": 200}'}, responses: {default: {statusCode: "200", responseParameters: {
            method.response.header.Access-Control-Allow-Origin: "'https://a.example'"}, responseTemplates: {
            application/json: "#set($context.responseOverride.header.Access-Control-Allow-Origin = $input.params().header.get(\"Origin\"))"}}}}}}
  Echoes: # the site, and one more
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      DefinitionBody:
        swagger: "2.0"
        paths:
          /a: {options: {x-amazon-apigateway-integration: {type: mock, requestTemplates: {application/json: '{"statusCode": 200}'}, responses: {default: {statusCode: "200", responseParameters: {
            method.response.header.Access-Control-Allow-Origin: "'https://a.example'"}, responseTemplates: {
            application/json: "#set($origin = $input.params().header.get(\"Origin\"))\n#if($origin == \"\")\n  #set($origin = $input.params().header.get(\"origin\"))\n#end\n#if($origin == \"https://site.example\")\n  #set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)\n#end"}}}}}}
`
	file := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(file, []byte(template), 0o600); err != nil {
		t.Fatal(err)
	}
	findings, err := check.Run(check.Options{Template: file, Config: &check.Config{
		AllowOrigins: []string{"https://site.example"}, AllowHeaders: []string{"x-trace"}, ExposeHeaders: []string{"ETag"}, AllowCredentials: true,
	}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range findings {
		if strings.HasPrefix(string(f.Code), "CP609") {
			got = append(got, string(f.Code)+" "+f.Message)
		}
	}
	slices.Sort(got)
	want := []string{
		`CP6090 OPTIONS /a of API "Api" does not allow the origin https://site.example, which corsproxy allows, nor does another OPTIONS`,
		`CP6091 OPTIONS /a of API "Api" does not allow the header x-trace, which corsproxy allows, nor does another OPTIONS`,
		`CP6091 OPTIONS /a of API "Echoes" does not allow the header x-trace, which corsproxy allows`,
		`CP6092 OPTIONS /a of API "Api" does not allow credentials, which corsproxy allows, nor does another OPTIONS`,
		`CP6092 OPTIONS /a of API "Echoes" does not allow credentials, which corsproxy allows`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
