package check

import (
	"net/http"
	"slices"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// isPassedOver reports whether SAM does not look at the Auth of an event: its API has
// an operation of its own, which counts.
func (r *route) isPassedOver() bool { return r.function != nil && !r.isAuthorized() }

// overridden reports whether an event says what is asked on an operation, in place of
// the document.
func (r *route) overridden() bool {
	return slices.ContainsFunc(r.api.routes[r.path], func(o *route) bool {
		return o.function != nil && o.method == r.method && r.api.rest && o.auth().get("OverrideApiAuth").deployed.Truthy()
	})
}

// authorization says what a route asks for, or "".
func (r *route) authorization() (pos tree.Pos, what, fix string) {
	if r.operation.local != nil {
		security := r.operation.get("security")
		if r.overridden() {
			return pos, "", ""
		}
		for _, item := range security.local.Items() {
			if item.Len() > 0 && !item.Has("NONE") {
				fix = "security: []"
				if r.api.rest && r.api.get("Auth", "DefaultAuthorizer").isSet() {
					fix = "security: [{NONE: []}]" // an empty one gets the default
				}
				return security.pos(), "asks for " + quote(item.Entries()[0].Key.Text()), fix
			}
		}
		if asks := r.documentAsks(); !r.api.rest && r.method == "ANY" && len(asks) > 0 {
			return asks[0].at, "asks for " + asks[0].what, "security: [{NONE: []}]"
		}
		return pos, "", ""
	}
	if r.isPassedOver() {
		return pos, "", ""
	}
	if r.function == nil {
		kind := r.properties.get("AuthorizationType")
		if name, ok := kind.deployed.Str(); ok && name != "NONE" {
			return kind.pos(), "asks for " + name, "AuthorizationType: NONE"
		}
		if key := r.properties.get("ApiKeyRequired"); key.deployed.IsTrue() {
			return key.pos(), "asks for an API key", "ApiKeyRequired: false"
		}
		return pos, "", ""
	}
	if pos, what, fix = r.eventAuthorizer(); what == "" && r.api.rest {
		return r.eventKey()
	}
	return pos, what, fix
}

// eventKey says whether an event of a REST API asks for an API key.
func (r *route) eventKey() (pos tree.Pos, what, fix string) {
	own, byDefault := r.auth().get("ApiKeyRequired"), r.api.auth().get("ApiKeyRequired").deployed.Truthy()
	fix = "ApiKeyRequired: false"
	switch {
	case own.deployed.Truthy() && !byDefault: // without a default to turn off, SAM refuses false
		return own.pos(), "asks for an API key", "take ApiKeyRequired out of the event, and Auth where nothing is left below it"
	case own.deployed.Truthy():
		return own.pos(), "asks for an API key", fix
	case own.deployed != nil && !own.deployed.Is(tree.Null), !byDefault, r.method == http.MethodOptions && r.api.opensPreflights("AddApiKeyRequiredToCorsPreflight"):
		return pos, "", ""
	case r.auth().isSet():
		return r.at, "asks for the API key that Auth requires", "below Auth:\n" + fix
	}
	return r.at, "asks for the API key that Auth requires", "Auth: {" + fix + "}"
}

// eventAuthorizer says what authorizer an event asks for.
func (r *route) eventAuthorizer() (pos tree.Pos, what, fix string) {
	own, auth := r.properties.get("Auth"), r.api.get("Auth")
	byDefault, isName := auth.get("DefaultAuthorizer").deployed.Str()
	isName = isName && byDefault != ""
	name, ok := own.get("Authorizer").deployed.Str()
	switch {
	case ok && name == "NONE":
		return pos, "", ""
	case ok && isName:
		return own.get("Authorizer").pos(), "asks for authorizer " + quote(name), "Authorizer: NONE"
	case ok: // without a default to turn off, SAM refuses NONE
		return own.get("Authorizer").pos(), "asks for authorizer " + quote(name), "take Authorizer out of the event, and Auth where nothing is left below it"
	case !isName:
		return pos, "", ""
	case !r.api.rest && r.method == http.MethodOptions && !own.isSet():
		return pos, "", "" // which SAM gives no default
	case r.method == "ANY" || !r.api.rest || !isFalse(auth.get("AddDefaultAuthorizerToCorsPreflight").deployed):
		fix = "Auth: {Authorizer: NONE}"
		if own.isSet() {
			fix = "below Auth:\nAuthorizer: NONE"
		}
		return r.at, "asks for the default authorizer " + quote(byDefault), fix
	}
	return pos, "", ""
}
