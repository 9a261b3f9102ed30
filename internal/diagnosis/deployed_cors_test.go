package diagnosis_test

import (
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// TestBlockedBesideAFunctionsOptions holds that no Cors is proposed where a
// function answers OPTIONS for other paths: SAM would take them from it. The
// answer is that of /{proxy+}, by which SAM local serves OPTIONS /health, too.
func TestBlockedBesideAFunctionsOptions(t *testing.T) {
	t.Parallel()
	const (
		head     = "Transform: AWS::Serverless-2016-10-31\nResources:"
		page     = "http://localhost:5173"
		event    = ", add below Events in the Properties of function F: OptionsHealth: "
		rest     = "        Health: {Type: Api, Properties: {Path: /health, Method: get}}\n"
		http     = "        Health: {Type: HttpApi, Properties: {Path: /health, Method: get}}\n"
		anyRest  = `        All: {Type: Api, Properties: {Path: "/{proxy+}", Method: any, RestApiId: !Ref Site}}` + "\n"
		anyHTTP  = `        All: {Type: HttpApi, Properties: {Path: "/{proxy+}", Method: any, ApiId: !Ref Site}}` + "\n"
		getRest  = `        All: {Type: Api, Properties: {Path: "/all", Method: get, RestApiId: !Ref Site}}` + "\n"
		restSite = "\n  Site: {Type: AWS::Serverless::Api, Properties: {StageName: p%}}"
		httpSite = "\n  Site: {Type: AWS::Serverless::HttpApi}"
		inREST   = `write below Api in Globals (write the two where they are missing), with the origin of the deployed page in place of this page's: Cors: {AllowOrigin: "'http://localhost:5173'", AllowHeaders: "'content-type'"}`
		another  = "here: --cors-source config; to have preflights there answered when deployed"
	)
	const never = "Conditions: {Never: !Equals [a, b]}\n"
	absentSite := func(kind, properties string) string {
		return "\n  Site: {Type: AWS::Serverless::" + kind + ", Condition: Never, Properties: {" + properties + "}}"
	}
	restSiteWith := func(property string) string { return strings.Replace(restSite, "%", property, 1) }
	health := answered{Request: "GET /health", Preflight: true, Headers: []string{"content-type"}, Origin: page, Status: 200}
	actual := answered{Request: "GET /health", Origin: page, Status: 200}
	for name, test := range map[string]struct {
		answered       answered
		by             diagnosis.Setter
		template, want string
	}{
		"a function": {health, diagnosis.SetByFunction, settingFunction + "        All: {Type: Api, Properties: {Path: \"/{proxy+}\", Method: any}}\n" + rest,
			"here: --cors-source config; to have preflights answered when deployed, if function F does not answer preflights itself (else give OPTIONS /health to the one that does), " + inREST},
		"an OPTIONS of its own, which Cors leaves alone": {health, diagnosis.SetBySAM, settingFunction + "        One: {Type: Api, Properties: {Path: /one, Method: options}}\n" + rest,
			"here: --cors-source config; to have preflights answered when deployed, " + inREST},
		"another API's function, which Globals would reach": {health, diagnosis.SetBySAM, restSiteWith("") + settingFunction + anyRest + rest,
			another + " as for /{proxy+} (template.yaml:11)" + event + "{Type: Api, Properties: {Path: /health, Method: options}}"},
		"another HTTP API's": {health, diagnosis.SetBySAM, httpSite + settingFunction + anyHTTP + http,
			another + " as for /{proxy+} (template.yaml:11)" + event + "{Type: HttpApi, Properties: {Path: /health, Method: options}}"},
		"another API without Cors": {health, diagnosis.SetBySAM, restSiteWith("") + settingFunction + getRest + rest,
			another + ", add below Events in the Properties of function F, which then has to answer them: OptionsHealth: {Type: Api, Properties: {Path: /health, Method: options}}"},
		"another API with an origin of its own, which Globals leave": {health, diagnosis.SetByFunction, restSiteWith(`, Cors: {AllowOrigin: "'https://app.example.com'"}`) + settingFunction + getRest + rest,
			"to have preflights answered when deployed, " + inREST},
		"another API, whose condition is false": {health, diagnosis.SetBySAM, absentSite("Api", "StageName: p") + settingFunction + rest + never,
			another + ", add below Events in the Properties of function F, which then has to answer them: OptionsHealth: {Type: Api, Properties: {Path: /health, Method: options}}"},
		"the same with an origin of its own": {health, diagnosis.SetBySAM, absentSite("Api", `StageName: p, Cors: "'https://app.example.com'"`) + settingFunction + rest + never,
			"here: --cors-source config; to have preflights answered when deployed, " + inREST},
		"another HTTP API, whose condition is false": {health, diagnosis.SetBySAM, absentSite("HttpApi", "Tags: {a: b}") + settingFunction + http + never,
			another + ", add below Events in the Properties of function F, which then has to answer them: OptionsHealth: {Type: HttpApi, Properties: {Path: /health, Method: options}}"},
		"an answer of an HTTP API without CORS, where the function's header counts": {actual, diagnosis.SetByFunction, settingFunction + http,
			"here: --response-headers fill; for AWS, have function F (template.yaml:10) send Access-Control-Allow-Origin: " + page},
		"the same of a function that answers a preflight": {health, diagnosis.SetByTemplate, settingFunction + strings.Replace(http, "get", "any", 1),
			"here: --cors-source config; for AWS, have function F (template.yaml:10) send Access-Control-Allow-Origin: " + page},
		"what SAM local has answered in its place": {health, diagnosis.SetBySAM, settingFunction + strings.Replace(http, "get", "any", 1),
			"here: --cors-source config"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := load(t, []byte(head+test.template))
			test.answered.SetBy = test.by
			d, ok := diagnosis.NewExplainer(diagnosis.Knowledge{Template: app}).Blocked(test.answered.evidence(t, app))
			if !ok || !strings.HasSuffix(d.Detail, "; "+test.want) {
				t.Fatalf("got %q\nwant the end %q", d.Detail, test.want)
			}
			for _, hint := range d.Hints {
				if app.Deployed[len(app.Deployed)-1].CORS == nil && strings.Contains(hint, "below Cors") {
					t.Errorf("%q names a setting that is not there", hint)
				}
			}
		})
	}
}
