package diagnosis

// CP3026 to CP3031: what was asked for, and who has answered.
const (
	MethodNotSupported Code = "CP3026"
	BrowserNoise       Code = "CP3027"
	HTTPAPISays404     Code = "CP3029"
	UpstreamIsNotSAM   Code = "CP3030"
	SaidByTheFunction  Code = "CP3031"
)

var askedCodes = []Info{{
	Code:     MethodNotSupported,
	Name:     "method-not-supported",
	Severity: SeverityError,
	Status:   404,
	Title:    "SAM local can mount no route for this method",
	Text:     "SAM local serves GET, DELETE, PUT, POST, HEAD, OPTIONS and PATCH, which is also what ANY stands for. No route takes TRACE, QUERY, PROPFIND or any other method.",
	Fix:      "Send one of the seven methods.",
	Since:    "0.2.0",
}, {
	Code:     BrowserNoise,
	Name:     "browser-noise",
	Severity: SeverityInfo,
	Status:   404,
	Title:    "A browser asked for what it asks of every server",
	Text:     "Browsers and their developer tools ask for a favicon, for files below /.well-known and for source maps without any page having done so. Nothing is wrong.",
	Fix:      "Nothing needs to be done.",
	Since:    "0.2.0",
}, {
	Code:     HTTPAPISays404,
	Name:     "http-api-says-404",
	Severity: SeverityError,
	Status:   404,
	Title:    "No route matches this path; deployed, this HTTP API says 404",
	Text:     "No route is mounted, and all routes are of HTTP APIs. SAM local answers 403 Missing Authentication Token for them too, where a deployed HTTP API answers 404 Not Found.",
	Fix:      "Correct the path in the client, or add the route under the function's Events in the template. Do not have the client depend on the 403.",
	Since:    "0.2.0",
}, {
	Code:     UpstreamIsNotSAM,
	Name:     "upstream-is-not-sam",
	Severity: SeverityError,
	Status:   403,
	Title:    "The answer does not come from SAM local",
	Text:     "The answer has headers that SAM local does not send: another server stands behind the upstream's URL, a deployed API Gateway most likely. It says Missing Authentication Token where the path lacks the stage or has a wrong one, where the route was not deployed to the stage, where the method is another, and where a method with IAM authorization got a request without a signature. If the route table has the route, a function may also have passed on another API's answer; then it is forwarded unchanged.",
	Fix:      "Check whether --upstream is meant to name a deployed API. If so, compare stage, path and method with the API's, deploy it, or sign the request.",
	Since:    "0.2.0",
}, {
	Code:     SaidByTheFunction,
	Name:     "said-by-the-function",
	Severity: SeverityWarning,
	Title:    "Missing Authentication Token, although the route is mounted",
	Text:     "The route table has a route for this method and path, and the 403 is not SAM local's word for a missing route: the function answered it, or passed on the answer of another API that it calls. It was forwarded unchanged. The code appears in the log alone.",
	Fix:      "Look inside the function, above all at the URLs that it calls. If the table came from a log or the configuration, check whether it still agrees with what SAM local mounts.",
	Since:    "0.1.0",
}}
