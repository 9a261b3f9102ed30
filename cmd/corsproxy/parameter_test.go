package main

import (
	"io"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/samtemplate"
	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/watch"
	"github.com/corsproxy/corsproxy/proxy"
)

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

// siteTemplate has an HTTP API that allows one origin, which is a parameter.
const siteTemplate = `Transform: AWS::Serverless-2016-10-31
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
`

// TestParameterOverridesOfSAM takes those of the command, unless there are
// others.
func TestParameterOverridesOfSAM(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "template.yaml", siteTemplate)
	command := asSAM(t, "silent", "--parameter-overrides", "Other=1", "Site=https://command.example", "--port", "1")
	in := startIn(t, dir, append([]string{"--cors-source", "template"}, command...)...)
	in.allowed("https://command.example", true)
	in = startIn(t, dir, append([]string{"--cors-source", "template", "--parameter-overrides", "Site=https://flag.example"}, command...)...)
	in.allowed("https://command.example", false)
	in.allowed("https://flag.example", true)
}

// TestParameterFileOfSAM has parameters in a file that SAM local is told to read,
// which is read again when it changes.
func TestParameterFileOfSAM(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "template.yaml", siteTemplate)
	put(t, dir, "params/dev.yaml", "Site: https://dev.example\n")
	in := startIn(t, dir, append([]string{"--cors-source", "template"}, asSAM(t, "silent", "--parameter-overrides", "Other=1", "file://params/dev.yaml", "--port", "1")...)...)
	in.allowed("https://dev.example", true)
	put(t, dir, "params/dev.yaml", "$include: file://new.toml\n")
	in.stderr.Await(t, `params/dev.yaml:1:11: \\"file://new.toml\\" names parameters, and there is no file \\"params/new.toml\\"; .* what was known of the template stays`)
	put(t, dir, "params/new.toml", "Site = 'https://new.example'\n")
	in.stderr.Await(t, `it has another CORS setting for Shop`)
	in.allowed("https://new.example", true)
	if err := os.Remove(filepath.Join(dir, "params", "dev.yaml")); err != nil {
		t.Fatal(err)
	}
	in.stderr.Await(t, `CP5010 template-refused: \\"file://params/dev.yaml\\" names parameters, and there is no file \\"params/dev.yaml\\"; SAM local does not start; write it as seen from where sam is started; what was known of the template stays`)
}

// TestConfigurationOfSAM has SAM local told which environment of its configuration,
// and which file, it is to read: the template is read with the same, and read again
// when it changes.
func TestConfigurationOfSAM(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	site := func(environment, origin string) string {
		return "[" + environment + ".local_start_api.parameters]\ntemplate_file = \"app.yaml\"\nparameter_overrides = \"Site=" + origin + "\"\n"
	}
	put(t, dir, "app.yaml", siteTemplate)
	put(t, dir, "samconfig.toml", "version = 0.1\n"+site("default", "https://default.example")+site("staging", "https://staging.example"))
	put(t, dir, "conf/other.toml", "version = 0.1\n"+site("default", "https://other.example"))
	serving := func(args ...string) *instance {
		return startIn(t, dir, append([]string{"--cors-source", "template"}, asSAM(t, "silent", args...)...)...)
	}
	in := serving("--config-env", "staging")
	in.allowed("https://staging.example", true)
	in.allowed("https://default.example", false)

	put(t, dir, "samconfig.toml", "version = 0.1\n"+site("stag", "https://staging.example"))
	in.stderr.Await(t, `CP5011 template-not-read: app.yaml is there, and SAM's configuration does not name it any more: .*; what was known of the template stays`)
	in.allowed("https://staging.example", true)

	in = serving("--config-file", "conf/other.toml")
	in.allowed("https://other.example", true)
	put(t, dir, "conf/other.toml", "version = 0.1\n"+site("default", "https://new.example"))
	in.stderr.Await(t, `"read app.yaml again: it has another CORS setting for Shop`)
	in.allowed("https://new.example", true)
	if err := os.Remove(filepath.Join(dir, "conf", "other.toml")); err != nil {
		t.Fatal(err)
	}
	in.stderr.Await(t, `CP5010 template-refused: read SAM's configuration: --config-file names .*other.toml.*, and there is no file .*other.toml.*; SAM local does not start; write it as seen from .*; what was known of the template stays`)
	in.allowed("https://new.example", true)
}

// TestReloadBesideSAM has the configuration of corsproxy name another template and
// parameters for a while: after that, those count that SAM local is told.
func TestReloadBesideSAM(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "template.yaml", template("GET /wrong"))
	put(t, dir, "other.yaml", siteTemplate)
	put(t, dir, "api/app.yaml", siteTemplate)
	write(t, dir, "cors: {source: template}\n")
	in := startIn(t, dir, asSAM(t, "silent", "-t", "api/app.yaml", "--parameter-overrides", "Site=https://told.example")...)
	in.allowed("https://told.example", true)
	write(t, dir, "cors: {source: template}\ntemplate: other.yaml\nparameter_overrides: [Site=https://file.example]\n")
	in.stderr.Await(t, `"the template is now other.yaml, 1 route"`)
	in.allowed("https://file.example", true)
	write(t, dir, "cors: {source: template}\n")
	in.stderr.Await(t, `"the template is now api/app.yaml, 1 route"`)
	in.allowed("https://told.example", true)
}

// TestReloadChoosesOnce has a template and its parameters change together: they are
// one choice, since there is no moment at which one counts without the other.
func TestReloadChoosesOnce(t *testing.T) {
	t.Parallel()
	w := world{dir: writeConfig(t, "template: a.yaml\n"), stderr: io.Discard}
	loaded, err := config.Load(config.Input{Dir: w.dir})
	if err != nil {
		t.Fatal(err)
	}
	var chosen []samtemplate.Choice
	r := &reloader{
		log:     newLogger(w, loaded.Log),
		started: loaded, current: loaded,
		rules:   &ruleBook{config: loaded, set: func(proxy.Rules) error { return nil }},
		choice:  func(l *config.Loaded) samtemplate.Choice { return servedChoice(w, l, nil) },
		choose:  func(c samtemplate.Choice) { chosen = append(chosen, c) },
		applied: func(*config.Loaded) {},
	}
	for _, content := range []string{
		"template: b.yaml\nparameter_overrides: [Site=x]\n",
		"template: b.yaml\nparameter_overrides: [Site=x]\nlog: {level: debug}\n",
		"template: b.yaml\nparameter_overrides: [Site=y]\n",
	} {
		r.content(watch.Content{Data: []byte(content)})
	}
	want := []samtemplate.Choice{
		{Dir: w.dir, Template: "b.yaml", Overrides: []string{"Site=x"}, Confined: true},
		{Dir: w.dir, Template: "b.yaml", Overrides: []string{"Site=y"}, Confined: true},
	}
	if !reflect.DeepEqual(chosen, want) {
		t.Errorf("chosen: %+v, want %+v", chosen, want)
	}
}
