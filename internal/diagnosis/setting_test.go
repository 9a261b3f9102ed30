package diagnosis_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/sam"
)

const settingFunction = `
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Runtime: provided.al2023
      Handler: bootstrap
      Events:
`

const (
	twoRoutes = settingFunction + `        A: {Type: Api, Properties: {Path: /a, Method: put}}
        B: {Type: Api, Properties: {Path: /b, Method: delete}}
`
	twoHTTPRoutes = settingFunction + `        A: {Type: HttpApi, Properties: {Path: /a, Method: put}}
        B: {Type: HttpApi, Properties: {Path: /b, Method: delete}}
`
	valuesOfStages = "Parameters: {Stage: {Type: String, Default: dev}, Origin: {Type: String, Default: 'http://localhost:1'}}\nConditions: {Prod: !Equals [!Ref Stage, prod]}\n" +
		"Resources:\n  A:\n    Type: AWS::Serverless::HttpApi\n    Properties:\n"
	restOfStages = "Parameters: {Stage: {Type: String, Default: dev}, Origin: {Type: String, Default: 'http://localhost:1'}}\nConditions: {Prod: !Equals [!Ref Stage, prod]}\n" +
		"Resources:\n  A:\n    Type: AWS::Serverless::Api\n    Properties:\n      StageName: p\n"
	ofHTTP = settingFunction + "        A: {Type: HttpApi, Properties: {Path: /a, Method: put, ApiId: !Ref A}}\n"
	ofREST = settingFunction + "        A: {Type: Api, Properties: {Path: /a, Method: put, RestApiId: !Ref A}}\n"
	site   = "  Site: {Type: AWS::Serverless::Api, Properties: {StageName: p}}"
	ofSite = "        S: {Type: Api, Properties: {Path: /s, Method: any, RestApiId: !Ref Site}}\n"
	// A REST API has the path, and an HTTP API stands beside it.
	twoAPIs = `  Rest: {Type: AWS::Serverless::Api, Properties: {StageName: p, Cors: {AllowOrigin: "'https://app.example.com'", AllowHeaders: "'content-type'"}}}
  Http: {Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: {AllowOrigins: [https://app.example.com], AllowMethods: [GET]}}}` +
		settingFunction + `        A: {Type: Api, Properties: {Path: /a, Method: get, RestApiId: !Ref Rest}}
        B: {Type: HttpApi, Properties: {Path: /b, Method: get, ApiId: !Ref Http}}
`
)

// What a template has stays, and one line is written for what it lacks.
func TestSettings(t *testing.T) {
	t.Parallel()
	const origin = "http://localhost:5173"
	const restGlobals = `Globals: {Api: {Cors: {AllowOrigin: "'https://app.example.com'", AllowHeaders: "'content-type'"}}}` + "\nResources:"
	const httpGlobals = "Globals: {HttpApi: {CorsConfiguration: {AllowOrigins: [https://app.example.com], AllowMethods: [PUT]}}}\nResources:"
	needs := map[string][]string{"ServerlessRestApi": {"Content-Type", "Authorization"}, "ServerlessHttpApi": {"X-Token"}, "A": {"Content-Type"}}
	cookies := map[string]bool{"ServerlessRestApi": true, "ServerlessHttpApi": true}
	tests := map[string]struct {
		template, path string
		wish           diagnosis.Wish
		want           string // "WHERE: TEXT", one in each line
	}{
		"a header of a REST API": {restGlobals + twoRoutes, "/b", diagnosis.Wish{Headers: []string{"authorization"}},
			`in place of AllowHeaders (template.yaml:2), below Cors of ServerlessRestApi: AllowHeaders: "'content-type,authorization'"`},
		"a header that is allowed": {restGlobals + twoRoutes, "/b", diagnosis.Wish{Headers: []string{"Content-Type"}}, ""},
		"a method, in a list for all paths": {restGlobals + twoRoutes, "/b", diagnosis.Wish{Methods: []string{"PATCH"}},
			`below Cors of ServerlessRestApi (template.yaml:2): AllowMethods: "'DELETE,OPTIONS,PUT,PATCH'"`},
		"a REST API's site stays": {restGlobals + twoRoutes, "/b", diagnosis.Wish{Origin: origin}, ""},
		"an HTTP API's site stays in the list": {httpGlobals + twoHTTPRoutes, "/b", diagnosis.Wish{Origin: origin},
			"in place of AllowOrigins (template.yaml:2), in the CORS configuration of ServerlessHttpApi: AllowOrigins: ['https://app.example.com', 'http://localhost:5173']"},
		"an HTTP API's method": {httpGlobals + twoHTTPRoutes, "/b", diagnosis.Wish{Methods: []string{"DELETE"}},
			"in place of AllowMethods (template.yaml:2), in the CORS configuration of ServerlessHttpApi: AllowMethods: [PUT, DELETE]"},
		"the API that has the path": {"Resources:\n" + twoAPIs, "/a", diagnosis.Wish{Headers: []string{"x-cart"}},
			`in place of AllowHeaders (template.yaml:3), below Cors of Rest: AllowHeaders: "'content-type,x-cart'"`},
		"each API where the path is not known": {"Resources:\n" + twoAPIs, "", diagnosis.Wish{Headers: []string{"x-cart"}},
			`in place of AllowHeaders (template.yaml:3), below Cors of Rest: AllowHeaders: "'content-type,x-cart'"` + "\n" +
				"in the CORS configuration of Http (template.yaml:4): AllowHeaders: [x-cart]"},
		"one API, and a path that is not known": {restGlobals + twoRoutes, "", diagnosis.Wish{Headers: []string{"authorization"}},
			`in place of AllowHeaders (template.yaml:2), below Cors of ServerlessRestApi: AllowHeaders: "'content-type,authorization'"`},
		"a setting that is a text": {"Globals: {Api: {Cors: \"'*'\"}}\nResources:" + twoRoutes, "/a", diagnosis.Wish{Headers: []string{"x-cart"}},
			`in place of Cors of ServerlessRestApi (template.yaml:2): Cors: {AllowOrigin: "'*'", AllowHeaders: "'x-cart'"}`},
		"another origin in its place": {"Globals: {Api: {Cors: \"'*'\"}}\nResources:" + twoRoutes, "/a", diagnosis.Wish{Origin: origin, Credentials: true},
			`in place of Cors of ServerlessRestApi (template.yaml:2): Cors: {AllowOrigin: "'http://localhost:5173'", AllowCredentials: true}`},
		"an origin that a function makes": {valuesOfStages + "      CorsConfiguration: {AllowOrigins: [!If [Prod, 'https://app.example.com', 'http://localhost:1']], AllowMethods: [GET]}\n" + ofHTTP, "/a", diagnosis.Wish{Origin: origin},
			"beside the items of AllowOrigins (template.yaml:8) of A, as one of its own: http://localhost:5173"},
		"what a parameter says": {valuesOfStages + "      CorsConfiguration: {AllowOrigins: [!Ref Origin], AllowMethods: [GET]}\n" + ofHTTP, "/a", diagnosis.Wish{Origin: origin},
			"beside the items of AllowOrigins (template.yaml:8) of A, as one of its own: http://localhost:5173"},
		"what stands there beside it": {valuesOfStages + "      CorsConfiguration: {AllowOrigins: [!Ref Origin], AllowMethods: [GET]}\n" + ofHTTP, "/a", diagnosis.Wish{Methods: []string{"PUT"}},
			"in place of AllowMethods (template.yaml:8), in the CORS configuration of A: AllowMethods: [GET, PUT]"},
		"an origin of a REST API that a parameter makes": {strings.Replace(valuesOfStages, "HttpApi", "Api", 1) + "      StageName: p\n      Cors: {AllowOrigin: !Sub \"'${Origin}'\", AllowHeaders: !If [Prod, \"'x-prod'\", \"'x-dev'\"]}\n" + ofREST, "/a", diagnosis.Wish{Origin: origin},
			"as the value of parameter Origin, which AllowOrigin (template.yaml:9) of A is made from: http://localhost:5173"},
		"of a branch, whose texts have the quotes": {restOfStages + "      Cors: {AllowOrigin: !If [Prod, \"'https://app.example.com'\",\n        \"'http://localhost:1'\"]}\n" + ofREST, "/a", diagnosis.Wish{Origin: origin},
			"in place of \"'http://localhost:1'\" (template.yaml:10), which AllowOrigin (template.yaml:9) of A is made from with the parameters as they are here: \"'http://localhost:5173'\""},
		"of a parameter in a branch": {restOfStages + "      Cors: {AllowOrigin: !If [Prod, \"'https://app.example.com'\", !Sub \"'${Origin}'\"]}\n" + ofREST, "/a", diagnosis.Wish{Origin: origin},
			"as the value of parameter Origin, which AllowOrigin (template.yaml:9) of A is made from: http://localhost:5173"},
		"of a map": {"Mappings:\n  By:\n    dev: {o: 'http://localhost:1'}\n" + restOfStages + "      Cors: {AllowOrigin: !Sub [\"'${v}'\", {v: !FindInMap [By, !Ref Stage, o]}]}\n" + ofREST, "/a", diagnosis.Wish{Origin: origin},
			"in place of http://localhost:1 (template.yaml:4), which AllowOrigin (template.yaml:12) of A is made from with the parameters as they are here: http://localhost:5173"},
		"of another entry of a map": {"Mappings:\n  By:\n    dev: {o: 'http://localhost:1'}\n    prod: {o: 'http://localhost:5173/'}\n" + restOfStages + "      Cors: {AllowOrigin: !Sub [\"'${v}'\", {v: !FindInMap [By, !Ref Stage, o]}]}\n" + ofREST, "/a", diagnosis.Wish{Origin: origin},
			"in place of http://localhost:5173/ (template.yaml:5), which AllowOrigin (template.yaml:13) of A is made from with other parameters: http://localhost:5173"},
		"of an HTTP API, where a function has OPTIONS": {"Globals: {HttpApi: {CorsConfiguration: {AllowOrigins: ['http://localhost:5173'], AllowMethods: [GET]}}}\nResources:" + twoHTTPRoutes + "        O: {Type: HttpApi, Properties: {Path: /a, Method: options}}\n", "/a", diagnosis.Wish{Methods: []string{"PUT"}},
			"in place of AllowMethods (template.yaml:2), in the CORS configuration of ServerlessHttpApi: AllowMethods: [GET, PUT]"},
		"of another branch": {restOfStages + "      Cors: {AllowOrigin: !If [Prod, \"'http://localhost:5173'\", \"'http://localhost:1'\"]}\n" + ofREST, "/a", diagnosis.Wish{Origin: origin},
			"into the parameters of the deployment what has AllowOrigin (template.yaml:9) of A make: 'http://localhost:5173'"},
		"of a part of a text": {restOfStages + "      Cors: {AllowOrigin: !Sub \"'http://${Stage}.localhost:1'\"}\n" + ofREST, "/a", diagnosis.Wish{Origin: origin},
			"into what AllowOrigin (template.yaml:9) of A is made from, and not in place of the function, so that it makes: 'http://localhost:5173'"},
		"its headers": {strings.Replace(valuesOfStages, "HttpApi", "Api", 1) + "      StageName: p\n      Cors: {AllowOrigin: \"'http://localhost:5173'\", AllowHeaders: !If [Prod, \"'x-prod'\", \"'x-dev'\"]}\n" + ofREST, "/a", diagnosis.Wish{Headers: []string{"x-dev", "x-new"}},
			"into the branch or the parameter that AllowHeaders (template.yaml:9) of A is made from, and not in place of the function: x-new"},
		"a setting that a function makes": {strings.Replace(valuesOfStages, "HttpApi", "Api", 1) + "      StageName: p\n      Cors: !Sub \"'${Origin}'\"\n" + ofREST, "/a", diagnosis.Wish{Headers: []string{"x-new"}},
			"for AllowHeaders, into what the function makes that stands in place of the CORS setting of A (template.yaml:9): x-new"},
		"no setting": {"Resources:" + twoRoutes, "/a", diagnosis.Wish{Origin: origin},
			"below Api in Globals (write the two where they are missing): Cors:\n" + `  AllowOrigin: "'http://localhost:5173'"`},
		"no setting of an HTTP API": {"Resources:" + twoHTTPRoutes, "/a", diagnosis.Wish{Origin: origin},
			"below HttpApi in Globals (write the two where they are missing): CorsConfiguration:\n  AllowOrigins: ['http://localhost:5173']\n  AllowMethods: [DELETE, PUT]"},
		"a list in a REST API, of which the site's stays": {"Globals: {Api: {Cors: \"'http://localhost:5173,https://app.example.com'\"}}\nResources:" + twoRoutes, "/a", diagnosis.Wish{Origin: origin},
			`in place of Cors of ServerlessRestApi (template.yaml:2): Cors: {AllowOrigin: "'https://app.example.com'"}`},
		"no setting, where a function has OPTIONS": {"Resources:" + twoRoutes + "        C: {Type: Api, Properties: {Path: /c, Method: any}}\n", "/a", diagnosis.Wish{Origin: origin, Preflight: true},
			"below Api in Globals (write the two where they are missing), if function F does not answer preflights itself: Cors:\n" + `  AllowOrigin: "'http://localhost:5173'"` + "\n" + `  AllowHeaders: "'Content-Type'"` + "\n" +
				"below Events in the Properties of function F, if it answers preflights of /c (template.yaml:12) itself: OptionsA: {Type: Api, Properties: {Path: /a, Method: options}}"},
		"the same, and a path that is not known": {"Resources:" + twoRoutes + "        C: {Type: Api, Properties: {Path: /c, Method: any}}\n", "", diagnosis.Wish{Origin: origin, Preflight: true}, ""},
		"the same of an HTTP API": {"Resources:" + twoHTTPRoutes + "        C: {Type: HttpApi, Properties: {Path: /c, Method: any}}\n", "/a", diagnosis.Wish{Origin: origin, Preflight: true},
			"below HttpApi in Globals (write the two where they are missing), if function F does not answer preflights itself: CorsConfiguration:\n  AllowOrigins: ['http://localhost:5173']\n  AllowMethods: [DELETE, GET, HEAD, PATCH, POST, PUT]\n  AllowHeaders: [Content-Type]\n" +
				"below Events in the Properties of function F, if it answers preflights of /c (template.yaml:12) itself: OptionsA: {Type: HttpApi, Properties: {Path: /a, Method: options}}"},
		"the same, of what is no preflight": {"Resources:" + twoHTTPRoutes + "        C: {Type: HttpApi, Properties: {Path: /c, Method: any}}\n", "/a", diagnosis.Wish{Origin: origin}, ""},
		"no setting, beside an API whose functions have OPTIONS": {"Resources:\n" + site + twoRoutes + ofSite, "/a", diagnosis.Wish{Origin: origin, Preflight: true},
			"below Events in the Properties of function F, which answers preflights of /s (template.yaml:13) itself: OptionsA: {Type: Api, Properties: {Path: /a, Method: options}}"},
		"the same, of what is no preflight of a REST API": {"Resources:\n" + site + twoRoutes + ofSite, "/a", diagnosis.Wish{Origin: origin}, ""},
		"no setting of an API with a default authorizer": {`Globals: {Api: {Auth: {DefaultAuthorizer: AWS_IAM}}}` + "\nResources:" + twoRoutes, "/a", diagnosis.Wish{Origin: origin},
			"below Api in Globals (write the two where they are missing), and AddDefaultAuthorizerToCorsPreflight: false beside DefaultAuthorizer (template.yaml:2): Cors:\n" + `  AllowOrigin: "'http://localhost:5173'"`},
		"no setting, with what the routes need": {"Resources:" + twoRoutes, "/a", diagnosis.Wish{Origin: origin, Preflight: true, Needs: needs},
			"below Api in Globals (write the two where they are missing): Cors:\n" + `  AllowOrigin: "'http://localhost:5173'"` + "\n" + `  AllowHeaders: "'Content-Type,Authorization'"`},
		"the same of an HTTP API, of what is no preflight": {"Resources:" + twoHTTPRoutes, "/a", diagnosis.Wish{Origin: origin, Needs: needs},
			"below HttpApi in Globals (write the two where they are missing): CorsConfiguration:\n  AllowOrigins: ['http://localhost:5173']\n  AllowMethods: [DELETE, PUT]\n  AllowHeaders: [X-Token]"},
		"no setting, and nothing that is known to be needed": {"Resources:" + twoRoutes, "/a", diagnosis.Wish{Origin: origin, Preflight: true},
			"below Api in Globals (write the two where they are missing): Cors:\n" + `  AllowOrigin: "'http://localhost:5173'"` + "\n" + `  AllowHeaders: "'Content-Type'"`},
		"no setting, of a page that is not known": {"Resources:" + twoRoutes, "/a", diagnosis.Wish{Example: origin, Preflight: true},
			"below Api in Globals (write the two where they are missing), with the page's own origin: Cors:\n" + `  AllowOrigin: "'http://localhost:5173'"` + "\n" + `  AllowHeaders: "'Content-Type'"`},
		"a setting, and a page that is not known": {restGlobals + twoRoutes, "/a", diagnosis.Wish{Example: origin, Preflight: true, Needs: needs}, ""},
		"another origin of a preflight, which comes to the headers then": {"Globals: {Api: {Cors: \"'http://localhost:1'\"}}\nResources:" + twoRoutes, "/a", diagnosis.Wish{Origin: origin, Preflight: true, Needs: needs},
			`in place of Cors of ServerlessRestApi (template.yaml:2): Cors: {AllowOrigin: "'http://localhost:5173'", AllowHeaders: "'Content-Type,Authorization'"}`},
		"and to the methods": {"Globals: {HttpApi: {CorsConfiguration: {AllowOrigins: [http://localhost:1], AllowMethods: [GET], AllowHeaders: [x-cart]}}}\nResources:" + twoHTTPRoutes, "/b", diagnosis.Wish{Origin: origin, Preflight: true, Needs: needs},
			"in place of AllowOrigins (template.yaml:2), AllowMethods (template.yaml:2) and AllowHeaders (template.yaml:2), in the CORS configuration of ServerlessHttpApi: AllowOrigins: ['http://localhost:1', 'http://localhost:5173']\nAllowMethods: [GET, DELETE]\nAllowHeaders: [x-cart, Content-Type, X-Token]"},
		"a method, and the headers that no list has yet": {"Globals: {Api: {Cors: {AllowOrigin: \"'*'\", AllowMethods: \"'GET'\"}}}\nResources:" + twoRoutes, "/a", diagnosis.Wish{Methods: []string{"PUT"}, Preflight: true, Needs: needs},
			`in place of AllowMethods (template.yaml:2), below Cors of ServerlessRestApi: AllowMethods: "'GET,PUT'"` + "\n" + `AllowHeaders: "'Content-Type,Authorization'"`},
		"a header, and those that no list has yet": {"Globals: {Api: {Cors: {AllowOrigin: \"'*'\"}}}\nResources:" + twoRoutes, "/a", diagnosis.Wish{Headers: []string{"authorization"}, Preflight: true, Needs: needs},
			`below Cors of ServerlessRestApi (template.yaml:2): AllowHeaders: "'authorization,Content-Type'"`},
		"all headers but Authorization": {"Globals: {Api: {Cors: {AllowOrigin: \"'http://localhost:1'\", AllowHeaders: \"'*'\"}}}\nResources:" + twoRoutes, "/a", diagnosis.Wish{Origin: origin, Preflight: true, Needs: needs},
			`in place of AllowOrigin (template.yaml:2) and AllowHeaders (template.yaml:2), below Cors of ServerlessRestApi: AllowOrigin: "'http://localhost:5173'"` + "\n" + `AllowHeaders: "'*,Authorization'"`},
		"with credentials, where * is a name": {"Globals: {Api: {Cors: {AllowOrigin: \"'*'\", AllowHeaders: \"'*'\"}}}\nResources:" + twoRoutes, "/a", diagnosis.Wish{Origin: origin, Credentials: true, Preflight: true, Needs: needs},
			`in place of AllowOrigin (template.yaml:2) and AllowHeaders (template.yaml:2), below Cors of ServerlessRestApi: AllowOrigin: "'http://localhost:5173'"` + "\n" + `AllowHeaders: "'*,Content-Type,Authorization'"` + "\nAllowCredentials: true"},
		"an origin that a parameter makes, and headers": {restOfStages + "      Cors: {AllowOrigin: !Sub \"'${Origin}'\"}\n" + ofREST, "/a", diagnosis.Wish{Origin: origin, Preflight: true, Needs: needs},
			"as the value of parameter Origin, which AllowOrigin (template.yaml:9) of A is made from: http://localhost:5173\n" + `below Cors of A (template.yaml:9): AllowHeaders: "'Content-Type'"`},
		"a method that * is not, as SAM CLI takes no * beside it": {"Globals: {Api: {Cors: {AllowOrigin: \"'http://localhost:1'\", AllowMethods: \"'*'\", AllowHeaders: \"'x-cart'\", AllowCredentials: true}, Auth: {DefaultAuthorizer: AWS_IAM}}}\nResources:" + twoRoutes, "/a", diagnosis.Wish{Methods: []string{"PATCH"}, Preflight: true},
			`in place of AllowMethods (template.yaml:2) and AllowHeaders (template.yaml:2), below Cors of ServerlessRestApi: AllowMethods: "'DELETE,PUT,PATCH'"` + "\n" + `AllowHeaders: "'x-cart,Content-Type'"`},
		"no setting of an API that reads a cookie": {"Resources:" + twoHTTPRoutes, "/a", diagnosis.Wish{Origin: origin, Cookies: cookies},
			"below HttpApi in Globals (write the two where they are missing): CorsConfiguration:\n  AllowOrigins: ['http://localhost:5173']\n  AllowMethods: [DELETE, PUT]\n  AllowCredentials: true"},
		"another origin of an API that reads a cookie": {"Globals: {HttpApi: {CorsConfiguration: {AllowOrigins: ['*'], AllowMethods: [PUT]}}}\nResources:" + twoHTTPRoutes, "/a", diagnosis.Wish{Origin: origin, Methods: []string{"DELETE"}, Cookies: cookies},
			"in place of AllowOrigins (template.yaml:2) and AllowMethods (template.yaml:2), in the CORS configuration of ServerlessHttpApi: AllowOrigins: ['http://localhost:5173']\nAllowMethods: [PUT, DELETE]\nAllowCredentials: true"},
		"no origin, in place of which AWS alone sends any": {"Globals: {Api: {Cors: {AllowHeaders: \"'content-type'\"}}}\nResources:" + twoRoutes, "/a", diagnosis.Wish{Origin: origin, Local: &sam.LocalCORS{API: "ServerlessRestApi"}},
			"below Cors of ServerlessRestApi (template.yaml:2): AllowOrigin: \"'*'\""},
		"the same with credentials, which AWS refuses": {"Globals: {Api: {Cors: {AllowHeaders: \"'content-type'\", AllowCredentials: true}}}\nResources:" + twoRoutes, "/a", diagnosis.Wish{Origin: origin, Local: &sam.LocalCORS{API: "ServerlessRestApi", Source: "template.yaml:2"}},
			"below Cors of ServerlessRestApi (template.yaml:2): AllowOrigin: \"'http://localhost:5173'\""},
		"no origin in another API's": {"Globals: {Api: {Cors: {AllowHeaders: \"'content-type'\"}}}\nResources:" + twoRoutes, "/a", diagnosis.Wish{Origin: origin, Local: &sam.LocalCORS{API: "Other"}}, ""},
		"a setting that AWS refuses": {"Globals: {Api: {Cors: {AllowHeaders: \"'content-type'\", AllowCredentials: true}}}\nResources:" + twoRoutes, "/a", diagnosis.Wish{Origin: origin},
			""},
		"a setting that no path is answered by": {"Globals: {Api: {Cors: \"'https://app.example.com'\"}}\nResources:" + twoRoutes + "        O: {Type: Api, Properties: {Path: /a, Method: options}}\n        P: {Type: Api, Properties: {Path: /b, Method: options}}\n", "/other", diagnosis.Wish{Origin: origin}, ""},
		"no setting that a header would be in":  {"Resources:" + twoRoutes, "/a", diagnosis.Wish{Headers: []string{"x-cart"}}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "template.yaml")
			if err := os.WriteFile(file, []byte("Transform: AWS::Serverless-2016-10-31\n"+test.template), 0o600); err != nil {
				t.Fatal(err)
			}
			app, err := sam.Load(file, sam.Options{})
			if err != nil {
				t.Fatal(err)
			}
			r := apigateway.Request{Method: http.MethodOptions, Path: test.path, Header: http.Header{"Origin": {origin}}}
			var got []string
			for _, s := range diagnosis.Settings(apigateway.New(app), app.Deployed, r, test.wish) {
				got = append(got, s.Where+": "+s.Text)
			}
			if got := strings.Join(got, "\n"); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// TestSettingOfBuild holds that a change of what sam build has written is one of the
// template that it reads, also where nobody knows which that is.
func TestSettingOfBuild(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"REST":        "Transform: AWS::Serverless-2016-10-31\nGlobals: {Api: {Cors: {AllowOrigin: \"'https://a.example'\", AllowMethods: \"'GET'\"}}}\nResources:" + twoRoutes,
		"REST, short": "Transform: AWS::Serverless-2016-10-31\nGlobals: {Api: {Cors: \"'https://a.example'\"}}\nResources:" + twoRoutes,
		"HTTP":        "Transform: AWS::Serverless-2016-10-31\nGlobals: {HttpApi: {CorsConfiguration: {AllowOrigins: [https://a.example], AllowMethods: [GET]}}}\nResources:" + twoHTTPRoutes,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, file := range []string{filepath.Join(dir, ".aws-sam", "build", "template.yaml"), filepath.Join(dir, "template.yaml")} {
				if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				app, err := sam.Load(file, sam.Options{Source: filepath.Join(dir, "gone.yaml")})
				if err != nil {
					t.Fatal(err)
				}
				all := diagnosis.Settings(apigateway.New(app), app.Deployed, apigateway.Request{Method: "PUT", Path: "/a"}, diagnosis.Wish{Origin: "https://a.example", Methods: []string{"PUT"}, Credentials: true})
				built := file != filepath.Join(dir, "template.yaml")
				if len(all) != 1 || built != strings.Contains(all[0].Where, "(.aws-sam/build/template.yaml:2)") || built != strings.HasSuffix(all[0].Where, ", in the template that this was built from") {
					t.Errorf("%s: %+v", file, all)
				}
			}
		})
	}
}
