package sam_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/sam"
)

func TestBasePaths(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "template.yaml")
	err := os.WriteFile(name, []byte(`Transform: AWS::Serverless-2016-10-31
Globals:
  HttpApi: {Domain: {DomainName: a.example.com, CertificateArn: arn, BasePath: [/orders/v1, shop]}}
Conditions:
  Never: !Equals [a, b]
Resources:
  Items:
    Type: AWS::Serverless::HttpApi
  Rest:
    Type: AWS::Serverless::Api
    Properties: {StageName: p, Domain: {DomainName: b.example.com, CertificateArn: arn, BasePath: shop}}
  Root:
    Type: AWS::ApiGateway::BasePathMapping
    Properties: {DomainName: c.example.com, BasePath: (none)}
  Mapping:
    Type: AWS::ApiGateway::BasePathMapping
    Properties: {DomainName: c.example.com, BasePath: !Sub '${AWS::Region}'}
  Key:
    Type: AWS::ApiGatewayV2::ApiMapping
    Properties: {DomainName: c.example.com, ApiMappingKey: key}
  Absent:
    Type: AWS::ApiGatewayV2::ApiMapping
    Condition: Never
    Properties: {DomainName: c.example.com, ApiMappingKey: absent}
  Unknown:
    Type: AWS::ApiGatewayV2::ApiMapping
    Properties: {DomainName: c.example.com, ApiMappingKey: !ImportValue key}
`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	app, err := sam.Load(name, sam.Options{Region: "eu-west-1"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(app.BasePaths, " "), "/eu-west-1 /key /orders/v1 /shop"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
