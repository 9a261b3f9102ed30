package diagnosis

// CP1201 to CP1219: what the deployed API would make of the exchange, by the
// template.
const (
	DeployedWithoutCORS      Code = "CP1201"
	DeployedOrigin           Code = "CP1202"
	DeployedGuarded          Code = "CP1203"
	DeployedMethod           Code = "CP1204"
	DeployedHeader           Code = "CP1205"
	DeployedAnswerInvalid    Code = "CP1206"
	DeployedAllows           Code = "CP1207"
	DeployedResponseBlocked  Code = "CP1208"
	DeployedResponseReadable Code = "CP1209"
	FunctionSendsNoCORS      Code = "CP1210"
	DeployedUnclear          Code = "CP1211"
	DeployedWithoutRoute     Code = "CP1212"
	DeployedForAnotherSite   Code = "CP1213"
	FunctionHeadersUnseen    Code = "CP1214"
	DeployedPath             Code = "CP1215"
)

var deployedCodes = []Info{{
	Code:     DeployedWithoutCORS,
	Name:     "deployed-without-cors",
	Severity: SeverityWarning,
	Title:    "The deployed API answers no preflight on this path",
	Text: "The template has the path, and neither a CORS setting for its API nor an OPTIONS method. API Gateway refuses the preflight: a REST API with 403 Missing Authentication Token, an HTTP API with 404 Not Found. " +
		"With cors.source: template corsproxy does the same; otherwise it answers by its own settings, and says so once for each API and origin.",
	Fix: "Add Cors to the REST API, or CorsConfiguration to the HTTP API. Where the template has an API with such a setting and its events do not name it, name it in each: RestApiId: !Ref MyApi, or ApiId; with Auth: {Authorizer: NONE} where an event is to stay open, and that API has a DefaultAuthorizer. Where functions of the API answer the preflights of other paths themselves, add an OPTIONS event for this path instead: " +
		"the setting would take OPTIONS from each ANY of a REST API, and the CORS headers from all functions of an HTTP API.",
	Since: "0.2.0",
}, {
	Code:     DeployedOrigin,
	Name:     "deployed-origin-not-allowed",
	Severity: SeverityWarning,
	Title:    "The deployed API does not allow this origin",
	Text: "The API's CORS setting allows other origins. A REST API answers with its fixed origin whoever asks, and allows none where that is a list; an HTTP API answers without CORS headers. The browser blocks both. " +
		"An HTTP API knows exact origins, *, https://* and http://*, and no wildcards within a host.",
	Fix:   "Allow the origin in the template, if its pages are to call the deployed API.",
	Since: "0.2.0",
}, {
	Code:     DeployedGuarded,
	Name:     "deployed-preflight-guarded",
	Severity: SeverityWarning,
	Title:    "The deployed API asks preflights for authorization",
	Text: "An authorizer, a signature or an API key is asked of OPTIONS, too. A preflight never carries any: API Gateway answers 401 or 403, and the browser reports a CORS error. " +
		"SAM local answers preflights before any authorizer.",
	Fix:   "Leave OPTIONS open: AddDefaultAuthorizerToCorsPreflight: false or AddApiKeyRequiredToCorsPreflight: false for a REST API, an OPTIONS route without authorizer for an HTTP API, of a function of its own where SAM local runs the authorizer of the other methods.",
	Since: "0.2.0",
}, {
	Code:     DeployedMethod,
	Name:     "deployed-method-not-allowed",
	Severity: SeverityWarning,
	Title:    "The deployed API does not allow this method",
	Text: "The Access-Control-Allow-Methods that the deployed API sends does not list the method. GET, HEAD and POST need no listing, all others do, in capitals. " +
		"Most often the API has no route for the method: where the template does not set AllowMethods, SAM lists the methods of the path's routes. A list alone would then let the request through to 403 Missing Authentication Token (REST API) or 404 Not Found (HTTP API).",
	Fix:   "Check whether the page means to send this method, and whether the API has a route for it. If so, add the method to AllowMethods in the template.",
	Since: "0.2.0",
}, {
	Code:     DeployedHeader,
	Name:     "deployed-header-not-allowed",
	Severity: SeverityWarning,
	Title:    "The deployed API does not allow this request header",
	Text:     "The Access-Control-Allow-Headers that the deployed API sends does not list the header. Content-Type: application/json and Authorization are headers that need listing.",
	Fix:      "Add the header to AllowHeaders in the template.",
	Since:    "0.2.0",
}, {
	Code:     DeployedAnswerInvalid,
	Name:     "deployed-answer-invalid",
	Severity: SeverityWarning,
	Title:    "Every browser blocks the deployed API's answer to preflights",
	Text:     "The template's CORS values make an answer that no browser accepts: a value that is no origin, a list that cannot be read, a status other than 200 to 299. Or OPTIONS is a MOCK integration whose request template gives no statusCode: API Gateway answers 500 then, without the headers of the response.",
	Fix:      "Correct the value, or add the request template. corsproxy check names it.",
	Since:    "0.2.0",
}, {
	Code:     DeployedAllows,
	Name:     "deployed-allows-preflight",
	Severity: SeverityInfo,
	Title:    "Blocked here, allowed when deployed",
	Text: "The browser goes no further after the answer that it got here, and would after the deployed API's: the settings under cors, or SAM local's answer, allow less than the template. " +
		"Often it is credentials alone that they do not allow, as without configuration. A preflight does not tell whether the request will include some, so that this is said once for each API and origin.",
	Fix:   "Answer preflights with --cors-source template, or allow the same under cors. For credentials: --allow-origin localhost --allow-credentials.",
	Since: "0.2.0",
}, {
	Code:     DeployedResponseBlocked,
	Name:     "deployed-response-blocked",
	Severity: SeverityWarning,
	Title:    "Readable here, unreadable when deployed",
	Text: "An HTTP API with a CORS configuration removes the CORS headers of its functions and sets its own, for the origins that it allows. " +
		"Here the function's headers, or SAM local's or corsproxy's, let the page read the response. " +
		"Or the request includes cookies, and a REST API's answer to its preflight does not allow credentials, or has only * for what it asks for: a preflight does not tell, so that this shows with the request itself.",
	Fix:   "Allow the origin in the API's CORS configuration; for cookies, set AllowCredentials: true beside an origin that is named.",
	Since: "0.2.0",
}, {
	Code:     DeployedResponseReadable,
	Name:     "deployed-response-readable",
	Severity: SeverityInfo,
	Title:    "Unreadable here, readable when deployed",
	Text:     "An HTTP API with a CORS configuration sets the CORS headers of every response. SAM local has one policy for all APIs, or none, so that a response may come without them.",
	Fix:      "Have responses as the deployed API sends them with --cors-source template --response-headers keep, or set response_headers: fill.",
	Since:    "0.2.0",
}, {
	Code:     FunctionSendsNoCORS,
	Name:     "function-sends-no-cors",
	Severity: SeverityWarning,
	Title:    "The function sends no CORS headers for the page, and its API adds none",
	Text: "A REST API adds nothing to the response of a function: Cors is about preflights alone. Nor does an HTTP API without CorsConfiguration. The function sent no CORS headers that allow the origin, and corsproxy filled them in, or replaced them, as response_headers says. " +
		"For a page of this machine the response is held against the site that the template names, or that the function sends itself: where its pages could read it, nothing is said.",
	Fix:   "Send Access-Control-Allow-Origin from the function, with every response.",
	Since: "0.2.0",
}, {
	Code:     DeployedUnclear,
	Name:     "deployed-unclear",
	Severity: SeverityWarning,
	Title:    "The template does not tell how the deployed API answers",
	Text: "cors.source is template, and for this preflight the answer cannot be told from it: a value that only AWS knows, such as an import from another stack, an authorizer that may let preflights pass, or several APIs with the same path. " +
		"The settings under cors were used in its place.",
	Fix:   "Give parameters their values, by --parameter-overrides, in samconfig.toml or by defaults; or set cors.source: config for the path, under routes.",
	Since: "0.2.0",
}, {
	Code:     DeployedWithoutRoute,
	Name:     "deployed-without-route",
	Severity: SeverityWarning,
	Title:    "No deployed API has this path",
	Text:     "A preflight asks for a path that the template's APIs do not have, and no route of theirs is like it. API Gateway refuses it: a REST API with 403 Missing Authentication Token, an HTTP API with 404 Not Found.",
	Fix:      "Correct the path that the page calls, or add the route to the template.",
	Since:    "0.2.0",
}, {
	Code:     DeployedForAnotherSite,
	Name:     "deployed-for-another-site",
	Severity: SeverityInfo,
	Title:    "The deployed API is for another site than this page's",
	Text:     "A page of this machine may call here, by the settings under cors. The deployed API allows the site that the template names, which may send the same request, and not pages of this machine. That is as it should be where only that site is to call it.",
	Fix:      "Nothing, unless local pages are to call the deployed API, or include credentials here: --allow-origin localhost --allow-credentials --response-headers replace.",
	Since:    "0.2.0",
}, {
	Code:     FunctionHeadersUnseen,
	Name:     "function-headers-unseen",
	Severity: SeverityInfo,
	Title:    "SAM local hides which CORS headers the function sends",
	Text: "With Cors in the template SAM local sets Access-Control-Allow-Origin on every response of the REST API's functions, and throws away what they sent. AWS does not: there Cors is about preflights alone, and the function's own headers count. " +
		"A function that sends none is readable here and not on AWS, and nothing here shows which it is. It is said once for each function and origin.",
	Fix:   "Check whether the function sends Access-Control-Allow-Origin itself, with every response.",
	Since: "0.2.0",
}, {
	Code:     DeployedPath,
	Name:     "deployed-path-differs",
	Severity: SeverityWarning,
	Title:    "The path has a slash that SAM local passes over, and API Gateway may not",
	Text: "SAM local takes several slashes at the beginning of a path for one, and passes over a slash at its end. API Gateway takes a path with two slashes at its beginning for another, and an HTTP API, unlike a REST API, may do so with a slash at its end: " +
		"a REST API then answers 403 Missing Authentication Token, an HTTP API 404 Not Found. What a greedy route or $default takes is not concerned. It is said once for each API and origin.",
	Fix:   "Take the slash off the end of the base URL in the client, and write the path as the template does.",
	Since: "0.2.0",
}}
