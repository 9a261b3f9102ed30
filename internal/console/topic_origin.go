package console

// originTopics are about the origin and the credentials, which a browser looks
// at in every response, first of all.
func originTopics() []Topic {
	return []Topic{{
		ID:    missingOrigin,
		Title: "The response has no Access-Control-Allow-Origin",
		Meaning: "The page called another origin, and the response does not say that the page may read it. " +
			"The browser hides the response from the script, status and body included.",
		OfPreflight: []string{
			"SAM local mounts no OPTIONS for this path, and answers the preflight with 403 Missing Authentication Token. It has one CORS setting for all APIs, that of the last in the template: where that one declares Cors (or CorsConfiguration) it mounts OPTIONS for all, and else only what the template has as OPTIONS or ANY itself.",
			"The path itself is not mounted: a typing error, or a stage such as /Prod that SAM local does not have.",
			"OPTIONS is a MOCK integration in an OpenAPI document, which SAM local drops, though it works when deployed. It drops an AWS::ApiGateway::Method, too, where an AWS::Serverless function or API comes before the AWS::ApiGateway resources in the template.",
			"A folder named public stands next to the template: SAM local then answers every OPTIONS that it does not mount with 200 and no CORS headers.",
			"On AWS, an authorizer or an API key is asked for on OPTIONS, and refuses the preflight, which never has credentials: AddDefaultAuthorizerToCorsPreflight: false.",
			"On AWS, an HTTP API answers without CORS headers where the origin is not in AllowOrigins.",
		},
		OfActual: []string{
			"The function does not set the header. Behind a REST API it has to: Cors in the template makes the preflight's answer alone.",
			"The answer is not the function's. SAM local's own errors (401 and 403 of an authorizer, 500, 502, 403 Missing Authentication Token) have no CORS headers; neither have those of a REST API without GatewayResponses. Look at the status in the network panel.",
		},
		Fix:      "Let whoever answers say Access-Control-Allow-Origin.",
		remedies: []remedy{proxyOrigin, functionOrigin, restOrigin, httpOrigin, gatewayResponses},
	}, {
		ID:    originNotAllowed,
		Title: "Access-Control-Allow-Origin is missing, or names another origin",
		Meaning: "The page called another origin, and the response does not allow the page's. " +
			"The line does not tell whether the header is missing or has another value; corsproxy try does.",
		OfPreflight: []string{
			"SAM local mounts no OPTIONS for this path, and answers the preflight with 403 Missing Authentication Token.",
		},
		Causes: []string{
			"The function does not set the header. Behind a REST API it has to: Cors in the template makes the preflight's answer alone.",
			"The answer is an error of SAM local or of the gateway, which have no CORS headers. The status code tells: 403 Missing Authentication Token, 401, 500, 502.",
			"The template, or the function, names another origin: the deployed page's, another port, 127.0.0.1 in place of localhost, or one with a slash at its end.",
		},
		Fix:      "Let whoever answers name the page's origin.",
		remedies: []remedy{proxyOrigin, functionOrigin, restOrigin, httpOrigin},
	}, {
		ID:    originMismatch,
		Title: "Access-Control-Allow-Origin names another origin",
		Meaning: "The header has to be the page's origin, byte for byte, or *. An origin is scheme, host and port, without a path or a slash at the end. " +
			"http://localhost:5173, http://127.0.0.1:5173 and http://localhost:5174 are three.",
		Causes: []string{
			"The template or the function names the deployed page's origin, and the page runs on this machine. SAM local and a REST API answer with the one value they have, whatever origin asks.",
			"The page has moved, or has two names: https://www.example.com and https://example.com are two origins.",
			"The development server took another port than usual (5174 for 5173), because that was in use.",
			"The value has a slash at its end, a path, or a wildcard within it: https://*.example.com is none that a browser understands.",
			"The request was redirected across origins. The browser then sends Origin: null, and only * or null allows that.",
		},
		Fix:      "Answer with the origin that asks, if it is one that may.",
		remedies: []remedy{proxyOrigin, functionOrigin, restOrigin, httpOrigin},
	}, {
		ID:      severalOrigins,
		Title:   "Access-Control-Allow-Origin has several values",
		Meaning: "A response may name one origin, or *. A list, with commas or blanks, or the header twice, is refused.",
		Causes: []string{
			"AllowOrigin of a REST API is a list with commas. API Gateway and SAM local send it as it stands.",
			"Two set the header: the function and SAM local's Cors, or the function and a proxy or a framework's middleware before it.",
		},
		Fix:      "Answer with the one origin that asks. A REST API's MOCK answer cannot choose: let the function answer OPTIONS, or take an HTTP API, which has a list.",
		remedies: []remedy{proxyReplace, restOne, httpOrigin, functionOrigin},
	}, {
		ID:      invalidOrigin,
		Title:   "Access-Control-Allow-Origin is no origin",
		Meaning: "The header is there, and its value is neither * nor an origin such as http://localhost:5173.",
		Causes: []string{
			"The scheme is missing: localhost in place of http://localhost.",
			"A reference in the template was not resolved, or a variable of the function is empty: ${Origin}, undefined, nothing at all.",
			"Quotes came with the value. In SAM's Cors the value has single quotes within double ones, \"'http://localhost:5173'\"; in CorsConfiguration and in a function's headers it has none.",
		},
		Fix:      "Write the origin as the browser does, in the request's Origin header.",
		remedies: []remedy{proxyReplace, restOrigin, httpOrigin, functionOrigin},
	}, {
		ID:      wildcardOrigin,
		Title:   "Access-Control-Allow-Origin: * does not go with credentials",
		Meaning: "The page sends cookies (credentials: 'include', withCredentials), and a response to such a request has to name the page's origin.",
		Causes: []string{
			"AllowOrigin is '*' in the template, or in the function's headers.",
			"The page asks for credentials that it does not need. An Authorization header that the script sets itself needs no credentials mode.",
		},
		Fix:      "Leave credentials out of the call if no cookie is needed. Otherwise name the origin, and allow credentials.",
		remedies: []remedy{proxyCredentials, restCredentials, httpCredentials, functionCredentials},
	}, {
		ID:      missingCredentials,
		Title:   "Access-Control-Allow-Credentials is not true",
		Meaning: "The page sends cookies (credentials: 'include', withCredentials), and the response does not say Access-Control-Allow-Credentials: true, in lower case and once.",
		Causes: []string{
			"AllowCredentials is not in the template's Cors. It has to be the boolean true: \"'true'\" works in SAM local, and is lost when deployed.",
			"The preflight's answer says it, and the function's does not. Behind a REST API both have to.",
			"Two set the header, which makes it \"true, true\".",
		},
		Fix:      "Leave credentials out of the call if no cookie is needed. Otherwise allow them, with a named origin.",
		remedies: []remedy{proxyCredentials, restCredentials, httpCredentials, functionCredentials},
	}}
}
