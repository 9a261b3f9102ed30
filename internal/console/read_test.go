package console_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/console"
)

// A line is what a browser prints, and what is read of it: browser, topic and
// stage, then the facts, as summary writes them.
type line struct{ text, want string }

// summary writes what was read of a text, a message a line.
func summary(text string) string {
	var lines []string
	for _, m := range console.Read(text) {
		words := []string{orDash(m.Browser), m.Topic.ID, orDash(string(m.Stage))}
		for _, f := range [][2]string{
			{"url", m.URL}, {"from", m.RedirectedFrom}, {"origin", m.Origin}, {"method", m.Method},
			{"header", m.Header}, {"value", m.Value}, {"status", fmt.Sprint(m.Status)},
		} {
			if f[1] != "" && f[1] != "0" {
				words = append(words, f[0]+"="+f[1])
			}
		}
		if m.ByHeader {
			words = append(words, "by-header")
		}
		lines = append(lines, strings.Join(words, " "))
	}
	return strings.Join(lines, "\n")
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func testLines(t *testing.T, lines []line) {
	t.Helper()
	for _, l := range lines {
		t.Run(l.text[:min(len(l.text), 60)], func(t *testing.T) {
			t.Parallel()
			if got := summary(l.text); got != l.want {
				t.Errorf("%s\n got %s\nwant %s", l.text, got, l.want)
			}
		})
	}
}

// TestReadHostile reads pastes whose phrases might each be compared with all
// that stands before; that would take minutes.
func TestReadHostile(t *testing.T) {
	t.Parallel()
	distinct := func(i int) string {
		return fmt.Sprintf("Access to fetch at 'http://a/%d' from origin 'http://b' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present ", i)
	}
	for name, c := range map[string]struct {
		piece func(i int) string
		want  int
	}{
		"each completes the one before": {func(int) string { return "Failed to load resource: " }, 0},
		"what cannot be loaded":         {func(int) string { return "Failed to load https://x cannot load " }, 0},
		"one message again and again":   {func(int) string { return distinct(1) }, 2}, // the last is cut
		"many messages":                 {distinct, 200},
		"few messages in turn":          {func(i int) string { return distinct(i % 199) }, 199},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			for i := 0; b.Len() < 256<<10; i++ {
				b.WriteString(c.piece(i))
			}
			if got := console.Read(b.String()); len(got) != c.want {
				t.Errorf("read %d messages, want %d", len(got), c.want)
			}
		})
	}
}

// TestReadStatus has answers that came, with an error of the server's.
func TestReadStatus(t *testing.T) {
	t.Parallel()
	testLines(t, []line{
		{"GET http://localhost:3000/Prod/items 404 (Not Found)", "- error-status - url=http://localhost:3000/Prod/items method=GET status=404"},
		{"app.js:3 POST http://localhost:3000/items 502 (Bad Gateway)", "- error-status - url=http://localhost:3000/items method=POST status=502"},
		{"Failed to load resource: the server responded with a status of 403 (Forbidden)", "- error-status - status=403"},
		{"Uncaught (in promise) AxiosError: Request failed with status code 404", "- error-status - status=404"},
		{"Uncaught (in promise) AxiosError {message: 'Network Error', name: 'AxiosError', code: 'ERR_NETWORK'}", "- no-response -"},
		{"AxiosError", "- no-response -"},
		{"GET http://localhost:3000/items net::ERR_FAILED 404 (Not Found)", "Chrome no-response - url=http://localhost:3000/items method=GET status=404"},
		{fetchBlocked + "No 'Access-Control-Allow-Origin' header is present on the requested resource. GET http://localhost:3000/items 403 (Forbidden)",
			"Chrome missing-allow-origin actual url=http://localhost:3000/items origin=http://localhost:5173 method=GET status=403"},
	})
	for text, want := range map[string]string{"TypeError: Load failed": "", "TypeError: Failed to fetch": "", "Reason: CORS request did not succeed": "CORSDidNotSucceed"} {
		if all := console.Read(text); len(all) != 1 || all[0].Firefox != want {
			t.Errorf("%s: got %+v, want Firefox's name %q", text, all, want)
		}
	}
}

// fetchBlocked begins a line of Chrome.
const fetchBlocked = "Access to fetch at 'http://localhost:3000/items' from origin 'http://localhost:5173' has been blocked by CORS policy: "

const (
	request   = " url=http://localhost:3000/items origin=http://localhost:5173"
	preflight = "Response to preflight request doesn't pass access control check: "
)

func TestChrome(t *testing.T) {
	t.Parallel()
	testLines(t, []line{
		{fetchBlocked + "No 'Access-Control-Allow-Origin' header is present on the requested resource.", "Chrome missing-allow-origin actual" + request},
		{fetchBlocked + preflight + "No 'Access-Control-Allow-Origin' header is present on the requested resource.", "Chrome missing-allow-origin preflight" + request},
		{fetchBlocked + "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'.", "Chrome wildcard-with-credentials actual" + request},
		{fetchBlocked + preflight + "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'. The credentials mode of requests initiated by the XMLHttpRequest is controlled by the withCredentials attribute.", "Chrome wildcard-with-credentials preflight" + request},
		{fetchBlocked + "The 'Access-Control-Allow-Origin' header contains multiple values 'http://a.test, http://b.test', but only one is allowed.", "Chrome several-allow-origins actual" + request + " value=http://a.test, http://b.test"},
		{fetchBlocked + preflight + "The 'Access-Control-Allow-Origin' header contains multiple values '*, *', but only one is allowed.", "Chrome several-allow-origins preflight" + request + " value=*, *"},
		{fetchBlocked + "The 'Access-Control-Allow-Origin' header contains the invalid value 'localhost'.", "Chrome invalid-allow-origin actual" + request + " value=localhost"},
		{fetchBlocked + preflight + "The 'Access-Control-Allow-Origin' header contains the invalid value ''.", "Chrome invalid-allow-origin preflight" + request},
		{fetchBlocked + "The 'Access-Control-Allow-Origin' header has a value 'https://app.example.com' that is not equal to the supplied origin. Have the server send the header with a valid value.", "Chrome allow-origin-mismatch actual" + request + " value=https://app.example.com"},
		{fetchBlocked + preflight + "The 'Access-Control-Allow-Origin' header has a value 'http://localhost:5174' that is not equal to the supplied origin.", "Chrome allow-origin-mismatch preflight" + request + " value=http://localhost:5174"},
		{fetchBlocked + "The value of the 'Access-Control-Allow-Credentials' header in the response is '' which must be 'true' when the request's credentials mode is 'include'.", "Chrome missing-allow-credentials actual" + request},
		{fetchBlocked + preflight + "The value of the 'Access-Control-Allow-Credentials' header in the response is 'True' which must be 'true' when the request's credentials mode is 'include'.", "Chrome missing-allow-credentials preflight" + request + " value=True"},
		{fetchBlocked + preflight + "It does not have HTTP ok status.", "Chrome preflight-status preflight" + request},
		{fetchBlocked + preflight + "Redirect is not allowed for a preflight request.", "Chrome preflight-redirect preflight" + request},
		{fetchBlocked + "Cannot parse Access-Control-Allow-Methods response header field in preflight response.", "Chrome invalid-allow-methods preflight" + request},
		{fetchBlocked + "Cannot parse Access-Control-Allow-Headers response header field in preflight response.", "Chrome invalid-allow-headers preflight" + request},
		{fetchBlocked + "Method PATCH is not allowed by Access-Control-Allow-Methods in preflight response.", "Chrome method-not-allowed preflight" + request + " method=PATCH"},
		{fetchBlocked + "Request header field x-api-key is not allowed by Access-Control-Allow-Headers in preflight response.", "Chrome header-not-allowed preflight" + request + " header=x-api-key"},
		{fetchBlocked + "Redirect location 'http://u:p@localhost:3000/' contains a username and password, which is disallowed for cross-origin requests.", "Chrome redirect-with-credentials redirect" + request + " value=http://u:p@localhost:3000/"},
		{fetchBlocked + "Cross origin requests are only supported for protocol schemes: chrome, chrome-extension, data, http, https.", "Chrome scheme-without-cors -" + request},
		{fetchBlocked + "Cross origin requests are not allowed by request mode.", "Chrome mode-same-origin -" + request},
		{fetchBlocked + `Request mode is "no-cors" but the redirect mode is not "follow".`, "Chrome mode-no-cors-redirect -" + request},
		{fetchBlocked + "The request client is not a secure context and the resource is in more-private address space `loopback`.", "Chrome local-network -" + request},
		{fetchBlocked + "Permission was denied for this request to access the `loopback` address space.", "Chrome local-network -" + request},
		{fetchBlocked + "Request had a target IP address space of `local` yet the resource is in address space `loopback`.", "Chrome local-network -" + request},
		{fetchBlocked + "No 'Access-Control-Allow-Private-Network' header was present in the preflight response for this private network request targeting the `local` address space.", "Chrome local-network -" + request},
		{fetchBlocked + "The response is invalid.", "Chrome empty-response -" + request},
		{"Access to XMLHttpRequest at 'http://localhost:3000/b' (redirected from 'http://localhost:3000/a') from origin 'null' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource.",
			"Chrome missing-allow-origin actual url=http://localhost:3000/b from=http://localhost:3000/a origin=null"},
		{"Access to font at 'http://cdn.test/a.woff2' from origin 'http://localhost:5173' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource.", "Chrome missing-allow-origin actual url=http://cdn.test/a.woff2 origin=http://localhost:5173"},
		{"Access to script at 'file:///C:/app.js' from origin 'null' has been blocked by CORS policy: Cross origin requests are only supported for protocol schemes: http, data, https.", "Chrome scheme-without-cors - url=file:///C:/app.js origin=null"},
		{"Access to CSS stylesheet at 'http://cdn.test/a.css' from origin 'http://localhost:5173' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource.", "Chrome missing-allow-origin actual url=http://cdn.test/a.css origin=http://localhost:5173"},
		{"GET http://localhost:3000/items net::ERR_CONNECTION_REFUSED", "Chrome connection-refused - url=http://localhost:3000/items method=GET"},
		{"POST https://localhost:3000/items net::ERR_SSL_PROTOCOL_ERROR", "Chrome not-tls - url=https://localhost:3000/items method=POST"},
		{"GET https://localhost:8443/items net::ERR_CERT_AUTHORITY_INVALID", "Chrome certificate-not-trusted - url=https://localhost:8443/items method=GET"},
		{"GET http://localhost:3000/items net::ERR_EMPTY_RESPONSE", "Chrome empty-response - url=http://localhost:3000/items method=GET"},
		{"GET http://localhost:6667/items net::ERR_UNSAFE_PORT", "Chrome bad-port - url=http://localhost:6667/items method=GET"},
		{"GET http://sam:3000/items net::ERR_NAME_NOT_RESOLVED", "Chrome name-not-resolved - url=http://sam:3000/items method=GET"},
		{"GET http://localhost:3000/ads net::ERR_BLOCKED_BY_CLIENT", "Chrome blocked-by-extension - url=http://localhost:3000/ads method=GET"},
		{"net::ERR_RESPONSE_HEADERS_MULTIPLE_LOCATION", "Chrome response-not-http -"},
		{"GET http://localhost:3000/items net::ERR_CONTENT_DECODING_FAILED 200 (OK)", "Chrome body-not-as-declared - url=http://localhost:3000/items method=GET status=200"},
		{"net::ERR_INCOMPLETE_CHUNKED_ENCODING", "Chrome body-not-as-declared -"},
		{"net::ERR_INVALID_CHUNKED_ENCODING", "Chrome body-not-as-declared -"},
		{"net::ERR_CONTENT_LENGTH_MISMATCH", "Chrome body-not-as-declared -"},
		{"net::ERR_ADDRESS_UNREACHABLE", "Chrome address-unreachable -"},
		{"net::ERR_CERT_COMMON_NAME_INVALID", "Chrome certificate-not-trusted -"},
		{"net::ERR_INVALID_REDIRECT", "Chrome redirect-refused redirect"},
		{"net::ERR_FAILED", "Chrome no-response -"},
		{"POST http://localhost:3000/items net::ERR_FAILED 403 (Forbidden)", "Chrome no-response - url=http://localhost:3000/items method=POST status=403"},
		{"Uncaught (in promise) TypeError: Failed to fetch", "Chrome no-response -"},
		{"Failed to fetch", "- no-response -"},
		{"AxiosError: Network Error", "- no-response -"},
		{`Refused to get unsafe header "X-Request-Id"`, "Chrome header-not-exposed - header=x-request-id"},
		{"Authorization will not be covered by the wildcard symbol (*) in CORS `Access-Control-Allow-Headers` handling.", "Chrome authorization-not-covered preflight header=authorization"},
		{"Mixed Content: The page at 'https://app.test/' was loaded over HTTPS, but requested an insecure resource 'http://api.test/items'. This request has been blocked; the content must be served over HTTPS.", "Chrome mixed-content - url=http://api.test/items origin=https://app.test"},
		{"Mixed Content: The page at 'https://app.test/shop?a=b' was loaded over HTTPS, but requested an insecure XMLHttpRequest endpoint 'http://192.168.1.20:8080/items'. This request has been blocked; the content must be served over HTTPS.", "Chrome mixed-content - url=http://192.168.1.20:8080/items origin=https://app.test"},
		{"Refused to connect to 'http://localhost:3000/items' because it violates the following Content Security Policy directive: \"connect-src 'self'\".", "Chrome content-security-policy - url=http://localhost:3000/items"},
	})
}

func TestOlderChrome(t *testing.T) {
	t.Parallel()
	const therefore = " Origin 'http://localhost:5173' is therefore not allowed access."
	testLines(t, []line{
		{"XMLHttpRequest cannot load http://localhost:3000/items. No 'Access-Control-Allow-Origin' header is present on the requested resource." + therefore + " The response had HTTP status code 403.", "Chrome missing-allow-origin actual" + request + " status=403"},
		{"Failed to load http://localhost:3000/items: " + preflight + "No 'Access-Control-Allow-Origin' header is present on the requested resource." + therefore + " The response had HTTP status code 403. If an opaque response serves your needs, set the request's mode to 'no-cors' to fetch the resource with CORS disabled.", "Chrome missing-allow-origin preflight" + request + " status=403"},
		{"Fetch API cannot load http://localhost:3000/items. " + preflight + "The 'Access-Control-Allow-Origin' header has a value 'http://a.test' that is not equal to the supplied origin." + therefore, "Chrome allow-origin-mismatch preflight" + request + " value=http://a.test"},
		{"XMLHttpRequest cannot load http://localhost:3000/items. Response for preflight has invalid HTTP status code 401", "Chrome preflight-status preflight url=http://localhost:3000/items status=401"},
		{"Failed to load http://localhost:3000/items: Response for preflight is invalid (redirect)", "Chrome preflight-redirect preflight url=http://localhost:3000/items"},
		{"XMLHttpRequest cannot load http://localhost:3000/items. Request header field Content-Type is not allowed by Access-Control-Allow-Headers in preflight response.", "Chrome header-not-allowed preflight url=http://localhost:3000/items header=content-type"},
		{"XMLHttpRequest cannot load http://localhost:3000/items. A wildcard '*' cannot be used in the 'Access-Control-Allow-Origin' header when the credentials flag is true." + therefore, "Chrome wildcard-with-credentials actual" + request},
		{"XMLHttpRequest cannot load http://localhost:3000/items. Credentials flag is 'true', but the 'Access-Control-Allow-Credentials' header is ''. It must be 'true' to allow credentials." + therefore, "Chrome missing-allow-credentials actual" + request},
		{"Redirect from 'http://localhost:3000/a' to 'http://localhost:3000/b' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource." + therefore, "Chrome missing-allow-origin actual url=http://localhost:3000/b from=http://localhost:3000/a origin=http://localhost:5173"},
		{"XMLHttpRequest cannot load file:///a.json. Cross origin requests are only supported for HTTP.", "Chrome scheme-without-cors - url=file:///a.json"},
	})
}

func TestFirefox(t *testing.T) {
	t.Parallel()
	const blocked = "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at http://localhost:3000/items. (Reason: "
	const url = " url=http://localhost:3000/items"
	testLines(t, []line{
		{blocked + "CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 403.", "Firefox missing-allow-origin -" + url + " status=403"},
		{blocked + "CORS header 'Access-Control-Allow-Origin' missing).", "Firefox missing-allow-origin -" + url},
		{blocked + "CORS header ‘Access-Control-Allow-Origin’ does not match ‘https://app.example.com’).", "Firefox allow-origin-mismatch -" + url + " value=https://app.example.com"},
		{blocked + "Multiple CORS header ‘Access-Control-Allow-Origin’ not allowed).", "Firefox several-allow-origins -" + url},
		{strings.Replace(blocked, "http://localhost:3000/items", "‘http://localhost:3000/items’", 1) + "Credential is not supported if the CORS header ‘Access-Control-Allow-Origin’ is ‘*’).", "Firefox wildcard-with-credentials -" + url},
		{blocked + "expected ‘true’ in CORS header ‘Access-Control-Allow-Credentials’).", "Firefox missing-allow-credentials -" + url},
		{blocked + "Did not find method in CORS header ‘Access-Control-Allow-Methods’).", "Firefox method-not-allowed preflight" + url},
		{blocked + "invalid token ‘\"GET\"’ in CORS header ‘Access-Control-Allow-Methods’).", `Firefox invalid-allow-methods preflight` + url + ` value="GET"`},
		{blocked + "invalid token ‘a b’ in CORS header ‘Access-Control-Allow-Headers’).", "Firefox invalid-allow-headers preflight" + url + " value=a b"},
		{blocked + "header ‘content-type’ is not allowed according to header ‘Access-Control-Allow-Headers’ from CORS preflight response).", "Firefox header-not-allowed preflight" + url + " header=content-type"},
		{blocked + "missing token ‘content-type’ in CORS header ‘Access-Control-Allow-Headers’ from CORS preflight channel).", "Firefox header-not-allowed preflight" + url + " header=content-type"},
		{blocked + "CORS preflight response did not succeed). Status code: 403.", "Firefox preflight-status preflight" + url + " status=403"},
		{blocked + "CORS request external redirect not allowed).", "Firefox redirect-refused redirect" + url},
		{blocked + "CORS request not http).", "Firefox scheme-without-cors -" + url},
		{blocked + "CORS request did not succeed). Status code: (null).", "Firefox no-response -" + url},
		{blocked + "CORS disabled).", "Firefox cors-disabled -" + url},
		{"Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at http://localhost:3000/items. This can be fixed by moving the resource to the same domain or enabling CORS.", "Firefox origin-not-allowed -" + url},
		{"Cross-Origin Request Warning: The Same Origin Policy will disallow reading the remote resource at http://localhost:3000/items soon. (Reason: When the ‘Access-Control-Allow-Headers’ is ‘*’, the ‘Authorization’ header is not covered. To include the ‘Authorization’ header, it must be explicitly listed in CORS header ‘Access-Control-Allow-Headers’).", "Firefox authorization-not-covered preflight" + url + " header=authorization"},
		{"TypeError: NetworkError when attempting to fetch resource.", "Firefox no-response -"},
	})
}

func TestSafari(t *testing.T) {
	t.Parallel()
	testLines(t, []line{
		{"[Error] Origin http://localhost:5173 is not allowed by Access-Control-Allow-Origin. Status code: 403", "Safari origin-not-allowed - origin=http://localhost:5173 status=403"},
		{"Origin null is not allowed by Access-Control-Allow-Origin.", "Safari origin-not-allowed - origin=null"},
		{"Preflight response is not successful. Status code: 403", "Safari preflight-status preflight status=403"},
		{"Request header field authorization is not allowed by Access-Control-Allow-Headers.", "Safari header-not-allowed preflight header=authorization"},
		{"Method PATCH is not allowed by Access-Control-Allow-Methods.", "Safari method-not-allowed preflight method=PATCH"},
		{`Credentials flag is true, but Access-Control-Allow-Credentials is not "true".`, "Safari missing-allow-credentials -"},
		{"Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true.", "Safari wildcard-with-credentials -"},
		{"Access-Control-Allow-Origin cannot contain more than one origin.", "Safari several-allow-origins -"},
		{"Fetch API cannot load http://localhost:3000/items due to access control checks.", "Safari access-control-checks - url=http://localhost:3000/items"},
		{"XMLHttpRequest cannot load http://localhost:3000/items due to access control checks.", "Safari access-control-checks - url=http://localhost:3000/items"},
		{"Failed to load resource: Could not connect to the server.", "Safari connection-refused -"},
		{"Unhandled Promise Rejection: TypeError: Load failed", "Safari no-response -"},
		{"Load failed", "Safari no-response -"},
	})
}

func TestNames(t *testing.T) {
	t.Parallel()
	testLines(t, []line{
		{"PreflightMissingAllowOriginHeader", "Chrome missing-allow-origin preflight"},
		{"Cross-Origin Resource Sharing error: MissingAllowOriginHeader", "Chrome missing-allow-origin actual"},
		{"CORS error: HeaderDisallowedByPreflightResponse", "Chrome header-not-allowed preflight"},
		{"LocalNetworkAccessPermissionDenied", "Chrome local-network -"},
		{"CORSMissingAllowOrigin", "Firefox missing-allow-origin -"},
		{"CORSMissingAllowOrigin2", "Firefox missing-allow-origin -"},
		{"CORS Missing Allow Origin", "Firefox missing-allow-origin -"},
		{"CORS Missing Allow Origin\nCORS Missing Allow Origin", "Firefox missing-allow-origin -"},
		{"CORSMissingAllowOrigin CORSMissingAllowOrigin", "Firefox missing-allow-origin -"},
		{"CORS Preflight Did Not Succeed", "Firefox preflight-status preflight"},
		{"https://developer.mozilla.org/docs/Web/HTTP/CORS/Errors/CORSNotSupportingCredentials", "Firefox wildcard-with-credentials -"},
		{"(blocked:cors)", "- access-control-checks -"},
		{"CORS error", "- access-control-checks -"},
	})
}

// What is cut, translated or reworded is read by the names of headers.
func TestByHeader(t *testing.T) {
	t.Parallel()
	testLines(t, []line{
		{"Quellübergreifende (Cross-Origin) Anfrage blockiert: Die Gleiche-Quelle-Regel verbietet das Lesen der externen Ressource auf http://localhost:3000/items. (Grund: CORS-Kopfzeile 'Access-Control-Allow-Origin' fehlt). Statuscode: 403.", "- missing-allow-origin - url=http://localhost:3000/items status=403 by-header"},
		{"Blocage d’une requête multiorigines (Cross-Origin Request) : la politique « Same Origin » ne permet pas de consulter la ressource distante située sur http://localhost:3000/items. Raison : l’en-tête CORS « Access-Control-Allow-Origin » ne correspond pas à « https://app.example.com ».", "- allow-origin-mismatch - url=http://localhost:3000/items value=https://app.example.com by-header"},
		{"Solicitud desde otro origen bloqueada: encabezado ‘content-type’ no permitido según ‘Access-Control-Allow-Headers’", "- header-not-allowed preflight header=content-type by-header"},
		{"no Access-Control-Allow-Origin", "- missing-allow-origin - by-header"},
	})
}

func TestPastes(t *testing.T) {
	t.Parallel()
	testLines(t, []line{
		// Lines that are broken, a place before them, and what follows from it.
		{"app.js:12 Access to fetch at 'http://localhost:3000/items' from origin\n 'http://localhost:5173' has been blocked by CORS policy:\n Response to preflight request doesn't pass access\n control check: No 'Access-Control-Allow-Origin' header is present on the requested resource.\napp.js:12 POST http://localhost:3000/items net::ERR_FAILED\nload @ app.js:12\nUncaught (in promise) TypeError: Failed to fetch\n    at load (app.js:12:3)",
			"Chrome missing-allow-origin preflight" + request + " method=POST"},
		// Two requests.
		{fetchBlocked + preflight + "It does not have HTTP ok status.\n" + strings.ReplaceAll(fetchBlocked, "/items", "/users") + "Method PUT is not allowed by Access-Control-Allow-Methods in preflight response.",
			"Chrome preflight-status preflight" + request + "\nChrome method-not-allowed preflight url=http://localhost:3000/users origin=http://localhost:5173 method=PUT"},
		// Safari's three lines of one request.
		{"[Error] Origin http://localhost:5173 is not allowed by Access-Control-Allow-Origin. Status code: 200\n[Error] Fetch API cannot load http://localhost:3000/items due to access control checks.\n[Error] Failed to load resource: Origin http://localhost:5173 is not allowed by Access-Control-Allow-Origin. Status code: 200 (items, line 0)",
			"Safari origin-not-allowed - url=http://localhost:3000/items origin=http://localhost:5173 status=200"},
		// Firefox's consequence.
		{"Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at http://localhost:3000/items. (Reason: CORS preflight response did not succeed). Status code: 403.\n\nCross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at http://localhost:3000/items. (Reason: CORS request did not succeed). Status code: (null).\n\nTypeError: NetworkError when attempting to fetch resource. app.js:3",
			"Firefox preflight-status preflight url=http://localhost:3000/items status=403"},
		// The general line first.
		{"TypeError: Failed to fetch\n" + fetchBlocked + "No 'Access-Control-Allow-Origin' header is present on the requested resource.",
			"Chrome missing-allow-origin actual" + request},
		{"Hello, world", ""},
		{"", ""},
		{"GET http://localhost:3000/items 200 OK", ""},
	})
}

// A hostile text ends in time, and in nothing that could be run.
func FuzzRead(f *testing.F) {
	f.Add(fetchBlocked + preflight + "It does not have HTTP ok status.")
	f.Add("Access to fetch at '$(reboot)' from origin 'http://a;b' has been blocked by CORS policy: Request header field x';y is not allowed by Access-Control-Allow-Headers in preflight response.")
	f.Fuzz(func(t *testing.T, text string) {
		for _, m := range console.Read(text) {
			if m.Topic.ID == "" || m.Topic.Title == "" {
				t.Errorf("%q has no topic", text)
			}
			for _, p := range m.Remedies() {
				if strings.ContainsAny(p.Text, "$`;\\") {
					t.Errorf("%q makes %q", text, p.Text)
				}
			}
		}
	})
}
