package diagnosis

// CP1xxx: the CORS policy refused a preflight.
const (
	OriginNotAllowed Code = "CP1001"
	MethodNotAllowed Code = "CP1002"
	HeaderNotAllowed Code = "CP1003"
)

var corsCodes = []Info{{
	Code:     OriginNotAllowed,
	Name:     "origin-not-allowed",
	Severity: SeverityError,
	Status:   403,
	Title:    "The policy does not allow this origin",
	Text: "A page asked, by a preflight, whether it may call. Its origin (scheme, host and port together) is not among those that the policy allows. " +
		"The answer has no Access-Control-Allow-Origin, and the browser does not send the request itself. " +
		"To a browser http://localhost:5173, http://127.0.0.1:5173 and http://localhost:5174 are three origins.",
	Fix:   "Allow the origin with --allow-origin, or under cors.allow_origins in the configuration file. --allow-origin localhost allows every page served from this machine, on any port.",
	Since: "0.1.0",
}, {
	Code:     MethodNotAllowed,
	Name:     "method-not-allowed",
	Severity: SeverityError,
	Title:    "The policy does not allow this method",
	Text: "A preflight asked for a method that the policy does not allow. The answer names the methods that are allowed, and the browser reports that the method is not among them. " +
		"GET, HEAD and POST need no permission. Methods are case-sensitive: patch is not PATCH.",
	Fix:   "Allow the method with --allow-method, or under cors.allow_methods in the configuration file.",
	Since: "0.1.0",
}, {
	Code:     HeaderNotAllowed,
	Name:     "header-not-allowed",
	Severity: SeverityError,
	Title:    "The policy does not allow this request header",
	Text: "A preflight asked for a request header that the policy does not allow. The answer names the headers that are allowed, and the browser reports that the header is not among them. " +
		"Content-Type: application/json and Authorization are headers that need permission.",
	Fix:   "Allow the header with --allow-header, or under cors.allow_headers in the configuration file.",
	Since: "0.1.0",
}}
