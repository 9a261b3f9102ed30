package console

import (
	"regexp"
	"strings"
)

// A pattern is what a browser says of a topic. Texts are matched on one line,
// with straight quotes. The groups origin, method, header, value and status
// tell these of the request.
type pattern struct {
	browser string
	topic   string
	stage   Stage
	*regexp.Regexp
}

// refused begins what Chrome says of a preflight.
const refused = `Response to preflight request doesn't pass access control check: `

// The patterns, most specific first: where two match a message, the first
// counts. Chrome's have changed over the years; the comments say when, where
// two are of one kind.
var patterns = []pattern{
	// Chrome.
	chrome(missingOrigin, Preflight, refused+`No 'Access-Control-Allow-Origin' header`),
	chrome(wildcardOrigin, Preflight, refused+`(?:The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard|A wildcard '\*' cannot be used)`),
	chrome(severalOrigins, Preflight, refused+`The 'Access-Control-Allow-Origin' header contains multiple values '(?P<value>[^']*)'`),
	chrome(invalidOrigin, Preflight, refused+`The 'Access-Control-Allow-Origin' header contains the invalid value '(?P<value>.*?)'(?:\.|,| |$)`),
	chrome(originMismatch, Preflight, refused+`The 'Access-Control-Allow-Origin' header has a value '(?P<value>.*?)' that is not equal`),
	chrome(missingCredentials, Preflight, refused+`(?:The value of the 'Access-Control-Allow-Credentials' header in the response is|Credentials flag is 'true', but the 'Access-Control-Allow-Credentials' header is) '(?P<value>.*?)'`),
	chrome(preflightStatus, Preflight, refused+`It does not have HTTP ok status`),
	chrome(preflightRedirect, Preflight, refused+`Redirect is not allowed for a preflight request`),
	chrome(preflightStatus, Preflight, `Response for preflight (?:has invalid HTTP status code (?P<status>\d+)|does not have HTTP ok status)`), // before 70
	chrome(preflightRedirect, Preflight, `Response for preflight is invalid \(redirect\)|The request was redirected to '(?P<value>[^']*)', which is disallowed for cross-origin requests that require preflight|Request requires preflight, which is disallowed to follow cross-origin redirect`),
	chrome(missingOrigin, Actual, `No 'Access-Control-Allow-Origin' header is present`),
	chrome(wildcardOrigin, Actual, `'Access-Control-Allow-Origin' header in the response must not be the wildcard|A wildcard '\*' cannot be used in the 'Access-Control-Allow-Origin' header`),
	chrome(severalOrigins, Actual, `'Access-Control-Allow-Origin' header contains multiple values '(?P<value>[^']*)'`),
	chrome(invalidOrigin, Actual, `'Access-Control-Allow-Origin' header contains the invalid value '(?P<value>.*?)'(?:\.|,| |$)`),
	chrome(originMismatch, Actual, `'Access-Control-Allow-Origin' header has a value '(?P<value>.*?)' that is not equal`),
	chrome(missingCredentials, Actual, `(?:'Access-Control-Allow-Credentials' header in the response is|Credentials flag is 'true', but the 'Access-Control-Allow-Credentials' header is) '(?P<value>.*?)'`),
	chrome(invalidMethods, Preflight, `Cannot parse Access-Control-Allow-Methods response header`),
	chrome(invalidHeaders, Preflight, `Cannot parse Access-Control-Allow-Headers response header`),
	chrome(methodNotAllowed, Preflight, `Method (?P<method>\S+) is not allowed by Access-Control-Allow-Methods in preflight response`),
	chrome(headerNotAllowed, Preflight, `Request header field (?P<header>\S+) is not allowed by Access-Control-Allow-Headers in preflight response`),
	chrome(redirectCredentials, Redirect, `Redirect location '(?P<value>.*?)' contains a username and password|contains userinfo, which is disallowed for cross-origin`),
	chrome(notHTTP, "", `Cross origin requests are only supported for (?:protocol schemes|HTTP)`),
	chrome(sameOriginMode, "", `Cross origin requests are not allowed by request mode|Request mode is "same-origin" but the URL's origin is not same`),
	chrome(noCORSRedirect, "", `Request mode is "no-cors" but the redirect mode is not "follow"`),
	chrome(localNetwork, "", `(?:more-private address space|Permission was denied for this request to access the|Request had a target IP address space|Access-Control-Allow-(?:Private-Network|External))`),
	chrome(emptyResponse, "", `CORS policy: The response is invalid`),
	chrome(wildcardHeader, Preflight, `(?P<header>Authorization) will not be covered by the wildcard symbol`),
	chrome(hiddenHeader, "", `Refused to get unsafe header "(?P<header>[^"]+)"`),
	chrome(mixedContent, "", `^Mixed Content: |was loaded over HTTPS, but requested an insecure (?:resource|XMLHttpRequest endpoint)`),
	chrome(contentPolicy, "", `violates the following Content Security Policy directive|violates the document's Content Security Policy`),
	chrome(resourcePolicy, "", `ERR_BLOCKED_BY_RESPONSE|ERR_BLOCKED_BY_ORB|Cross-Origin Read Blocking`),
	chrome(refusedConnection, "", `net::ERR_CONNECTION_REFUSED`),
	chrome(emptyResponse, "", `net::ERR_(?:EMPTY_RESPONSE|CONNECTION_RESET|CONNECTION_CLOSED)`),
	chrome(notHTTPResponse, "", `net::ERR_(?:INVALID_HTTP_RESPONSE|RESPONSE_HEADERS_)`),
	chrome(unreadableBody, "", `net::ERR_(?:CONTENT_DECODING_(?:INIT_)?FAILED|INCOMPLETE_CHUNKED_ENCODING|INVALID_CHUNKED_ENCODING|CONTENT_LENGTH_MISMATCH)(?: (?P<status>\d{3}))?`),
	chrome(unreachable, "", `net::ERR_(?:ADDRESS_UNREACHABLE|ADDRESS_INVALID|INTERNET_DISCONNECTED|CONNECTION_TIMED_OUT|TIMED_OUT)`),
	chrome(redirectRefused, Redirect, `net::ERR_INVALID_REDIRECT`),
	chrome(unknownName, "", `net::ERR_NAME_NOT_RESOLVED`),
	chrome(untrusted, "", `net::ERR_CERT_`),
	chrome(notTLS, "", `net::ERR_SSL_`),
	chrome(tooManyRedirects, Redirect, `net::ERR_TOO_MANY_REDIRECTS`),
	chrome(notHTTP, Redirect, `net::ERR_UNSAFE_REDIRECT`),
	chrome(badPort, "", `net::ERR_UNSAFE_PORT`),
	chrome(blockedByClient, "", `net::ERR_BLOCKED_BY_CLIENT`),
	chrome(noResponse, "", `net::ERR_(?:FAILED|ABORTED)(?: (?P<status>\d{3}))?|TypeError: Failed to fetch`),

	// Firefox.
	firefox(missingOrigin, "", `CORS header 'Access-Control-Allow-Origin' missing`),
	firefox(originMismatch, "", `CORS header 'Access-Control-Allow-Origin' does not match '(?P<value>.*?)'\)`),
	firefox(severalOrigins, "", `Multiple CORS header 'Access-Control-Allow-Origin' not allowed`),
	firefox(wildcardOrigin, "", `Credential is not supported if the CORS header 'Access-Control-Allow-Origin' is '\*'`),
	firefox(missingCredentials, "", `expected 'true' in CORS header 'Access-Control-Allow-Credentials'`),
	firefox(methodNotAllowed, Preflight, `Did not find method in CORS header 'Access-Control-Allow-Methods'`),
	firefox(invalidMethods, Preflight, `invalid token '(?P<value>.*?)' in CORS header 'Access-Control-Allow-Methods'`),
	firefox(invalidHeaders, Preflight, `invalid token '(?P<value>.*?)' in CORS header 'Access-Control-Allow-Headers'`),
	firefox(headerNotAllowed, Preflight, `header '(?P<header>.*?)' is not allowed according to header 'Access-Control-Allow-Headers'|missing token '(?P<header2>.*?)' in CORS header 'Access-Control-Allow-Headers'`),
	firefox(wildcardHeader, Preflight, `When the 'Access-Control-Allow-Headers' is '\*', the '(?P<header>Authorization)' header is not covered`),
	firefox(preflightStatus, Preflight, `CORS preflight (?:response|channel) did not succeed`),
	firefox(redirectRefused, Redirect, `CORS request external redirect not allowed`),
	firefox(notHTTP, "", `CORS request not http`),
	firefox(corsDisabled, "", `Reason: CORS disabled`),
	firefox(unnamed, "", `CORS header 'Origin' cannot be added`),
	firefox(mixedContent, "", `Blocked loading mixed active content`),
	firefox(contentPolicy, "", `Content-Security-Policy: The page's settings blocked`),
	firefox(noResponse, "", `CORS request did not succeed|Reason: CORS request failed|NetworkError when attempting to fetch resource`),
	firefox(originNotAllowed, "", `can be fixed by moving the resource to the same domain or enabling CORS`), // before 36

	// Safari. Chrome took over some of the wordings, and has since changed them.
	safari(severalOrigins, "", `Access-Control-Allow-Origin cannot contain more than one origin`),
	safari(wildcardOrigin, "", `Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true`),
	safari(missingCredentials, "", `Credentials flag is true, but Access-Control-Allow-Credentials is not "?true"?`),
	safari(headerNotAllowed, Preflight, `Request header field (?P<header>\S+) is not allowed by Access-Control-Allow-Headers`),
	safari(methodNotAllowed, Preflight, `Method (?P<method>\S+) is not allowed by Access-Control-Allow-Methods`),
	safari(preflightStatus, Preflight, `Preflight response is not successful`),
	safari(preflightRedirect, Preflight, `Preflight response is a redirection|[Rr]edirection(?:s)? (?:is|are) not allowed for (?:a )?preflight`),
	safari(redirectCredentials, Redirect, `Redirection to URL with credentials`),
	safari(redirectRefused, Redirect, `Cross-origin redirection to (?P<value>\S+) denied by Cross-Origin Resource Sharing policy`),
	safari(originNotAllowed, "", `Origin '?(?P<origin>\S+?)'? is not allowed by Access-Control-Allow-Origin`),
	safari(mixedContent, "", `was not allowed to (?:display|run) insecure content`),
	safari(contentPolicy, "", `does not appear in the connect-src directive`),
	safari(resourcePolicy, "", `Cancelled load to .* because it violates the resource's Cross-Origin-Resource-Policy`),
	safari(refusedConnection, "", `Could not connect to the server`),
	safari(emptyResponse, "", `The network connection was lost`),
	safari(unknownName, "", `A server with the specified hostname could not be found`),
	safari(unnamed, "", `due to access control checks`),
	safari(noResponse, "", `TypeError: Load failed|^Load failed$`),

	// Of any browser, or of a library.
	{"", errorStatus, "", regexp.MustCompile(`(?:^|\b(?P<method>GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) )(?P<url>https?://\S+) (?P<status>[45]\d\d)\b|[Rr]equest failed with status code (?P<status>[45]\d\d)|responded with a status of (?P<status>[45]\d\d)`)},
	{"", noResponse, "", regexp.MustCompile(`(?i)^(?:\S+: )?failed to fetch$|AxiosError: Network Error|^(?:Error: )?Network Error$|ERR_NETWORK\b|Http failure response for .*: 0 Unknown Error|^(?:Uncaught \(in promise\) )?AxiosError\b`)},
	{"", unnamed, "", regexp.MustCompile(`(?i)\(?blocked:cors\)?|\bcors error\b|has been blocked by CORS policy|Access blocked by CORS policy|Cross-Origin Request Blocked`)},
}

func chrome(topic string, stage Stage, text string) pattern {
	return pattern{Chrome, topic, stage, regexp.MustCompile(text)}
}

func firefox(topic string, stage Stage, text string) pattern {
	return pattern{Firefox, topic, stage, regexp.MustCompile(text)}
}

func safari(topic string, stage Stage, text string) pattern {
	return pattern{Safari, topic, stage, regexp.MustCompile(text)}
}

// starts are where one message of a browser begins, in the midst of a line too
// (after the name of a script, say).
var starts = regexp.MustCompile(`(?:Access to [\w ]+ at '|Access blocked by CORS policy|Redirect from '|Cross-Origin Request (?:Blocked|Warning): |Failed to load resource: |` +
	`Failed to load (?:https?|file):|(?:XMLHttpRequest|Fetch API|EventSource) cannot load |Origin \S+ is not allowed by Access-Control-Allow-Origin|Preflight response is not successful|` +
	`(?:Request header field|Method) \S+ is not allowed by |Credentials flag is true|Cannot use wildcard in Access-Control|Mixed Content: |Refused to |Blocked loading mixed|` +
	`(?:Uncaught \(in promise\) )?(?:TypeError|AxiosError)\b|Unhandled Promise Rejection: |(?:(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) )?\S+ net::ERR_|(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) https?://\S+ [45]\d\d\b|Cross-origin redirection to |Authorization will not be covered)`)

// Where a message has what it says of the request.
var (
	chromeRequest = regexp.MustCompile(`Access to .+? at '(?P<url>.+?)' (?:\(redirected from '(?P<from>.+?)'\) )?from origin '(?P<origin>[^']*)'`)
	chromeHop     = regexp.MustCompile(`Redirect from '(?P<from>.+?)' to '(?P<url>.+?)' has been blocked`)
	chromeLine    = regexp.MustCompile(`(?:(?P<method>GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) )?(?P<url>https?://\S+) net::ERR_`)
	cannotLoad    = regexp.MustCompile(`(?:cannot load|Failed to load|resource at|située sur|Ressource auf|recurso remoto en) '?(?P<url>(?:https?|file):[^\s']+?)[.:,]?'?(?:\.|,|:)?(?:\s|$)`)
	insecure      = regexp.MustCompile(`The page at '(?P<origin>https?://[^/'\s]+)[^']*' was loaded over HTTPS, but requested an insecure [^']*'(?P<url>[^']+)'`)
	oldOrigin     = regexp.MustCompile(`Origin '?(?P<origin>[^\s']+)'? is (?:therefore )?not allowed`)
	statusCode    = regexp.MustCompile(`(?i)(?:status ?code:?|code d.état :|HTTP status code|codice di stato:|código de estado:) (?P<status>\d{3})\b`)
	anyURL        = regexp.MustCompile(`(?P<url>https?://[^\s'"<>)]+)`)
)

// facts are tried in this order, and fill in what is still empty.
var facts = []*regexp.Regexp{chromeRequest, chromeHop, chromeLine, insecure, cannotLoad, oldOrigin, statusCode}

// quotes makes the quotes of all languages straight, and blanks plain.
var quotes = strings.NewReplacer("‘", "'", "’", "'", "“", `"`, "”", `"`, "„", "'", "‚", "'", "« ", "'", " »", "'", "«", "'", "»", "'", "`", "'",
	"\u00a0", " ", "\u202f", " ", "\u200b", "")
