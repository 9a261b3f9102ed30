package childlog_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/childlog"
)

func TestReadSAM(t *testing.T) {
	t.Parallel()
	type told = childlog.SAMLocal
	for arguments, want := range map[string]told{
		"": {},
		"--parameter-overrides A=1 B=2 --static-dir C":                  {Overrides: []string{"A=1", "B=2"}},
		"--parameter-overrides=A=1 B=2":                                 {Overrides: []string{"A=1", "B=2"}},
		"--parameter-overrides A=1 -t x --parameter-overrides B=2":      {Template: "x", Overrides: []string{"B=2"}},
		"--parameter-overrides":                                         {Overrides: []string{}},
		"-tsub/t=1.yaml --debug":                                        {Template: "sub/t=1.yaml"},
		"-t t.yaml --debug":                                             {Template: "t.yaml"},
		"--template-file=a.json":                                        {Template: "a.json"},
		"--template a.yaml -t b.yaml":                                   {Template: "b.yaml"},
		"--template":                                                    {},
		"--config-env staging":                                          {Environment: "staging"},
		"--config-env=qa --config-env staging --config-file=conf/a.yml": {Environment: "staging", ConfigFile: "conf/a.yml"},
		"--config-file a.toml --region eu-west-1 --disable-authorizer":  {ConfigFile: "a.toml", Region: "eu-west-1", DisableAuthorizer: true},
		"--language-extensions":                                         {LanguageExtensions: true},
		"--no-language-extensions":                                      {NoLanguageExtensions: true},
		"--no-language-extensions -t x --language-extensions":           {Template: "x", LanguageExtensions: true},
	} {
		if got := childlog.ReadSAM(strings.Fields("sam local start-api " + arguments)); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", arguments, got, want)
		}
	}
	for command, want := range map[string]told{
		"env A=1 B=2 sam local start-api -t C=3":              {Template: "C=3", Variables: []string{"A=1", "B=2"}},
		"/usr/bin/env A=1 sam local start-api":                {Variables: []string{"A=1"}},
		"aws-vault exec p -t 123456 -- sam local start-api":   {},
		"timeout -t 9 sam --debug local start-api -t app.yml": {Template: "app.yml"},
	} {
		if got := childlog.ReadSAM(strings.Fields(command)); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", command, got, want)
		}
	}
}

func TestSAMAddress(t *testing.T) {
	t.Parallel()
	tests := []struct{ command, host, port, want string }{
		{"sam local start-api", "", "3000", "http://127.0.0.1:3000"},
		{"sam local start-api", "0.0.0.0", "3001", "http://127.0.0.1:3001"},
		{"sam local start-api -p 3002", "", "3001", "http://127.0.0.1:3002"},
		{"sam local start-api --host 192.0.2.7", "", "3001", "http://192.0.2.7:3001"},
		{"sam local start-api", "", "", ""},
		{"tool -p 9 sam local start-api", "", "3001", "http://127.0.0.1:3001"},
	}
	for _, tt := range tests {
		if got := childlog.ReadSAM(strings.Fields(tt.command)).Address(tt.host, tt.port); got != tt.want {
			t.Errorf("%s with %q, %q: %q, want %q", tt.command, tt.host, tt.port, got, tt.want)
		}
	}
}
