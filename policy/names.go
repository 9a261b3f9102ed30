package policy

// The names of the header fields of the CORS protocol, by their initials.
const (
	acao  = "Access-Control-Allow-Origin"
	acac  = "Access-Control-Allow-Credentials"
	acam  = "Access-Control-Allow-Methods"
	acah  = "Access-Control-Allow-Headers"
	acapn = "Access-Control-Allow-Private-Network"
	aceh  = "Access-Control-Expose-Headers"
	acma  = "Access-Control-Max-Age"
	acrm  = "Access-Control-Request-Method"
	acrh  = "Access-Control-Request-Headers"
	acrpn = "Access-Control-Request-Private-Network"

	accessControlPrefix = "Access-Control-"
)

// gatewayHeaders are the request headers that API Gateway's console and SAM
// allow by default. They are named where any header is allowed and the request
// names none.
const gatewayHeaders = "Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token"

// wildcard stands for any origin, method or header, in a Config.
const wildcard = "*"

var (
	// standardMethods are the methods that API Gateway has, which are named
	// where any method is allowed and the request names none.
	standardMethods = []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}

	// safelistedMethods need no permission (Fetch, "CORS-safelisted method").
	safelistedMethods = []string{"GET", "HEAD", "POST"}

	// forbiddenMethods make fetch throw (Fetch, "forbidden method").
	forbiddenMethods = []string{"CONNECT", "TRACE", "TRACK"}
)
