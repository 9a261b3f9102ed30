package check_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/check"
)

// TestNames holds that lists of methods, headers and origins which SAM CLI or
// browsers cannot read are found, whatever else stands in their line, and that
// nothing is left to find when what is said is written.
func TestNames(t *testing.T) {
	t.Parallel()
	const (
		functions = `
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13, Handler: a.b, CodeUri: src, Events: {A: {Type: %[1]s, Properties: {Path: /a, Method: get}}, B: {Type: %[1]s, Properties: {Path: /a, Method: put}}}}
`
		all = "GET,POST,PUT,DELETE,PATCH,HEAD,OPTIONS"
	)
	settings := func(kind string) map[string]string {
		if kind == "Api" {
			return map[string]string{"AllowOrigin": `"'https://app.example.com'"`, "AllowHeaders": `"'Content-Type,Authorization'"`, "AllowMethods": `"'GET,PUT'"`}
		}
		return map[string]string{"AllowOrigins": "[https://app.example.com]", "AllowHeaders": "[Content-Type, Authorization]", "AllowMethods": "[GET, PUT]"}
	}
	for _, test := range []struct {
		kind, setting, written string
		code                   check.Code
		want                   string // "" for the usual value
	}{
		{"HttpApi", "AllowMethods", `["GET,PUT"]`, "CP6001", ""},
		{"HttpApi", "AllowMethods", `[ANY]`, "CP6001", "[GET, POST, PUT, DELETE, PATCH, HEAD, OPTIONS]"},
		{"HttpApi", "AllowHeaders", `["Content-Type;Authorization"]`, "CP6014", ""},
		{"HttpApi", "AllowHeaders", `["'Content-Type','Authorization'"]`, "CP6014", ""},
		{"Api", "AllowMethods", `"'GET','PUT'"`, "CP6001", ""},
		{"Api", "AllowMethods", `"'GET|PUT'"`, "CP6001", ""},
		{"Api", "AllowMethods", `"'ANY'"`, "CP6001", `"'` + all + `'"`},
		{"Api", "AllowMethods", `"'GET,*'"`, "CP6001", `"'` + all + `'"`},
		{"Api", "AllowMethods", `"[GET, PUT]"`, "CP6010", ""},
		{"Api", "AllowMethods", `ANY`, "CP6010", `"'` + all + `'"`},
		{"Api", "AllowHeaders", `"'Content-Type Authorization'"`, "CP6014", ""},
		{"Api", "AllowHeaders", `"'Content-Type;Authorization'"`, "CP6014", ""},
		{"Api", "AllowHeaders", `"'\"Content-Type\",\"Authorization\"'"`, "CP6014", ""},
		{"Api", "AllowHeaders", `"'Content-Type','Authorization'"`, "CP6014", ""},
		{"Api", "AllowHeaders", `"'['Content-Type','Authorization']'"`, "CP6014", ""},
		{"Api", "AllowHeaders", `"'[]'"`, "CP6014", ""},
		{"Api", "AllowHeaders", `"['Content-Type','Authorization']"`, "CP6010", ""},
		{"Api", "AllowHeaders", `"'Content-Type:application/json,Authorization'"`, "CP6014", ""},
		{"Api", "AllowHeaders", `"'Content-Type: application/json; charset=utf-8, Authorization: Bearer x'"`, "CP6014", ""},
		{"Api", "AllowHeaders", `"Content-Type:application/json,Authorization"`, "CP6010", ""},
		{"HttpApi", "AllowHeaders", `["Content-Type:application/json", Authorization]`, "CP6014", ""},
		{"HttpApi", "AllowHeaders", `["'Content-Type:application/json'", "'Authorization'"]`, "CP6014", ""},
		{"HttpApi", "AllowHeaders", `"Content-Type:application/json,Authorization"`, "CP6014", `["Content-Type", "Authorization"]`},
		{"Api", "AllowOrigin", `"'https://app.example.com', 'http://localhost:5173'"`, "CP6011", ""},
		{"Api", "AllowOrigin", `"'['http://localhost:5173','https://app.example.com']'"`, "CP6011", ""},
		{"Api", "AllowOrigin", `"['https://app.example.com']"`, "CP6010", ""},
	} {
		t.Run(test.kind+" "+test.setting+" "+test.written, func(t *testing.T) {
			t.Parallel()
			find := func(written string) []check.Finding {
				values := settings(test.kind)
				values[test.setting] = written
				var cors []string
				for name, value := range values {
					cors = append(cors, name+": "+value)
				}
				slices.Sort(cors)
				key := map[string]string{"Api": "Cors", "HttpApi": "CorsConfiguration"}[test.kind]
				template := "Transform: AWS::Serverless-2016-10-31\nGlobals: {" + test.kind + ": {" + key + ": {" + strings.Join(cors, ", ") + "}}}" + fmt.Sprintf(functions, test.kind)
				return check.AtLeast(findingsOf(t, template), check.SeverityWarning)
			}
			want := test.want
			if want == "" {
				want = settings(test.kind)[test.setting]
			}
			found := find(test.written)
			if len(found) != 1 {
				t.Fatalf("found %+v, want %s alone", found, test.code)
			}
			fix, _, _ := strings.Cut(found[0].Fix, "\n#")
			if found[0].Code != test.code || strings.TrimPrefix(fix, "write ") != test.setting+": "+want {
				t.Fatalf("found %+v\nwant %s alone, with the fix %s: %s", found, test.code, test.setting, want)
			}
			if after := find(want); len(after) > 0 {
				t.Errorf("with the fix found %+v", after)
			}
		})
	}
}

// TestNoNames holds that what is no list of names is not taken apart into some.
func TestNoNames(t *testing.T) {
	t.Parallel()
	for _, written := range []string{"https://app.example.com", "localhost:3000", "application/json", "Content-Type,https://app.example.com"} {
		found := findingsOf(t, "Transform: AWS::Serverless-2016-10-31\nGlobals: {Api: {Cors: {AllowOrigin: \"'*'\", AllowHeaders: \"'"+written+`'"}}}
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.13, Handler: a.b, CodeUri: src, Events: {B: {Type: Api, Properties: {Path: /a, Method: get}}}}}
`)
		i := slices.IndexFunc(found, func(f check.Finding) bool { return f.Code == "CP6014" })
		if i < 0 || found[i].Fix != "write the names of the headers that pages send, separated by commas" || !strings.HasSuffix(found[i].Why, "without values or addresses") {
			t.Errorf("%s: found %+v", written, found)
		}
	}
}

// TestRefusedBeside holds that another fault of the same line, or of the same
// value, does not hide what SAM CLI refuses.
func TestRefusedBeside(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cors string
		want map[check.Code]string
	}{
		"in the line": {`{AllowOrigin: "'https://app.example.com/'", AllowHeaders: "'Content-Type'", AllowMethods: "'ANY'"}`, map[check.Code]string{
			"CP6016": `AllowOrigin: "'https://app.example.com'"`,
			"CP6001": `write AllowMethods: "'GET,POST,PUT,DELETE,PATCH,HEAD,OPTIONS'"`,
		}},
		"in the value": {`{AllowOrigin: "'https://app.example.com'", AllowHeaders: "'Content-Type'", AllowMethods: "'GET;POST'"}`, map[check.Code]string{
			"CP6029": `AllowMethods: "'GET,POST,PUT'"`,
			"CP6001": `write AllowMethods: "'GET,POST'"`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			findings := findingsOf(t, "Transform: AWS::Serverless-2016-10-31\nGlobals: {Api: {Cors: "+test.cors+`}}
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.13, Handler: a.b, CodeUri: src, Events: {B: {Type: Api, Properties: {Path: /a, Method: put}}}}}
`)
			got := make(map[check.Code]string)
			for _, f := range check.AtLeast(findings, check.SeverityError) {
				got[f.Code] = f.Fix
			}
			if fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Errorf("found %v\nwant %v", got, test.want)
			}
		})
	}
}
