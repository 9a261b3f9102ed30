package diagnosis

// CP3xxx: the upstream answered 403 {"message":"Missing Authentication Token"}.
const (
	Unexplained      Code = "CP3000"
	RouteNotFound    Code = "CP3001"
	MethodNotDefined Code = "CP3002"
)

var tokenCodes = []Info{{
	Code:     Unexplained,
	Name:     "unexplained",
	Severity: SeverityError,
	Status:   403,
	Title:    "Missing Authentication Token: no such path, or no such method",
	Text: "API Gateway and SAM local say Missing Authentication Token where no route matches the request: the path is not mounted, or it is mounted for other methods. " +
		"Most often the request is a browser's preflight, OPTIONS, and the API has no Cors in the template. Despite its name the message is seldom about authentication. A function, or an API that it calls, may also have said it. Which of these it was cannot be told without the list of routes.",
	Fix: "For a preflight, let corsproxy answer it: `corsproxy --upstream 3000`, with the page calling http://localhost:8080. For another request, compare method and path with what `corsproxy routes` lists, in the folder of the template, " +
		"or with the Mounting lines that sam local start-api prints. Give corsproxy the routes, by the template, --sam-log or sam.routes, and it names the cause.",
	Since: "0.1.0",
}, {
	Code:     RouteNotFound,
	Name:     "route-not-found",
	Severity: SeverityError,
	Status:   404,
	Title:    "No route matches this path",
	Text: "SAM local answered 403 Missing Authentication Token because no route is mounted for this path, with any method. It has nothing to do with authentication. " +
		"Paths are case-sensitive, and /p/{proxy+} matches neither /p nor /p/.",
	Fix:   "Correct the path in the client, or add the route under the function's Events in the template; then restart sam local start-api, after sam build where you build.",
	Since: "0.1.0",
}, {
	Code:     MethodNotDefined,
	Name:     "method-not-defined",
	Severity: SeverityError,
	Status:   405,
	Title:    "The path is mounted, for other methods",
	Text:     "SAM local answered 403 Missing Authentication Token because the path is mounted for other methods than that of the request. It has nothing to do with authentication. The Allow header lists the methods that are mounted.",
	Fix:      "Send one of the methods in Allow, or add the method under the function's Events in the template; then restart sam local start-api, after sam build where you build.",
	Since:    "0.1.0",
}}
