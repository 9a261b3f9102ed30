package diagnosis

// CP3003 to CP3013: a fault of the path is why no route took the request.
const (
	GreedyNeedsSegment   Code = "CP3003"
	StageInPath          Code = "CP3004"
	PrefixInPath         Code = "CP3005"
	ParameterMissing     Code = "CP3006"
	TooManySegments      Code = "CP3007"
	EncodedSlash         Code = "CP3008"
	CaseMismatch         Code = "CP3009"
	PlaceholderNotFilled Code = "CP3010"
	UndefinedInPath      Code = "CP3011"
	QueryInPath          Code = "CP3012"
	DoubleSlash          Code = "CP3013"
)

var pathCodes = []Info{{
	Code:     GreedyNeedsSegment,
	Name:     "greedy-needs-a-segment",
	Severity: SeverityError,
	Status:   404,
	Title:    "A greedy route does not cover the path before it",
	Text:     "The route /p/{proxy+} needs at least one character in the place of {proxy+}: it matches neither /p nor /p/, and /{proxy+} does not match the root. API Gateway sees it the same way when deployed.",
	Fix:      "Add an event for the path itself, beside that of the greedy route.",
	Since:    "0.2.0",
}, {
	Code:     StageInPath,
	Name:     "stage-in-path",
	Severity: SeverityError,
	Status:   404,
	Title:    "The path begins with a stage, which SAM local does not have",
	Text:     "A deployed REST API has its stage as the first segment of each path, such as /Prod/items. SAM local mounts the same route as /items.",
	Fix:      "Take the stage off the base URL that the client has for SAM local; keep it in the one for AWS.",
	Since:    "0.2.0",
}, {
	Code:     PrefixInPath,
	Name:     "prefix-in-path",
	Severity: SeverityError,
	Status:   404,
	Title:    "The path has a prefix that the route has not, or lacks one",
	Text:     "Without its first segment, or with the first segment of a route before it, the path is mounted. The base path of a custom domain is no part of a local path, and a development server's proxy may add a prefix such as /api or fail to remove it.",
	Fix:      "Correct the base URL in the client, or the rewrite rule of its development server.",
	Since:    "0.2.0",
}, {
	Code:     ParameterMissing,
	Name:     "parameter-missing",
	Severity: SeverityError,
	Status:   404,
	Title:    "A path parameter has no value",
	Text:     "The path is that of a route but for one parameter, of which nothing stands in the path: /items/ or /items where /items/{id} is mounted, /items//reviews where /items/{id}/reviews is. Most often the client joined an empty string into the URL.",
	Fix:      "Check the value in the client before it builds the URL, or add an event for the path without the parameter.",
	Since:    "0.2.0",
}, {
	Code:     TooManySegments,
	Name:     "too-many-segments",
	Severity: SeverityError,
	Status:   404,
	Title:    "The path goes on where the route ends",
	Text:     "The path begins with a mounted route and has segments behind it. A parameter such as {id} takes exactly one segment: a value with a slash in it is two.",
	Fix:      "Add an event for the longer path, with a greedy parameter such as {proxy+} where the number of segments varies.",
	Since:    "0.2.0",
}, {
	Code:     EncodedSlash,
	Name:     "encoded-slash",
	Severity: SeverityError,
	Status:   404,
	Title:    "An encoded slash splits a path parameter here, and not on AWS",
	Text:     "SAM local decodes %2F before it looks for a route, so that the parameter's value becomes two segments. API Gateway looks for the route first: the same URL works when deployed.",
	Fix:      "Send such values in the query or in the body, or let the route end with a greedy parameter.",
	Since:    "0.2.0",
}, {
	Code:     CaseMismatch,
	Name:     "case-mismatch",
	Severity: SeverityError,
	Status:   404,
	Title:    "The path differs from a route in case alone",
	Text:     "Paths are case-sensitive, both in SAM local and when deployed.",
	Fix:      "Write the path in the client as it stands in the template.",
	Since:    "0.2.0",
}, {
	Code:     PlaceholderNotFilled,
	Name:     "placeholder-not-filled",
	Severity: SeverityError,
	Status:   404,
	Title:    "The path has a placeholder that was not filled",
	Text:     "A segment of the path is a placeholder as templates, OpenAPI documents and clients have them, such as {id}, :id or ${id}: nothing has put a value in its place.",
	Fix:      "Check what fills the placeholders of the URL in the client. A template literal in JavaScript needs backquotes.",
	Since:    "0.2.0",
}, {
	Code:     UndefinedInPath,
	Name:     "undefined-in-path",
	Severity: SeverityError,
	Status:   404,
	Title:    "The path has a variable without a value",
	Text:     "A segment of the path is undefined, null, NaN or [object Object]: what JavaScript writes into a string for a variable without a value, or for an object. At the beginning of the path it is most often the base URL that is not set.",
	Fix:      "Check the variable in the client before it builds the URL. A variable of the environment must be known when the client is built.",
	Since:    "0.2.0",
}, {
	Code:     QueryInPath,
	Name:     "query-in-path",
	Severity: SeverityError,
	Status:   404,
	Title:    "The query is part of the path",
	Text:     "An encoded question mark, %3F, belongs to the path, and & without a question mark before it does too. Without them the path is mounted.",
	Fix:      "Build the URL with URL and URLSearchParams, and encode the values alone, never the whole URL.",
	Since:    "0.2.0",
}, {
	Code:     DoubleSlash,
	Name:     "double-slash",
	Severity: SeverityWarning,
	Status:   404,
	Title:    "Two slashes follow each other in the path",
	Text:     "The base URL ends with a slash and the path begins with one, or a value between two slashes is empty. SAM local answers with a redirect (308) to the path with one slash, and a browser follows no redirect of a preflight. API Gateway takes the two slashes for another path. Where a route has a parameter between them, the code is CP3006. The 308 is forwarded unchanged, and the code appears in the log alone; a 403 for such a path is rare.",
	Fix:      "Take the slash off the end of the base URL in the client, and check the values that it joins.",
	Since:    "0.2.0",
}}
