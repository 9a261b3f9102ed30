package diagnosis

import "github.com/corsproxy/corsproxy/internal/browser"

// CP4xxx: another answer that SAM local gives in place of a function's. It is
// forwarded unchanged, and the code appears in the log alone.
const (
	NoIdentity          Code = "CP4001"
	AuthorizerDenied    Code = "CP4002"
	FunctionFailed      Code = "CP4003"
	BadFunctionResponse Code = "CP4004"
	HeadNotMounted      Code = "CP4005"
	BinaryBody          Code = "CP4006"
	NoFunction          Code = "CP4007"
	InlineCode          Code = "CP4008"
	ContainerFailed     Code = "CP4009"
	AuthorizerFailed    Code = "CP4010"
	PayloadTooLarge     Code = "CP4011"
	NoAPI               Code = "CP4012"
)

const mixedText = "The authorizer may be that of another route: SAM local takes one for all methods of a function on a path, which corsproxy tells where it knows the template."

var answerCodes = []Info{{
	Code:     NoIdentity,
	Name:     "authorizer-without-identity",
	Severity: SeverityWarning,
	Title:    "The request lacks what the Lambda authorizer asks for",
	Text:     "SAM local answered 401 Unauthorized without asking the authorizer: a header or query parameter that the authorizer names as its identity source is not in the request. " + mixedText + " A browser reports this as a CORS error, because SAM local's own answers have no Access-Control-Allow-Origin.",
	Fix:      "Send the header that the authorizer names, most often Authorization. A browser sends it only if the preflight's answer allows it. That is to name it, also beside a *: " + browser.WildcardAuthorization + ".",
	Since:    "0.2.0",
}, {
	Code:     AuthorizerDenied,
	Name:     "authorizer-denied",
	Severity: SeverityWarning,
	Title:    "The Lambda authorizer denied the request",
	Text:     "SAM local asked the route's Lambda authorizer, and its answer does not allow the request. " + mixedText + " A browser reports this as a CORS error, because SAM local's own answers have no Access-Control-Allow-Origin.",
	Fix:      "Look at the authorizer's output in SAM local's log. To work without it, start sam local start-api with --disable-authorizer, which is without effect on the Body of a raw AWS::ApiGateway::RestApi.",
	Since:    "0.2.0",
}, {
	Code:     FunctionFailed,
	Name:     "function-failed",
	Severity: SeverityWarning,
	Title:    "The function ended with an error",
	Text:     "SAM local answered 500 Internal server error, or, where it took the error for a response, as it does with Python's, 502 or, for an HTTP API, 200 with the error as the body: the function raised an error, timed out or gave nothing back. A browser reports this as a CORS error, because SAM local's own answers have no Access-Control-Allow-Origin.",
	Fix:      "Read the traceback in SAM local's log at the moment of the request.",
	Since:    "0.2.0",
}, {
	Code:     BadFunctionResponse,
	Name:     "bad-function-response",
	Severity: SeverityWarning,
	Title:    "SAM local could not use what the function or authorizer gave back",
	Text:     "SAM local answered 502 Internal server error. Most often the function's result is not what API Gateway takes: an object with statusCode, headers and body, the body being a string. It is also SAM local's answer to trouble of its own, such as an image that cannot be built, a route without a function, or an authorizer's result without a policy. A browser reports this as a CORS error, because SAM local's own answers have no Access-Control-Allow-Origin.",
	Fix:      "Look in SAM local's log for Invalid lambda response received, for Lambda authorizer failed, or for the last line of a traceback.",
	Since:    "0.2.0",
}, {
	Code:     HeadNotMounted,
	Name:     "head-on-a-get-route",
	Severity: SeverityWarning,
	Title:    "HEAD reaches a GET route, and SAM local fails",
	Text:     "The path is mounted for GET and not for HEAD. SAM local's router lets HEAD through to GET's rule, for which there is no handler, and the answer is 502. Deployed, a REST API answers 403 and an HTTP API 404, unless a route for any method takes it.",
	Fix:      "Add an event for HEAD, or send GET.",
	Since:    "0.2.0",
}, {
	Code:     BinaryBody,
	Name:     "binary-request-body",
	Severity: SeverityWarning,
	Title:    "SAM local failed on a request with a binary body",
	Text:     "SAM local answered 502 Internal server error to a request whose body is binary by its media type. It takes a body for UTF-8 text unless the API declares the media type as binary, and fails on other bytes. The function may also have given back what is no response. A browser reports this as a CORS error, because SAM local's own answers have no Access-Control-Allow-Origin.",
	Fix:      "Declare the media type under BinaryMediaTypes of the REST API (such as multipart~1form-data), and look in SAM local's log for UnicodeDecodeError. An HTTP API has no such setting, and takes the body when deployed: for SAM local alone, send it as text, such as Base64.",
	Since:    "0.2.0",
}, {
	Code:     NoFunction,
	Name:     "no-function-for-the-route",
	Severity: SeverityWarning,
	Title:    "SAM local has no function for the route",
	Text:     "SAM local mounted the route, and does not know the function that is to answer it: its code is on S3 or an image in a registry, over which SAM local passes, or the integration names a function that the template does not declare, or is no function's: SAM local mounts a raw AWS::ApiGateway::Method or AWS::ApiGatewayV2::Route with any integration. A browser reports this as a CORS error, because SAM local's own answers have no Access-Control-Allow-Origin.",
	Fix:      "Have CodeUri name a folder of this machine. Or check the name in the route's integration, and whether the function is declared in this template or in a nested local one. Where another service answers the route, call the deployed API for it.",
	Since:    "0.2.0",
}, {
	Code:     InlineCode,
	Name:     "inline-code",
	Severity: SeverityWarning,
	Title:    "SAM local does not run inline code",
	Text:     "The function has its code in the template, under InlineCode or ZipFile. SAM local runs code from files alone. A browser reports this as a CORS error, because SAM local's own answers have no Access-Control-Allow-Origin.",
	Fix:      "Move the code to a file, and name its folder in CodeUri.",
	Since:    "0.2.0",
}, {
	Code:     ContainerFailed,
	Name:     "container-failed",
	Severity: SeverityWarning,
	Title:    "SAM local could not make the function's container",
	Text:     "SAM local answered 501 with the message of the container engine, or 502 where it does not run the function's Runtime, cannot get one of its layers from AWS, or, with warm containers, cannot read the template again, which is told only where corsproxy reads SAM local's log. A browser reports this as a CORS error, because SAM local's own answers have no Access-Control-Allow-Origin.",
	Fix:      "Read the message. Check whether Docker runs, and whether its disk is full; or the template, the function's Runtime, or the ARNs in its Layers and the credentials that SAM local has.",
	Since:    "0.2.0",
}, {
	Code:     AuthorizerFailed,
	Name:     "authorizer-failed",
	Severity: SeverityWarning,
	Title:    "The Lambda authorizer failed",
	Text:     "SAM local asked the route's Lambda authorizer, which raised an error or gave back what is no policy, and answered 502; the route's own function was not called. An authorizer that raises Unauthorized has a REST API answer 401 when deployed: SAM local does not know that. Other failures of an authorizer are answered with 500 when deployed. The code is told only where corsproxy reads SAM local's log.",
	Fix:      "Have the authorizer give back principalId and a policyDocument; or, of an HTTP API with EnableSimpleResponses, isAuthorized. To work without it, start sam local start-api with --disable-authorizer, which is without effect on the Body of a raw AWS::ApiGateway::RestApi.",
	Since:    "0.2.0",
}, {
	Code:     PayloadTooLarge,
	Name:     "payload-too-large",
	Severity: SeverityWarning,
	Title:    "The request or the response is larger than Lambda takes",
	Text:     "Lambda takes 6 MB of a request, as the event that is made of it, and 6 MB of a response. A binary body is a third longer there, as Base64. The emulator in SAM local cuts off what an event has more, so that no function gets it, and takes no response that has more: SAM local answers 502 or 500. AWS documents the same limit. A browser reports this as a CORS error, because SAM local's own answers have no Access-Control-Allow-Origin.",
	Fix:      "Have the page upload to S3 and download from it, by presigned URLs that a function makes, or send less at a time.",
	Since:    "0.2.0",
}, {
	Code:     NoAPI,
	Name:     "start-lambda-has-no-api",
	Severity: SeverityWarning,
	Title:    "The upstream is sam local start-lambda, which has no API",
	Text:     "SAM local answered 404 with the header x-amzn-errortype: PathNotFoundLocally, as sam local start-lambda does. It runs functions for the AWS CLI and the SDKs, on port 3001, and mounts no routes of the template.",
	Fix:      "Start sam local start-api, which listens on port 3000, and name that port by --upstream; or have corsproxy start it: corsproxy -- sam local start-api.",
	Since:    "0.2.0",
}}
