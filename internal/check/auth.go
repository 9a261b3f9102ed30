package check

import (
	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// auth returns the Auth of an API as SAM's translator sees it: of a REST API
// it resolves references to parameters, and no other function.
func (a *api) auth() value {
	v := a.get("Auth")
	if a.rest && a.serverless {
		v.deployed = sam.Translated(a.stack.Template, v.written, v.deployed)
	}
	return v
}

// defaultAuthorizer returns the name of the authorizer that an API asks all its
// events for, or "". A REST API without Authorizers asks for none, whatever
// its DefaultAuthorizer.
func (a *api) defaultAuthorizer() string {
	auth := a.auth()
	name, _ := auth.get("DefaultAuthorizer").deployed.Str()
	if a.rest && name != "AWS_IAM" && !auth.get("Authorizers").deployed.Truthy() {
		return ""
	}
	return name
}

// opensPreflights reports whether a key of a REST API's Auth, true by default,
// says that preflights are not asked for what others are.
func (a *api) opensPreflights(key string) bool {
	v := a.auth().get(key).deployed
	return v != nil && !v.Truthy()
}

// placeOf returns where a key of Auth stands, or else the one beside which it
// goes.
func (a *api) placeOf(key, beside string) tree.Pos {
	if v := a.get("Auth", key); v.written != nil {
		return v.pos()
	}
	return a.get("Auth", beside).pos()
}

// auth returns the Auth of an event as SAM's translator sees it, which resolves
// no function in it.
func (r *route) auth() value {
	v := r.properties.get("Auth")
	if r.function != nil {
		v.deployed = v.written
	}
	return v
}
