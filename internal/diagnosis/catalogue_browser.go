package diagnosis

// CP11xx: a browser blocks the answer. Each is named after what Chromium calls
// it (Network.CorsError in the DevTools protocol); the Preflight ones stand
// beside those of the actual request.
const (
	WildcardOriginNotAllowed             Code = "CP1101"
	PreflightWildcardOriginNotAllowed    Code = "CP1102"
	MissingAllowOriginHeader             Code = "CP1103"
	PreflightMissingAllowOriginHeader    Code = "CP1104"
	MultipleAllowOriginValues            Code = "CP1105"
	PreflightMultipleAllowOriginValues   Code = "CP1106"
	InvalidAllowOriginValue              Code = "CP1107"
	PreflightInvalidAllowOriginValue     Code = "CP1108"
	AllowOriginMismatch                  Code = "CP1109"
	PreflightAllowOriginMismatch         Code = "CP1110"
	InvalidAllowCredentials              Code = "CP1111"
	PreflightInvalidAllowCredentials     Code = "CP1112"
	PreflightInvalidStatus               Code = "CP1113"
	PreflightDisallowedRedirect          Code = "CP1114"
	InvalidAllowMethodsPreflightResponse Code = "CP1115"
	InvalidAllowHeadersPreflightResponse Code = "CP1116"
	MethodDisallowedByPreflightResponse  Code = "CP1117"
	HeaderDisallowedByPreflightResponse  Code = "CP1118"
	RedirectContainsCredentials          Code = "CP1119"
	CorsDisabledScheme                   Code = "CP1120"
	RedirectNotFollowed                  Code = "CP1121"
)

// browserNames are Chromium's names for the codes; "" where it has none.
var browserNames = map[string]Code{
	"WildcardOriginNotAllowed":             WildcardOriginNotAllowed,
	"PreflightWildcardOriginNotAllowed":    PreflightWildcardOriginNotAllowed,
	"MissingAllowOriginHeader":             MissingAllowOriginHeader,
	"PreflightMissingAllowOriginHeader":    PreflightMissingAllowOriginHeader,
	"MultipleAllowOriginValues":            MultipleAllowOriginValues,
	"PreflightMultipleAllowOriginValues":   PreflightMultipleAllowOriginValues,
	"InvalidAllowOriginValue":              InvalidAllowOriginValue,
	"PreflightInvalidAllowOriginValue":     PreflightInvalidAllowOriginValue,
	"AllowOriginMismatch":                  AllowOriginMismatch,
	"PreflightAllowOriginMismatch":         PreflightAllowOriginMismatch,
	"InvalidAllowCredentials":              InvalidAllowCredentials,
	"PreflightInvalidAllowCredentials":     PreflightInvalidAllowCredentials,
	"PreflightInvalidStatus":               PreflightInvalidStatus,
	"PreflightDisallowedRedirect":          PreflightDisallowedRedirect,
	"InvalidAllowMethodsPreflightResponse": InvalidAllowMethodsPreflightResponse,
	"InvalidAllowHeadersPreflightResponse": InvalidAllowHeadersPreflightResponse,
	"MethodDisallowedByPreflightResponse":  MethodDisallowedByPreflightResponse,
	"HeaderDisallowedByPreflightResponse":  HeaderDisallowedByPreflightResponse,
	"RedirectContainsCredentials":          RedirectContainsCredentials,
	"CorsDisabledScheme":                   CorsDisabledScheme,
	"":                                     RedirectNotFollowed,
}

const (
	fixFunction  = "On this machine, --response-headers fill adds what is missing, and replace puts corsproxy's policy in place of what is there; a site that the template names can stay as it is. For AWS, the function has to send the header behind a REST API; with an HTTP API it is CorsConfiguration in the template."
	fixPreflight = "Let corsproxy answer preflights (cors.source: config, the default), or correct Cors or CorsConfiguration in the template."
)

// browserCodes hold for the answer as it left corsproxy.
var browserCodes = []Info{
	blockedInfo(WildcardOriginNotAllowed, "wildcard-origin-not-allowed", "Access-Control-Allow-Origin is * for a request with credentials",
		"The page included credentials (credentials: \"include\", or withCredentials), and * does not allow these. The header has to be the page's origin itself, together with Access-Control-Allow-Credentials: true.", fixFunction),
	blockedInfo(PreflightWildcardOriginNotAllowed, "preflight-wildcard-origin-not-allowed", "The preflight's Access-Control-Allow-Origin is *, with credentials",
		"The page is going to include credentials, and * does not allow these, in the answer to the preflight either.", fixPreflight),
	blockedInfo(MissingAllowOriginHeader, "missing-allow-origin-header", "The response has no Access-Control-Allow-Origin",
		"The request reached the upstream and was answered, but the response does not say that a page of another origin may read it. The browser hides it, its status too. Errors that SAM local makes itself never carry the header.", fixFunction),
	blockedInfo(PreflightMissingAllowOriginHeader, "preflight-missing-allow-origin-header", "The preflight's answer has no Access-Control-Allow-Origin",
		"The browser does not send the request. SAM local answers so where the template declares no Cors, or its last API does not: that one counts for all. The status is looked at only after this header.", fixPreflight),
	blockedInfo(MultipleAllowOriginValues, "multiple-allow-origin-values", "Access-Control-Allow-Origin has several values",
		"One value is allowed, in one line: *, or the page's origin. A list is not one, neither are two lines, as they come about where two parties each add the header.", fixFunction),
	blockedInfo(PreflightMultipleAllowOriginValues, "preflight-multiple-allow-origin-values", "The preflight's Access-Control-Allow-Origin has several values",
		"One value is allowed, in one line. AllowOrigin of a REST API is one string and sent as it stands, a list with commas too.", fixPreflight),
	blockedInfo(InvalidAllowOriginValue, "invalid-allow-origin-value", "Access-Control-Allow-Origin is no origin",
		"The value is neither * nor anything that can be read as a URL: empty, without a scheme, in quotes, or a ${Variable} that nothing has replaced.", fixFunction),
	blockedInfo(PreflightInvalidAllowOriginValue, "preflight-invalid-allow-origin-value", "The preflight's Access-Control-Allow-Origin is no origin",
		"The value is neither * nor anything that can be read as a URL: empty, without a scheme, in quotes, or a ${Variable} that nothing has replaced.", fixPreflight),
	blockedInfo(AllowOriginMismatch, "allow-origin-mismatch", "Access-Control-Allow-Origin names another origin",
		"The value is compared byte by byte with the page's origin: http://localhost:5173 is not http://127.0.0.1:5173, nor http://localhost:5173/ with a slash. After a redirect from one foreign origin to another the origin is null.", fixFunction),
	blockedInfo(PreflightAllowOriginMismatch, "preflight-allow-origin-mismatch", "The preflight's Access-Control-Allow-Origin names another origin",
		"The value is compared byte by byte with the page's origin. A REST API sends the one AllowOrigin that it has, whoever asks.", fixPreflight),
	blockedInfo(InvalidAllowCredentials, "invalid-allow-credentials", "Access-Control-Allow-Credentials is not true",
		"The page included credentials, and the response has to say exactly true, in lower case and once.", fixFunction),
	blockedInfo(PreflightInvalidAllowCredentials, "preflight-invalid-allow-credentials", "The preflight's Access-Control-Allow-Credentials is not true",
		"The page is going to include credentials, and the answer has to say exactly true, in lower case and once. In a template AllowCredentials is the boolean true; a quoted one is lost when deployed.", fixPreflight),
	blockedInfo(PreflightInvalidStatus, "preflight-invalid-status", "The status of the answer to the preflight is not 200 to 299",
		"The headers allow the origin, and the status is an error. A preflight carries no credentials: an authorizer in front of OPTIONS refuses each of them.", fixPreflight),
	blockedInfo(PreflightDisallowedRedirect, "preflight-disallowed-redirect", "The preflight was redirected",
		"Browsers follow no redirect of a preflight, whatever its headers say. Redirects come from doubled slashes in the path, from http to https, and from a missing slash at its end.", "Let the page call the URL that Location names."),
	blockedInfo(InvalidAllowMethodsPreflightResponse, "invalid-allow-methods", "Access-Control-Allow-Methods cannot be read",
		"A member of the list is no method name: it has double quotes, brackets, a blank or a semicolon in it. The whole answer is refused then, even where the request does not need the list.", fixPreflight),
	blockedInfo(InvalidAllowHeadersPreflightResponse, "invalid-allow-headers", "Access-Control-Allow-Headers cannot be read",
		"A member of the list is no header name: it has double quotes, brackets, a blank or a colon in it. The whole answer is refused then, even where the request does not need the list.", fixPreflight),
	blockedInfo(MethodDisallowedByPreflightResponse, "method-disallowed-by-preflight", "Access-Control-Allow-Methods does not have the method",
		"The answer to the preflight allows the origin and not the method. GET, HEAD and POST need no permission. Methods are compared with their case: fetch sends patch as it is written. With credentials, * is no wildcard.", fixPreflight),
	blockedInfo(HeaderDisallowedByPreflightResponse, "header-disallowed-by-preflight", "Access-Control-Allow-Headers does not have a header of the request",
		"The answer to the preflight allows the origin and the method, and not this header. Content-Type: application/json and Authorization need permission. With credentials, * is no wildcard.", fixPreflight),
	blockedInfo(RedirectContainsCredentials, "redirect-contains-credentials", "The redirect has a user name or a password in its URL",
		"A request that CORS applies to is not redirected to a URL like http://user:password@host/.", "Send another Location: without what stands before the @."),
	blockedInfo(CorsDisabledScheme, "cors-disabled-scheme", "The redirect leads to a scheme that CORS does not work for",
		"A page may be redirected to http and https URLs only.", "Send another Location."),
	blockedInfo(RedirectNotFollowed, "redirect-not-followed", "The redirect is not followed",
		"Location is no URL, or one that no server may lead to, such as a file: or data: URL. Chromium reports a failed request and no CORS error.", "Send another Location."),
}

func blockedInfo(code Code, name, title, text, fix string) Info {
	return Info{Code: code, Name: name, Severity: SeverityWarning, Title: title, Text: text, Fix: fix, Since: "0.2.0"}
}
