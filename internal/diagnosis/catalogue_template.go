package diagnosis

// CP3014 to CP3023: what the template declares and SAM local does not mount.
const (
	BuildIsStale           Code = "CP3014"
	TemplateNewer          Code = "CP3015"
	IntegrationNotEmulated Code = "CP3017"
	ProviderIgnored        Code = "CP3018"
	OpenAPINotLoaded       Code = "CP3019"
	NestedStackNotLoaded   Code = "CP3020"
	FunctionURLOnly        Code = "CP3021"
	WebSocketNotServed     Code = "CP3022"
	ColonInRoute           Code = "CP3023"
)

var templateCodes = []Info{{
	Code:     BuildIsStale,
	Name:     "build-is-stale",
	Severity: SeverityError,
	Status:   404,
	Title:    "The route is in the template, and not in the build",
	Text:     "SAM local takes .aws-sam/build/template.yaml where there is one, and not the template beside it. The template has the route, the build is older.",
	Fix:      "Run sam build, and start sam local start-api again.",
	Since:    "0.2.0",
}, {
	Code:     TemplateNewer,
	Name:     "template-newer-than-sam",
	Severity: SeverityError,
	Status:   404,
	Title:    "SAM local does not have the template's route",
	Text:     "The template declares the route, and SAM local answers as it does where it mounts none: the template was changed after SAM local had read it, or SAM local was started with another one. It sees changes of a function's code while it runs, but none of the template; with warm containers those of its functions, but none of the routes.",
	Fix:      "Stop SAM local and start it again, in the template's folder. Where corsproxy has started it, that is corsproxy's part: start corsproxy again, or with --restart-on-template-change, which does so at each change.",
	Since:    "0.2.0",
}, {
	Code:     IntegrationNotEmulated,
	Name:     "integration-not-emulated",
	Severity: SeverityError,
	Status:   404,
	Title:    "SAM local does not emulate the route's integration",
	Text:     "The template declares the route with a MOCK, HTTP or AWS integration, or as an event that starts a state machine. Of an OpenAPI document SAM local mounts Lambda proxy integrations (aws_proxy) alone, and drops the others without a word: also the MOCK OPTIONS that answers preflights when deployed. A raw AWS::ApiGateway::Method it mounts with any integration, and answers 502 for one that is no function's: CP4007.",
	Fix:      "For OPTIONS, let corsproxy answer: cors.source is then config or template. For another method, call the deployed API, or let a function answer.",
	Since:    "0.2.0",
}, {
	Code:     ProviderIgnored,
	Name:     "provider-ignored",
	Severity: SeverityError,
	Status:   404,
	Title:    "SAM local passes over this kind of API resource here",
	Text:     "In one template SAM local takes either AWS::Serverless resources or raw AWS::ApiGateway and AWS::ApiGatewayV2 resources, whichever stands first, and ignores the routes of the other kind.",
	Fix:      "Declare all routes in one way, or keep the others in a template of their own.",
	Since:    "0.2.0",
}, {
	Code:     OpenAPINotLoaded,
	Name:     "openapi-not-loaded",
	Severity: SeverityError,
	Status:   404,
	Title:    "SAM local cannot take the route from the OpenAPI document",
	Text:     "The API's OpenAPI document is on S3, or outside the project, so that its routes are not known; or its operation has no integration with a function that SAM local can tell: an alias or a stage variable in the URI is not resolved locally.",
	Fix:      "Keep the document beside the template, and name the function in the integration's URI by its Arn.",
	Since:    "0.2.0",
}, {
	Code:     NestedStackNotLoaded,
	Name:     "nested-stack-not-loaded",
	Severity: SeverityError,
	Status:   404,
	Title:    "A nested stack is not loaded, and its routes are not known",
	Text:     "The template nests a stack whose template is not a local file, and SAM local passes it over; or it is outside the project, which is the template's Git work tree, or without Git the folder above the template's, and corsproxy does not read it. The route may be in it.",
	Fix:      "Look for the route in the nested stack. Where SAM local passes it over, give it a local template in Location or TemplateURL, or start SAM local with the nested template.",
	Since:    "0.2.0",
}, {
	Code:     FunctionURLOnly,
	Name:     "function-url-only",
	Severity: SeverityError,
	Status:   404,
	Title:    "The function has a URL of its own, and no API event",
	Text:     "FunctionUrlConfig gives a deployed function its own host name. SAM local serves no function URLs, only the routes of APIs.",
	Fix:      "For local use add an event of type HttpApi to the function, and do not deploy it; where APIs have a CORS setting, of an HTTP API that is there, since SAM local loses the setting to one more. Or call the deployed URL, or invoke the function with sam local start-lambda.",
	Since:    "0.2.0",
}, {
	Code:     WebSocketNotServed,
	Name:     "websocket-not-served",
	Severity: SeverityError,
	Status:   404,
	Title:    "SAM local serves no WebSocket APIs",
	Text:     "The request asks for an upgrade to a WebSocket, or for the @connections of a WebSocket API. SAM local serves neither.",
	Fix:      "Use the deployed WebSocket API, or a WebSocket server of your own, by another base URL.",
	Since:    "0.2.0",
}, {
	Code:     ColonInRoute,
	Name:     "colon-in-route",
	Severity: SeverityError,
	Status:   404,
	Title:    "The route has its variable as other frameworks write it",
	Text:     "The path of the route has a segment such as :id, as Express and others write variables. To SAM local and to API Gateway it is text: the route takes the path /items/:id alone, and no other value.",
	Fix:      "Write the variable in braces in the template: /items/{id}.",
	Since:    "0.2.0",
}}
