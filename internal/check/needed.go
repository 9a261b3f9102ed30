package check

import (
	"slices"
	"strings"
)

// identityHeaders returns the headers in which a route's authorizer, or its
// API key, expects the identity.
func (r *route) identityHeaders() []string {
	if r.function == nil {
		return nil
	}
	own, auth := r.auth(), r.api.auth()
	name, ok := own.get("Authorizer").deployed.Str()
	if !ok {
		name = r.api.defaultAuthorizer()
	}
	var names []string
	if name == "AWS_IAM" {
		names = append(names, "Authorization", "X-Amz-Date")
	} else if name != "" && name != "NONE" {
		names = append(names, authorizerHeaders(auth.get("Authorizers", name))...)
	}
	key := own.get("ApiKeyRequired").deployed
	if r.api.rest && (key.Truthy() || key == nil && auth.get("ApiKeyRequired").deployed.Truthy()) {
		names = append(names, "X-Api-Key")
	}
	return names
}

// authorizerHeaders returns the headers that an authorizer reads.
func authorizerHeaders(authorizer value) []string {
	if !authorizer.isSet() || isFunction(authorizer.written) {
		return nil
	}
	identity := authorizer.get("Identity").deployed
	if source, ok := authorizer.get("IdentitySource").deployed.Str(); ok {
		if header, ok := strings.CutPrefix(source, "$request.header."); ok {
			return []string{header}
		}
		return nil
	}
	if identity == nil {
		return []string{"Authorization"}
	}
	if header, ok := identity.Get("Header").Str(); ok {
		return []string{header}
	}
	var names []string
	for _, item := range identity.Get("Headers").Items() {
		if name, ok := item.Str(); ok {
			names = append(names, name)
		}
	}
	if names == nil && !identity.Has("QueryStrings") && !identity.Has("StageVariables") && !identity.Has("Context") && !identity.Has("Headers") {
		return []string{"Authorization"}
	}
	return names
}

// neededHeaders returns the request headers that pages need for the routes
// that a policy covers.
func (p *policy) neededHeaders() (json bool, identity []string) {
	for _, r := range p.covered() {
		json = json || r.method == "POST" || r.method == "PUT" || r.method == "PATCH"
		for _, name := range r.identityHeaders() {
			if !slices.ContainsFunc(identity, func(n string) bool { return strings.EqualFold(n, name) }) {
				identity = append(identity, name)
			}
		}
	}
	return json, identity
}

// needed returns them in one list, nil for none.
func (p *policy) needed() []string {
	json, needed := p.neededHeaders()
	if json {
		return append([]string{"Content-Type"}, needed...)
	}
	return needed
}

// readers returns the routes whose authorization reads one of some headers.
func (p *policy) readers(headers []string) []string {
	var names []string
	for _, r := range p.covered() {
		reads := slices.ContainsFunc(r.identityHeaders(), func(name string) bool {
			return slices.ContainsFunc(headers, func(h string) bool { return strings.EqualFold(h, name) })
		})
		if reads && !slices.Contains(names, r.String()) {
			names = append(names, r.String())
		}
	}
	return names
}
