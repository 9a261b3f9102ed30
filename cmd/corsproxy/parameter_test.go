package main

import "testing"

// parameterTemplate has one route, whose path is a parameter.
const parameterTemplate = `Parameters:
  Base: {Type: String, Default: wrong}
Resources:
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: api}}
  Path:
    Type: AWS::ApiGateway::Resource
    Properties: {RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: !Ref Base}
  Get:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !Ref Path
      HttpMethod: GET
      Integration:
        Type: AWS_PROXY
        IntegrationHttpMethod: POST
        Uri: !Sub arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Records.Arn}/invocations
  Records:
    Type: AWS::Serverless::Function
    Properties: {Runtime: nodejs22.x, Handler: index.handler, CodeUri: src/}
`

// TestParameterOverrides gives parameters by flag and by the configuration,
// and has both last when the template is read again.
func TestParameterOverrides(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "template.yaml", parameterTemplate)
	put(t, dir, "samconfig.toml", "version = 0.1\n[default.local_start_api.parameters]\nparameter_overrides = \"Base=samconfig\"\n")
	write(t, dir, "parameter_overrides: [Base=file]\n")

	byFlag := startIn(t, dir, "--upstream", mounting(t), "--parameter-overrides", "Base=flag")
	byFlag.stderr.Await(t, `"the template is template.yaml, 1 route"`)
	byFlag.told("POST /flag", 405, "CP3002 method-not-defined", "template.yaml:8")
	put(t, dir, "template.yaml", "# changed\n"+parameterTemplate)
	byFlag.stderr.Await(t, `"read template.yaml again; its routes are the same; SAM local takes over what else has changed when it is started again"`)
	byFlag.told("POST /flag", 405, "CP3002 method-not-defined", "template.yaml:9")

	byFile := startIn(t, dir, "--upstream", mounting(t))
	byFile.told("POST /file", 405, "CP3002 method-not-defined", "template.yaml:9")
	write(t, dir, "parameter_overrides: [Base=changed]\n")
	byFile.stderr.Await(t, `"read template.yaml again: 1 route; `)
	byFile.told("POST /changed", 405, "CP3002 method-not-defined", "template.yaml:9")
	write(t, dir, "listen: 127.0.0.1:8080\n")
	byFile.stderr.Await(t, `(?s)read template.yaml again: 1 route; .*read template.yaml again: 1 route; `)
	byFile.told("POST /samconfig", 405, "CP3002 method-not-defined", "template.yaml:9")
}

// TestParameterOverridesOfSAM takes those of the command, unless there are
// others.
func TestParameterOverridesOfSAM(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "template.yaml", `Transform: AWS::Serverless-2016-10-31
Parameters: {Site: {Type: String, Default: https://wrong.example}}
Resources:
  Shop:
    Type: AWS::Serverless::HttpApi
    Properties: {CorsConfiguration: {AllowOrigins: [!Ref Site], AllowMethods: [PUT]}}
  Records:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      CodeUri: src/
      Events:
        Scan: {Type: HttpApi, Properties: {ApiId: !Ref Shop, Path: /scanRecords, Method: put}}
`)
	command := asSAM(t, "silent", "--parameter-overrides", "Other=1", "Site=https://command.example", "--port", "1")
	in := startIn(t, dir, append([]string{"--cors-source", "template"}, command...)...)
	in.allowed("https://command.example", true)
	in = startIn(t, dir, append([]string{"--cors-source", "template", "--parameter-overrides", "Site=https://flag.example"}, command...)...)
	in.allowed("https://command.example", false)
	in.allowed("https://flag.example", true)
}
