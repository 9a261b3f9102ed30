package policy

import (
	"net/http"
	"slices"
	"strings"
)

// Apply puts the policy's word on r into h, the header of the response to a
// request that is no preflight: Access-Control-Allow-Origin, -Allow-Credentials
// and -Expose-Headers where the request's origin is allowed. Whatever
// Access-Control fields h had are removed. Scripts may read the headers named
// by expose besides those configured.
//
// Vary gains Origin where the answer depends on it, that is unless the policy
// allows any origin, and loses nothing.
func (p *Policy) Apply(h http.Header, r *http.Request, expose ...string) {
	removeAccessControl(h)
	origin := single(r.Header, "Origin")
	if !p.origins.any {
		AddVary(h, "Origin")
		granted := p.ask(Decision{Kind: Actual, Origin: origin}, r)
		if granted.Get(acao) == "" {
			return
		}
	}
	p.setOrigin(h, origin)
	setList(h, aceh, strings.Join(p.config.ExposeHeaders, ","))
	Expose(h, expose...)
}

// Fill adds to h, the header of a response to a request that is no preflight,
// what [Policy.Apply] would put there and the response lacks. What is there
// stays, with one consequence: credentials are allowed only beside an
// Access-Control-Allow-Origin that names the origin itself, since beside "*"
// they would allow nothing.
func (p *Policy) Fill(h http.Header, r *http.Request) {
	own := make(http.Header)
	p.Apply(own, r)
	if len(h[acao]) == 0 {
		AddVary(h, own["Vary"]...)
		if own.Get(acao) == "" {
			return
		}
		h[acao] = own[acao]
	}
	if h[acao][0] == own.Get(acao) && len(h[acao]) == 1 && len(h[acac]) == 0 && own.Get(acac) != "" {
		AddVary(h, own["Vary"]...)
		h[acac] = own[acac]
	}
	if len(h[aceh]) == 0 && own.Get(aceh) != "" {
		h[aceh] = own[aceh]
	}
}

// Expose lets scripts read the named headers of a response that already has
// the Access-Control fields of its server. It changes nothing where no origin
// is allowed to read the response, or any header may be read.
func Expose(h http.Header, names ...string) {
	if len(names) == 0 || h.Get(acao) == "" {
		return
	}
	exposed := members(h[aceh])
	if slices.Contains(exposed, wildcard) && h.Get(acac) != "true" {
		return // with credentials "*" would be the name of a header
	}
	all := union(exposed, names)
	if len(all) > len(exposed) {
		h.Set(aceh, strings.Join(all, ","))
	}
}

// removeAccessControl removes the fields of the CORS protocol.
func removeAccessControl(h http.Header) {
	for name := range h {
		if strings.HasPrefix(name, accessControlPrefix) {
			delete(h, name)
		}
	}
}

// AddVary adds names to Vary, in one line, unless they are there or everything
// is (RFC 9110, section 12.5.5).
func AddVary(h http.Header, names ...string) {
	present := members(h["Vary"])
	if slices.Contains(present, "*") {
		return
	}
	if all := union(present, names); len(all) > len(present) {
		h.Set("Vary", strings.Join(all, ", "))
	}
}

// members returns the members of a list that may stand in several lines (RFC
// 9110, section 5.6.1).
func members(lines []string) []string {
	var list []string
	for _, line := range lines {
		for m := range strings.SplitSeq(line, ",") {
			if m = strings.Trim(m, " \t"); m != "" {
				list = append(list, m)
			}
		}
	}
	return list
}

// union returns list and those of names that it lacks, whatever their case.
func union(list, names []string) []string {
	all := slices.Clone(list)
	for _, name := range names {
		if !slices.ContainsFunc(all, func(m string) bool { return strings.EqualFold(m, name) }) {
			all = append(all, name)
		}
	}
	return all
}
