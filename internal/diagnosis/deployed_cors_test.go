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
	const head = "Transform: AWS::Serverless-2016-10-31\nResources:" + settingFunction
	health := answered{Request: "GET /health", Preflight: true, Headers: []string{"content-type"}, Origin: "http://localhost:5173", Status: 200}
	for name, test := range map[string]struct {
		by           diagnosis.Setter
		events, want string
	}{
		"a function": {diagnosis.SetByFunction, "        All: {Type: Api, Properties: {Path: \"/{proxy+}\", Method: any}}\n        Health: {Type: Api, Properties: {Path: /health, Method: get}}\n",
			"here: --cors-source config; to have preflights there answered when deployed as for /{proxy+} (template.yaml:10), add below Events in the Properties of function F: " +
				"OptionsHealth: {Type: Api, Properties: {Path: /health, Method: options}}"},
		"an OPTIONS of its own, which Cors leaves alone": {diagnosis.SetBySAM, "        One: {Type: Api, Properties: {Path: /one, Method: options}}\n        Health: {Type: Api, Properties: {Path: /health, Method: get}}\n",
			"here: --cors-source config; for AWS, in Cors of the API (template.yaml:3), AllowOrigin: \"'http://localhost:5173'\""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			health := health
			health.SetBy = test.by
			app := load(t, []byte(head+test.events))
			d, ok := diagnosis.NewExplainer(diagnosis.Knowledge{Template: app}).Blocked(health.evidence(t, app))
			if !ok || !strings.HasSuffix(d.Detail, "; "+test.want) {
				t.Fatalf("got %q\nwant the end %q", d.Detail, test.want)
			}
		})
	}
}
