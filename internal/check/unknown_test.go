package check_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/check"
)

// TestUnknownLocally holds what is said of values that SAM local may not send as AWS
// does: nothing where both send the same, nor of names that nobody declares.
func TestUnknownLocally(t *testing.T) {
	t.Parallel()
	const (
		head = `Transform: AWS::Serverless-2016-10-31
Parameters: {Stage: {Type: String, Default: dev}, Domain: {Type: String, Default: app.example.com}}
Mappings: {By: {dev: {Origin: "http://localhost:5173", Domain: app.example.com, Quoted: "'https://app.example.com'"}}}
Resources:
  Site: {Type: AWS::S3::Bucket}
`
		rest = "  Api: {Type: AWS::Serverless::Api, Properties: {StageName: p, Cors: {AllowOrigin: %s}}}\n"
		http = "  Api: {Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: {AllowOrigins: [%s]}}}\n"
	)
	for name, tt := range map[string]struct{ api, origin, want, fix string }{
		"the same":            {rest, `!Sub ["'${o}'", {o: !FindInMap [By, !Ref Stage, Origin]}]`, "", ""},
		"a dot":               {rest, `!Sub ["'https://${d}'", {d: !FindInMap [By, !Ref Stage, Domain]}]`, "CP6015", `AllowOrigin: !Join ["", ["'https://", !FindInMap ["By", !Ref Stage, "Domain"], "'"]]`},
		"a dot and another":   {rest, `!Sub ["'https://${a}.${Domain}'", {a: x.y}]`, "CP6015", `AllowOrigin: !Join ["", ["'https://", "x.y", ".", !Ref Domain, "'"]]`},
		"a dot, no quotes":    {rest, `!Sub ["https://${d}", {d: !Ref Domain}]`, "CP6010", `AllowOrigin: !Join ["", ["'https://", !Ref Domain, "'"]]`},
		"quotes in the map":   {rest, `!Sub ["${o}", {o: !FindInMap [By, !Ref Stage, Quoted]}]`, "CP6010", `AllowOrigin: !Join ["", [!FindInMap ["By", !Ref Stage, "Quoted"]]]`},
		"a dot, in a list":    {http, `!Sub ["https://${d}", {d: !Ref Domain}]`, "CP6015", `write in its place: !Join ["", ["https://", !Ref Domain]]`},
		"and AWS's own":       {rest, `!Sub ["'https://${d}.${AWS::Region}.example.com'", {d: !Ref Domain}]`, "CP6015", `AllowOrigin: !Join ["", ["'https://", !Ref Domain, ".", !Ref AWS::Region, ".example.com'"]]`},
		"an attribute, in it": {rest, `!Sub ["'https://${Site.DomainName}${d}'", {d: app}]`, "CP6015", "corsproxy --cors-source config --response-headers replace"},
		"AWS's own, in list":  {http, `!Sub "https://a.${AWS::Region}.example.com", !Sub "https://b.${AWS::Region}.example.com"`, "CP6015", "corsproxy --cors-source config --response-headers replace"},
		"an attribute":        {rest, `!Sub "'https://${Site.DomainName}'"`, "CP6015", "corsproxy --cors-source config --response-headers replace"},
		"a list of two":       {http, `!Sub "https://${Site.DomainName}", !Sub "https://${AWS::StackName}.example.com"`, "CP6015", "corsproxy --cors-source config --response-headers replace"},
		"undeclared":          {rest, `!Sub "'${Nobody}'"`, "CP6070", "declare it, or correct the name"},
		"undeclared, in list": {http, "!Ref Nobody", "CP6070", "declare it, or correct the name"},
		"of its own in a Sub": {rest, `!Sub ["'https://${a}${!b}'", {a: x.y}]`, "CP6015", "write the parts as !Join, in place of !Sub with variables of its own"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			findings := findingsOf(t, fmt.Sprintf(head+tt.api, tt.origin))
			findings = slices.DeleteFunc(findings, func(f check.Finding) bool {
				return !slices.Contains([]check.Code{"CP6001", "CP6010", "CP6015", "CP6070"}, f.Code)
			})
			switch {
			case tt.want == "" && len(findings) == 0:
			case len(findings) != 1 || string(findings[0].Code) != tt.want || findings[0].Fix != tt.fix:
				t.Errorf("found %+v\nwant %s with the fix %s", findings, tt.want, tt.fix)
			case strings.Contains(findings[0].Message, "DomainNamehttps"):
				t.Errorf("found %s, want the entries apart", findings[0].Message)
			}
		})
	}
}

// TestUnknownItems holds that the items of a list are told apart.
func TestUnknownItems(t *testing.T) {
	t.Parallel()
	found := findingsOf(t, `Transform: AWS::Serverless-2016-10-31
Parameters: {Domain: {Type: String, Default: app.example.com}}
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration:
        AllowOrigins:
          - !Sub ["https://${d}", {d: !Ref Domain}]
          - !Sub https://${AWS::StackName}.example.com
          - https://other.example.com
`)
	var got []string
	for _, f := range found {
		if f.Code == "CP6015" {
			got = append(got, fmt.Sprint(f.Line, " ", f.Message))
		}
	}
	want := []string{
		`9 SAM local takes the values of !Sub's own variables for names, and does not send "https://app.example.com"`,
		`10 AllowOrigins has a value that is known on AWS alone: SAM local sends "https://local.example.com"`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}
