package console

import "slices"

// The topics, by what the browser objects to.
const (
	missingOrigin      = "missing-allow-origin"
	originNotAllowed   = "origin-not-allowed"
	originMismatch     = "allow-origin-mismatch"
	severalOrigins     = "several-allow-origins"
	invalidOrigin      = "invalid-allow-origin"
	wildcardOrigin     = "wildcard-with-credentials"
	missingCredentials = "missing-allow-credentials"

	preflightStatus   = "preflight-status"
	preflightRedirect = "preflight-redirect"
	methodNotAllowed  = "method-not-allowed"
	headerNotAllowed  = "header-not-allowed"
	wildcardHeader    = "authorization-not-covered"
	invalidMethods    = "invalid-allow-methods"
	invalidHeaders    = "invalid-allow-headers"

	redirectRefused     = "redirect-refused"
	redirectCredentials = "redirect-with-credentials"
	notHTTP             = "scheme-without-cors"
	sameOriginMode      = "mode-same-origin"
	noCORSRedirect      = "mode-no-cors-redirect"
	localNetwork        = "local-network"
	corsDisabled        = "cors-disabled"
	hiddenHeader        = "header-not-exposed"

	unnamed           = "access-control-checks"
	noResponse        = "no-response"
	errorStatus       = "error-status"
	refusedConnection = "connection-refused"
	emptyResponse     = "empty-response"
	notHTTPResponse   = "response-not-http"
	unreadableBody    = "body-not-as-declared"
	unreachable       = "address-unreachable"
	unknownName       = "name-not-resolved"
	untrusted         = "certificate-not-trusted"
	notTLS            = "not-tls"
	tooManyRedirects  = "too-many-redirects"
	badPort           = "bad-port"
	blockedByClient   = "blocked-by-extension"
	mixedContent      = "mixed-content"
	contentPolicy     = "content-security-policy"
	resourcePolicy    = "resource-policy"
)

// topics is the catalogue. Each family's part stands in a file of its own.
func topics() []Topic {
	return slices.Concat(originTopics(), preflightTopics(), requestTopics(), networkTopics())
}

// Lookup returns a topic by its id.
func Lookup(id string) (Topic, bool) {
	i := slices.IndexFunc(topics(), func(t Topic) bool { return t.ID == id })
	if i < 0 {
		return Topic{}, false
	}
	return topics()[i], true
}

// All returns the whole catalogue.
func All() []Topic { return topics() }

// topic returns a topic of the catalogue.
func topic(id string) Topic {
	t, _ := Lookup(id)
	return t
}

// specific reports whether a topic says why a request failed, rather than that
// it did.
func specific(id string) bool { return id != unnamed && id != noResponse && id != errorStatus }
