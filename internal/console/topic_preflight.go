package console

import "github.com/corsproxy/corsproxy/internal/browser"

// preflightTopics are about what else a preflight's answer has to be.
func preflightTopics() []Topic {
	return []Topic{{
		ID:    preflightStatus,
		Title: "The preflight was not answered with 200 to 299",
		Meaning: "Before the request itself the browser asked with OPTIONS whether it may send it, and the answer was an error. " +
			"Chrome says so only where that answer has Access-Control-Allow-Origin; Safari looks at the status first.",
		Causes: []string{
			"403: SAM local mounts no OPTIONS for this path, and says Missing Authentication Token.",
			"401 or 403: an authorizer or an API key is asked for on OPTIONS. A preflight never has credentials: AddDefaultAuthorizerToCorsPreflight: false, and no authorizer on an ANY or $default route of an HTTP API without an OPTIONS route of its own.",
			"404: an HTTP API without CorsConfiguration, or another server than you think.",
			"500 or 502: the function answers OPTIONS itself, and fails on it.",
		},
		Fix:      "Let OPTIONS be answered with 200 or 204, before any authorizer.",
		remedies: []remedy{proxyOrigin, restOrigin, httpOrigin},
	}, {
		ID:      preflightRedirect,
		Title:   "The preflight was answered with a redirect",
		Meaning: "No browser follows a redirect of a preflight, wherever it leads.",
		Causes: []string{
			"Two slashes within the path, from a base URL that ends with one: SAM local answers 308.",
			"The server moves http to https, or adds or removes a slash at the end of the path.",
			"A login page: something in front of the API sends whoever has no session there.",
		},
		Fix: "Call the URL that it redirects to. corsproxy try shows the Location.",
	}, {
		ID:      methodNotAllowed,
		Title:   "The method is not in Access-Control-Allow-Methods",
		Meaning: "The preflight's answer lists the methods that may be used. GET, HEAD and POST need no listing. Methods are case-sensitive: patch is not PATCH, and fetch does not correct it.",
		Causes: []string{
			"AllowMethods in the template does not list it. Where a REST API has no AllowMethods, AWS lists the path's own methods and SAM local all seven.",
			"The page says patch, in lower case.",
			"Single quotes came with the value, so that its first and last methods are 'GET and PUT', quote included.",
			"* with credentials is a method of that name.",
		},
		Fix:      "List the method.",
		remedies: []remedy{pageMethod, proxyMethod, restMethod, httpMethod},
	}, {
		ID:    headerNotAllowed,
		Title: "The request header is not in Access-Control-Allow-Headers",
		Meaning: "The page sets a request header that needs permission, and the preflight's answer does not list it. " +
			"Content-Type needs permission too, unless it is text/plain, application/x-www-form-urlencoded or multipart/form-data.",
		Causes: []string{
			"The template has no AllowHeaders: neither AWS nor SAM local then allows any, and each JSON POST fails.",
			"AllowHeaders does not list it. Libraries add headers of their own: X-Requested-With, traceparent, sentry-trace, baggage, X-Amz-User-Agent.",
			"AllowHeaders is *, and the request has credentials: * is then the name of a header.",
		},
		Fix:      "List the header.",
		remedies: []remedy{proxyHeader, restHeader, httpHeader},
	}, {
		ID:       wildcardHeader,
		Title:    "Access-Control-Allow-Headers: * will not cover Authorization",
		Meaning:  "It is a warning, and the request was sent: " + browser.WildcardAuthorization + ".",
		Causes:   []string{"AllowHeaders is '*' in the template."},
		Fix:      "Name Authorization beside, or in place of, the *.",
		remedies: []remedy{proxyHeader, restHeader, httpHeader},
	}, {
		ID:      invalidMethods,
		Title:   "Access-Control-Allow-Methods cannot be read",
		Meaning: "The value is no list of tokens, and the browser then refuses even a request that would not need it.",
		Causes: []string{
			"Double quotes, brackets, semicolons or blanks came with the value: [\"GET\",\"POST\"] in place of GET,POST.",
			"A reference in the template was not resolved.",
		},
		Fix:      "Write methods with commas between them, and nothing else.",
		remedies: []remedy{proxyReplace, restMethod, httpMethod},
	}, {
		ID:      invalidHeaders,
		Title:   "Access-Control-Allow-Headers cannot be read",
		Meaning: "The value is no list of tokens, and the browser then refuses even a request that would not need it.",
		Causes: []string{
			"Double quotes, brackets, semicolons, colons or blanks came with the value: \"Content-Type Authorization\" in place of Content-Type,Authorization.",
			"A reference in the template was not resolved.",
		},
		Fix:      "Write names with commas between them, and nothing else.",
		remedies: []remedy{proxyReplace, restHeader, httpHeader},
	}}
}
