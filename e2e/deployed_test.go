//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/corsproxy/corsproxy/internal/loopback"
)

// separateAPIs is a template of a REST API for pages of one origin and an HTTP
// API for those of another, and more events.
func separateAPIs(rest, web, function, events string) string {
	return fmt.Sprintf(`Transform: AWS::Serverless-2016-10-31
Resources:
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      Cors: {AllowOrigin: "'%s'", AllowMethods: "'PUT'", AllowHeaders: "'content-type'"}
  Web:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration: {AllowOrigins: ["%s"], AllowMethods: [PUT], AllowHeaders: [content-type]}
  Scan:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: %s
      Handler: bootstrap
      Runtime: provided.al2023
      Architectures: [x86_64]
      Timeout: 30
      Events:
        Rest: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: "/rest/{id}", Method: put}}
        Web: {Type: HttpApi, Properties: {ApiId: !Ref Web, Path: "/web/{id}", Method: put}}
%s`, rest, web, function, events)
}

// startSAMWith starts a template of the test's own.
func startSAMWith(t *testing.T, template string) (s *sam, file string) {
	t.Helper()
	program := tool(t, filepath.Join(cache, "sam", "bin", "sam"))
	lambda := image(t, "corsproxy-e2e/lambda:latest")
	dir := t.TempDir()
	file = filepath.Join(dir, "template.yaml")
	if err := os.WriteFile(file, []byte(template), 0o600); err != nil {
		t.Fatal(err)
	}
	address := loopback.Unused(t)
	cmd := exec.Command(program, "local", "start-api", "--port", port(t, address), "--skip-pull-image", "--invoke-image", lambda)
	cmd.Dir = dir
	cmd.Env = environment()
	s = &sam{start(t, "sam local start-api", cmd), address}
	s.listens(address)
	return s, file
}

// TestEachAPIByItsOwnPolicy has two APIs in one template. SAM local applies the
// CORS policy of the last to both, or to none where the implicit API comes last
// and has none. Behind corsproxy each answers as it does when deployed.
func TestEachAPIByItsOwnPolicy(t *testing.T) {
	t.Parallel()
	built, err := buildSAM()
	if err != nil {
		t.Fatal(err)
	}
	function := filepath.Join(built, ".aws-sam", "build", "scanRecords")
	for name, c := range map[string]struct {
		events string
		alone  network.CorsError // of the REST API's page, without corsproxy
	}{
		"two APIs": {"", network.CorsErrorPreflightAllowOriginMismatch},
		"two APIs and the implicit one": {
			"        Bare: {Type: Api, Properties: {Path: /bare, Method: put}}\n",
			network.CorsErrorPreflightMissingAllowOriginHeader,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ofRest, ofWeb := openPage(t), openPage(t)
			sam, file := startSAMWith(t, separateAPIs(ofRest.origin, ofWeb.origin, function, c.events))
			proxy := startProxy(t, sam.address, "--cors-source", "template", "--template", file)
			put := object{"method": "PUT", "headers": object{"Content-Type": "application/json"}, "body": `{}`}

			if why := ofRest.blocked(ofRest.fetch("http://"+sam.address+"/rest/1", put)); why.CorsError != c.alone {
				t.Errorf("without corsproxy it is blocked because of %s, want %s", why.CorsError, c.alone)
			}
			ofRest.readable(ofRest.fetch(proxy.url+"/rest/1", put), http.StatusOK)
			ofWeb.readable(ofWeb.fetch(proxy.url+"/web/1", put), http.StatusOK)
			if why := ofWeb.blocked(ofWeb.fetch(proxy.url+"/rest/1", put)); why.CorsError != network.CorsErrorPreflightAllowOriginMismatch {
				t.Errorf("the REST API's answer to the other page is blocked because of %s", why.CorsError)
			}
			if why := ofRest.blocked(ofRest.fetch(proxy.url+"/web/1", put)); why.CorsError != network.CorsErrorPreflightMissingAllowOriginHeader {
				t.Errorf("the HTTP API's answer to the other page is blocked because of %s", why.CorsError)
			}
			if c.events == "" {
				return
			}
			if why := ofRest.blocked(ofRest.fetch(proxy.url+"/bare", put)); why.CorsError != network.CorsErrorPreflightMissingAllowOriginHeader {
				t.Errorf("an API without CORS is blocked because of %s", why.CorsError)
			}
			proxy.said("CP1201 deployed-without-cors")
		})
	}
}
