package main

import (
	"testing"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/samtemplate"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// TestBuildIsTold holds that a build is told from what it is made of, whose CORS
// setting counts after the next sam build.
func TestBuildIsTold(t *testing.T) {
	t.Parallel()
	of := func(name string, methods ...string) *sam.Application {
		return &sam.Application{Template: name, Deployed: []sam.API{{ID: "Web", CORS: &sam.CORS{AllowMethods: methods, Source: name + ":3"}}, {ID: "Other"}}}
	}
	built := of(".aws-sam/build/template.yaml", "GET")
	for name, c := range map[string]struct {
		source          *sam.Application
		summary, change string
	}{
		"of what is not known": {nil, ".aws-sam/build/template.yaml, no routes; sam build has written it: what is to be changed goes into " + unknownSource + ", and then sam build", "read .aws-sam/build/template.yaml again; its routes are the same; SAM local takes over what else has changed when it is started again"},
		"as it is":             {of("template.yaml", "GET"), ".aws-sam/build/template.yaml, no routes; what is to be changed in it goes into template.yaml, and then sam build", "read .aws-sam/build/template.yaml again; its routes are the same; SAM local takes over what else has changed when it is started again"},
		"another setting":      {of("template.yaml", "GET", "PUT"), ".aws-sam/build/template.yaml, no routes; template.yaml has another CORS setting for Web: run sam build", "read template.yaml again: it has another CORS setting for Web than the build, which takes it over by sam build"},
		"a setting's none":     {&sam.Application{Template: "template.yaml", Deployed: []sam.API{{ID: "Web"}}}, ".aws-sam/build/template.yaml, no routes; template.yaml has another CORS setting for Web: run sam build", "read template.yaml again: it has another CORS setting for Web than the build, which takes it over by sam build"},
	} {
		r := samtemplate.Reading{Template: built, Source: c.source}
		if got := summary(r); got != c.summary {
			t.Errorf("%s: the summary is %q, want %q", name, got, c.summary)
		}
		if got := change(samtemplate.Reading{Template: built, Source: c.source, Choice: samtemplate.Choice{Region: "eu-west-1"}}, r); got != c.change {
			t.Errorf("%s: the change is %q, want %q", name, got, c.change)
		}
	}
}
