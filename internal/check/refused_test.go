package check_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/check"
)

// TestRefusedBySAM holds the rules about what SAM refuses to deploy against what
// its translator does: what it refuses is found, and what it takes is not.
func TestRefusedBySAM(t *testing.T) {
	t.Parallel()
	const (
		head = `Transform: AWS::Serverless-2016-10-31
Parameters: {Name: {Type: String, Default: L}, Empty: {Type: String, Default: ""}, Age: {Type: Number, Default: 600}}
Conditions: {C: !Equals [a, b]}
Resources:
`
		lam  = "Authorizers: {L: {FunctionArn: !GetAtt F.Arn, AuthorizerPayloadFormatVersion: '2.0', Identity: {Headers: [Authorization]}}}"
		lamb = "Authorizers: {L: {FunctionArn: !GetAtt F.Arn}}"
		body = "DefinitionBody: {openapi: 3.0.1, info: {title: a, version: b}, paths: {/b: {get: {x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, payloadFormatVersion: '2.0', " +
			"uri: !Sub 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations'}}}}}"
	)
	api := func(kind, properties, events string) string {
		return "  A: {Type: AWS::Serverless::" + kind + ", Properties: {" + properties + "}}\n" +
			"  F: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.12, Handler: a.b, CodeUri: ., Events: {" + events + "}}}\n"
	}
	method := func(event string) string {
		if strings.Contains(event, "Method: ") {
			return ""
		}
		return ", Method: get"
	}
	http := func(properties, event string) string {
		return api("HttpApi", properties, "E: {Type: HttpApi, Properties: {ApiId: !Ref A, Path: /a"+method(event)+event+"}}")
	}
	rest := func(properties, event string) string {
		return api("Api", "StageName: p"+properties, "E: {Type: Api, Properties: {RestApiId: !Ref A, Path: /b"+method(event)+event+"}}")
	}
	for name, test := range map[string]struct {
		resources string
		want      check.Code // "" for none
	}{
		"type is a function":            {api("HttpApi", "Tags: {a: b}", "E: {Type: !Sub HttpApi, Properties: {ApiId: !Ref A, Path: /a, Method: get}}"), "CP6049"},
		"type is a parameter":           {api("HttpApi", "Tags: {a: b}", "E: {Type: !Ref Name, Properties: {ApiId: !Ref A, Path: /a, Method: get}}"), "CP6049"},
		"event is a function":           {api("HttpApi", "Tags: {a: b}", "E: !If [C, {Type: HttpApi, Properties: {ApiId: !Ref A, Path: /a, Method: get}}, !Ref AWS::NoValue]"), "CP6049"},
		"payload version is a number":   {http("Tags: {a: b}", ", PayloadFormatVersion: 2.0"), "CP6049"},
		"payload version is text":       {http("Tags: {a: b}", ", PayloadFormatVersion: '2.0'"), ""},
		"timeout is text":               {http("Tags: {a: b}", ", TimeoutInMillis: '500'"), "CP6049"},
		"authorizer is a parameter":     {http("Auth: {"+lam+"}", ", Auth: {Authorizer: !Ref Name}"), "CP6048"},
		"authorizer is of no value":     {http("Auth: {"+lam+", DefaultAuthorizer: L}", ", Auth: {Authorizer: !Ref AWS::NoValue}"), "CP6048"},
		"auth is a function":            {http("Auth: {"+lam+"}", ", Auth: !If [C, {Authorizer: L}, {Authorizer: L}]"), "CP6048"},
		"auth is one, with default":     {http("Auth: {"+lam+", DefaultAuthorizer: L}", ", Auth: !If [C, {Authorizer: L}, {Authorizer: L}]"), ""},
		"in a document, none to turn":   {http(body, ", Auth: {Authorizer: NONE}"), "CP6048"},
		"in a document, unknown":        {http(body, ", Auth: {Authorizer: X}"), "CP6048"},
		"in a document, known":          {http(body+", Auth: {"+lam+"}", ", Auth: {Authorizer: L}"), ""},
		"IAM by a function":             {http("Auth: {EnableIamAuthorizer: !If [C, true, true]}", ", Auth: {Authorizer: AWS_IAM}"), "CP6048"},
		"IAM":                           {http("Auth: {EnableIamAuthorizer: true}", ", Auth: {Authorizer: AWS_IAM}"), ""},
		"HTTP default by parameter":     {http("Auth: {"+lam+", DefaultAuthorizer: !Ref Name}", ""), "CP6072"},
		"REST default by parameter":     {rest(", Auth: {"+lamb+", DefaultAuthorizer: !Ref Name}", ""), ""},
		"Auth is a function":            {http("Auth: !If [C, {"+lam+"}, {"+lam+"}]", ""), "CP6072"},
		"FunctionArn by condition":      {http("Auth: {Authorizers: {L: {FunctionArn: !If [C, !GetAtt F.Arn, !Ref AWS::NoValue], AuthorizerPayloadFormatVersion: '2.0'}}}", ""), ""},
		"REST, Auth in a document":      {rest(", "+body, ", Auth: {Authorizer: NONE}"), ""},
		"REST, merged":                  {rest(", MergeDefinitions: true, "+body, ", Auth: {Authorizer: NONE}"), "CP6048"},
		"REST, overriding":              {rest(", "+body, ", Auth: {OverrideApiAuth: true, Authorizer: NONE}"), "CP6048"},
		"REST, overriding by nothing":   {rest("", ", Auth: {OverrideApiAuth: true}"), "CP6048"},
		"REST, overriding the default":  {rest(", Auth: {"+lamb+", DefaultAuthorizer: L}, "+body, ", Auth: {OverrideApiAuth: true, Authorizer: NONE}"), ""},
		"identity is text":              {rest(", Auth: {Authorizers: {L: {FunctionArn: !GetAtt F.Arn, Identity: x}}}", ""), "CP6072"},
		"usage plan of no kind":         {rest(", Auth: {UsagePlan: {Description: x}}", ""), "CP6072"},
		"usage plan":                    {rest(", Auth: {UsagePlan: {CreateUsagePlan: PER_API}}", ""), ""},
		"policy is text":                {rest(", Auth: {ResourcePolicy: x}", ""), "CP6072"},
		"default without authorizers":   {rest(", Auth: {DefaultAuthorizer: L}", ""), "CP6074"},
		"IAM without authorizers":       {rest(", Auth: {DefaultAuthorizer: AWS_IAM}", ""), ""},
		"Auth and DefinitionUri":        {http("DefinitionUri: s3://b/k, Auth: {"+lam+"}", ""), "CP6073"},
		"tags and DefinitionUri":        {http("DefinitionUri: s3://b/k, Tags: {a: b}", ""), "CP6073"},
		"models and DefinitionUri":      {rest(", DefinitionUri: s3://b/k, Models: {A: {type: object}}", ""), "CP6073"},
		"tags and DefinitionUri, REST":  {rest(", DefinitionUri: s3://b/k, Tags: {a: b}", ""), ""},
		"two definitions":               {http("DefinitionUri: s3://b/k, "+body, ""), "CP6073"},
		"domain":                        {rest(", Domain: {DomainName: a.example, CertificateArn: x}", ""), ""},
		"domain without name":           {rest(", Domain: {CertificateArn: x}", ""), "CP6073"},
		"domain of an HTTP API":         {http("Domain: {DomainName: a.example, CertificateArn: x, EndpointConfiguration: EDGE}", ""), "CP6073"},
		"domain without zone":           {rest(", Domain: {DomainName: a.example, CertificateArn: x, Route53: {IpV6: true}}", ""), "CP6073"},
		"version":                       {rest(", OpenApiVersion: '4.0'", ""), "CP6073"},
		"version 3.0":                   {rest(", OpenApiVersion: '3.0'", ""), ""},
		"empty origin":                  {rest(", Cors: {AllowOrigin: ''}", ""), "CP6073"},
		"origin of no value":            {rest(", Cors: {AllowOrigin: !Ref AWS::NoValue}", ""), ""},
		"gateway response is text":      {rest(", GatewayResponses: {DEFAULT_4XX: x}", ""), "CP6073"},
		"gateway response by condition": {rest(", GatewayResponses: {DEFAULT_4XX: !If [C, {StatusCode: 400}, {StatusCode: 401}]}", ""), "CP6073"},
		"gateway response":              {rest(", GatewayResponses: {DEFAULT_4XX: {StatusCode: 400}}", ""), ""},
		"a model by condition":          {rest("", ", RequestModel: !If [C, {Model: U}, {Model: U}]"), ""},
		"any, merged":                   {rest(", MergeDefinitions: true, "+body, ", Method: any"), "CP6046"},
		"any, merged as OpenAPI has it": {rest(", MergeDefinitions: true, "+body, ", Method: x-amazon-apigateway-any-method"), ""},
		"seconds by a parameter":        {rest(", Cors: {AllowOrigin: \"'https://a.example'\", MaxAge: !Ref Age}", ""), "CP6010"},
		"any, of a bare true":           {http("CorsConfiguration: true", ", Method: any"), ""},
		"any, of a bare false":          {http("CorsConfiguration: false", ", Method: any"), ""},
		"get, of a bare true":           {http("CorsConfiguration: true", ""), ""},
		"configuration by empty text":   {http("CorsConfiguration: !Ref Empty", ""), ""},
		"configuration by text":         {http("CorsConfiguration: !Ref Name", ""), "CP6038"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			findings := findingsOf(t, head+test.resources)
			var got, want []check.Code
			for _, f := range check.AtLeast(findings, check.SeverityError) {
				got = append(got, f.Code)
			}
			if test.want != "" {
				want = []check.Code{test.want}
			}
			if !slices.Equal(got, want) {
				t.Errorf("found %v, want %v", findings, want)
			}
		})
	}
}

// TestRefusedBesideOthers has SAM CLI refuse what another finding stands beside in
// the same line, and take what is empty.
func TestRefusedBesideOthers(t *testing.T) {
	t.Parallel()
	const function = "  F: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.13, Handler: a.b, CodeUri: src, Events: {E: {Type: Api, Properties: {Path: /a, Method: get}}}}}\n"
	for name, tt := range map[string]struct {
		template string
		want     []check.Code
	}{
		"no stage, and no routes": {"Transform: AWS::Serverless-2016-10-31\nResources:\n  Items: {Type: AWS::Serverless::Api}\n" + function, []check.Code{"CP6001", "CP6067"}},
		"an empty list":           {"Transform: AWS::Serverless-2016-10-31\nGlobals: {Api: {Cors: {AllowMethods: \"''\", AllowOrigin: \"'https://a.example'\"}}}\nResources:\n" + function, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []check.Code
			for _, c := range codesOf(t, tt.template) {
				if c == "CP6001" || c == "CP6067" {
					got = append(got, c)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("found %v, want %v", got, tt.want)
			}
		})
	}
}
