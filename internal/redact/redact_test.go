package redact_test

import (
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/redact"
)

const secret = "5eCr3t"

func TestField(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, value, want string }{
		{"X-Api-Key", secret, "REDACTED"},
		{"Api_Key", secret, "REDACTED"},
		{"X-Auth-Key", secret, "REDACTED"},
		{"Ocp-Apim-Subscription-Key", secret, "REDACTED"},
		{"X-Functions-Key", secret, "REDACTED"},
		{"X-Auth", secret, "REDACTED"},
		{"X-Session", secret, "REDACTED"},
		{"X-Access", secret, "REDACTED"},
		{"X-Amz-Security-Token", secret, "REDACTED"},
		{"Authorization", "Bearer " + secret, "Bearer REDACTED"},
		{"Authorization", "AWS4-HMAC-SHA256 Credential=" + secret, "AWS4-HMAC-SHA256 REDACTED"},
		{"Authorization", secret + " xyz", "REDACTED"},
		{"Authorization", secret, "REDACTED"},
		{"Proxy-Authorization", "Basic " + secret, "Basic REDACTED"},
		{"Cookie", "a=" + secret + "; " + secret, "a=REDACTED;REDACTED"},
		{"Set-Cookie", "a=" + secret + "; Path=/; HttpOnly; SameSite=Lax; Max-Age=9", "a=REDACTED; Path=/; HttpOnly; SameSite=Lax; Max-Age=9"},
		{"Set-Cookie", "a=x;" + secret + "; Secure=" + secret, "a=REDACTED; REDACTED; Secure=REDACTED"},
		{"Sec-WebSocket-Protocol", "graphql-ws, " + secret, "graphql-ws, REDACTED"},
		{"Sec-Session-Id", secret, "REDACTED"},
		{"X-Sessid", secret, "REDACTED"},
		{"X-Passcode", secret, "REDACTED"},
		{"X-Creds", secret, "REDACTED"},
		{"X-CSRF", secret, "REDACTED"},
		{"X-Pin", secret, "REDACTED"},
		{"X-Mfa-Code", secret, "REDACTED"},
		{"X-Verification-Code", secret, "REDACTED"},
		{"X-Any", "a, Bearer\t" + secret, "a, Bearer\tREDACTED"},
		{"X-Any", `{"name":"password","value":"` + secret + `"}`, `{"name":"password","value":"REDACTED"}`},
		{"Access-Control-Request-Headers", "authorization: Bearer " + secret, "authorization: Bearer REDACTED"},
		{"Accept-Token", secret, "REDACTED"},
		{"X-Original", "Bearer " + secret, "Bearer REDACTED"},
		{"X-Basic", "basic " + secret + "=", "basic REDACTED"},
		{"X-Info", `{"a":1,"access_token" :"` + secret + `"}`, "REDACTED"},
		{"X-Info", `"{\"access_token\":\"` + secret + `\"}"`, "REDACTED"},
		{"X-Info", "%7B%22access_token%22%3A%22" + secret + "%22%7D", "REDACTED"},
		{"Referer", "https://user:" + secret + "@a.example/?x=1", "https://REDACTED@a.example/?x=1"},
		{"Location", "/next?code=a;b'" + secret + " c\"d&page=2", "/next?code=REDACTED&page=2"},
		{"Location", "/next#access_token=" + secret + "&page=2", "/next#access_token=REDACTED&page=2"},
		{"Refresh", "5; url=/a?token=" + secret, "5; url=/a?token=REDACTED"},
		{"X-State", "access_token=" + secret, "access_token=REDACTED"},
		{"X-Claims", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0." + secret, "REDACTED"},
		{"Access-Control-Allow-Origin", "https://a.example/?token=" + secret, "https://a.example/?token=REDACTED"},
		// What is none stays readable.
		{"Access-Control-Allow-Headers", "authorization, x-api-key", "authorization, x-api-key"},
		{"Access-Control-Allow-Credentials", "true", "true"},
		{"Access-Control-Request-Headers", "authorization,x-auth-token", "authorization,x-auth-token"},
		{"Content-Type", `multipart/form-data; boundary=--x; charset="utf-8"`, `multipart/form-data; boundary=--x; charset="utf-8"`},
		{"Accept-Signature", `("@method")`, `("@method")`},
		{"X-Info", `{"a":"token","author":"b"}`, `{"a":"token","author":"b"}`},
		{"X-Opinion", "spinning pins", "spinning pins"},
		{"X-Assessment", "essential", "essential"},
		{"X-Plan", "Basic", "Basic"},
		{"Accept-Encoding", "gzip;q=1.0", "gzip;q=1.0"},
		{"Cache-Control", "max-age=5, private", "max-age=5, private"},
		{"WWW-Authenticate", `Bearer realm="a", error="invalid_token"`, `Bearer realm="a", error="invalid_token"`},
		{"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ=="},
		{"Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
		{"Sec-Fetch-Site", "cross-site", "cross-site"},
		{"Origin", "http://localhost:5173", "http://localhost:5173"},
		{"X-Author", "somebody", "somebody"},
		{"X-Keyboard", "de", "de"},
		{"Vary", "Authorization, Cookie", "Authorization, Cookie"},
	} {
		if got := redact.Field(c.name, c.value); got != c.want {
			t.Errorf("%s: %s is shown as %q, want %q", c.name, c.value, got, c.want)
		}
	}
}

func TestLine(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"access_token", "token", "token[]", "key", "x-api-key", "api-key", "subscription-key", "apiKey", "authorization", "session_id",
		"sid", "connect.sid", "SAMLResponse", "user[password]", "user%5Bpwd%5D", "acc%65ss_token", "acc%2565ss_token", "code", "sig", "X-Amz-Signature",
		"client_secret", "auth", "pass", "otp", "confirmation_code", "ConfirmationCode", "verification-code", "oobCode", "device_code", "user_code",
		"SMS_MFA_CODE", "resetcode", "backup_codes", "user[confirmation_code]", "amp;key", "PHPSESSID", "passcode", "pw", "ticket", "csrf", "csrfmiddlewaretoken", "userPin",
	} {
		for _, c := range []struct{ before, after string }{
			{"GET /a?x=1&", "&page=2 HTTP/1.1"},
			{"/a;", "&page=2"},
			{"/a?next=%2Fb%3F", "&page=2"},
			{"/a?next=%252Fb%253F", "&page=2"},
			{"/a?next=/b?", "&page=2"},
		} {
			for _, value := range []string{secret, "a;" + secret, "a'" + secret, `"` + secret, "a=" + secret, "a#" + secret, "a%26" + secret, "<" + secret + ">"} {
				in := c.before + name + "=" + value + c.after
				if got, want := redact.Line(in), c.before+name+"=REDACTED"+c.after; got != want {
					t.Errorf("%s is shown as %s, want %s", in, got, want)
				}
			}
		}
	}
	for _, s := range []string{
		"GET /items?page=2&sort=name&author=me&q=a%20b HTTP/1.1", "/a?token=&page=2", "/keys/token", "/a?next=%2Fb%3Fpage%3D2", "HTTP/1.1 200 OK", "*", "/a?status_code=404",
		"/a?errorCode=1&country-code=DE&zipcode=1&user_status_code=2&challengeName=x&decode=1",
		"/a?q=time:10&filter=a:b,c:%22d%22&at=10:20:30&plan=basic+plan&says=bearer%20token%20missing", `/a?q={"user":"me","n":[1]}&next=/b:c`,
		"/a?variables=%7B%22user%22%3A+%22me%22%2C%22page%22%3A%7B%22n%22%3A1%7D%7D",
	} {
		if got := redact.Line(s); got != s {
			t.Errorf("%s is shown as %s", s, got)
		}
	}
}

// TestValuesOfParameters has secrets that are within what a parameter says. What
// stands around them stays, as it is encoded.
func TestValuesOfParameters(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`q={"password":"` + secret + `"}`:                                                      `q={"password":"REDACTED"}`,
		"variables=%7B%22password%22%3A%22" + secret + "%22%2C%22user%22%3A%22me%22%7D":        "variables=%7B%22password%22%3A%22REDACTED%22%2C%22user%22%3A%22me%22%7D",
		"variables=%257B%2522password%2522%253A%2522" + secret + "%2522%257D":                  "variables=%257B%2522password%2522%253A%2522REDACTED%2522%257D",
		"payload=+%5B%7B%22n%22%3A+1%2C+%22otp%22%3A+123456%7D%5D":                             "payload=+%5B%7B%22n%22%3A+1%2C+%22otp%22%3A+%22REDACTED%22%7D%5D",
		"payload=%7B%22url%22%3A%22https%3A%2F%2Fa%3Ftoken%3D" + secret + "%22%7D":             "payload=%7B%22url%22%3A%22https%3A%2F%2Fa%3Ftoken%3DREDACTED%22%7D",
		"payload=%7B%22name%22%3A%22token%22%2C%22value%22%3A%22" + secret + "%22%7D":          "payload=%7B%22name%22%3A%22token%22%2C%22value%22%3A%22REDACTED%22%7D",
		`payload={"a":"x%2522,%2522","password":"` + secret + `"}`:                             `payload={"a":"x%2522,%2522","password":"REDACTED"}`,
		"payload=%7Bpassword=" + secret + "%7D":                                                "payload=%7Bpassword=REDACTED",
		"next=%2Fa%3Fx%3D%7B%22sid%22%3A%22" + secret + "%22%7D":                               "next=%2Fa%3Fx%3D%7B%22sid%22%3A%22REDACTED%22%7D",
		"query=mutation%7Blogin(user%3A%22me%22%2Cpassword%3A%22" + secret + "%22)%7Bid%7D%7D": "query=mutation%7Blogin(user%3A%22me%22%2Cpassword%3A%22REDACTED%22)%7Bid%7D%7D",
		"h=Bearer%20" + secret: "h=Bearer%20REDACTED",
		"h=Bearer+" + secret:   "h=Bearer+REDACTED",
	} {
		for show, line := range map[string]bool{"Line": true, "Form": false} {
			got := redact.Form("a=b&" + in + "&page=2")
			if line {
				got = redact.Line("GET /?a=b&" + in + "&page=2 HTTP/1.1")
				want := "GET /?a=b&" + want + "&page=2 HTTP/1.1"
				if got != want || redact.Line(got) != got {
					t.Errorf("%s: %s is shown as %s, want %s", show, in, got, want)
				}
				continue
			}
			if want := "a=b&" + want + "&page=2"; got != want || redact.Form(got) != got {
				t.Errorf("%s: %s is shown as %s, want %s", show, in, got, want)
			}
		}
		whole := "/?" + in
		for cut := range len(whole) {
			if got := redact.Line(whole[:cut]); strings.Contains(got, secret[:2]) {
				t.Errorf("%s is shown as %s", whole[:cut], got)
			}
		}
	}
}

// TestTarget has the user and the password of a target in absolute form and in
// authority form.
func TestTarget(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"CONNECT u:" + secret + "@h:80 HTTP/1.1":         "CONNECT REDACTED@h:80 HTTP/1.1",
		"u:" + secret + "@h:80":                          "REDACTED@h:80",
		"http://u:" + secret + "@h/a@b":                  "http://REDACTED@h/a@b",
		"GET http://u:" + secret + "@h/ HTTP/1.1":        "GET http://REDACTED@h/ HTTP/1.1",
		"GET /users/a@b.example/@me HTTP/1.1":            "GET /users/a@b.example/@me HTTP/1.1",
		"/@scope/package":                                "/@scope/package",
		"/a;token=" + secret + "&b=c#id_token=" + secret: "/a;token=REDACTED&b=c#id_token=REDACTED",
	} {
		if got := redact.Line(in); got != want {
			t.Errorf("%s is shown as %s, want %s", in, got, want)
		}
	}
}

func TestPath(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"/plain/https://u:" + secret + "@h/x":         "/plain/https://REDACTED@h/x",
		"/plain/https:/u:" + secret + "@h/x":          "/plain/https:/REDACTED@h/x",
		"/plain/1//u:" + secret + "@h/":               "/plain/1//REDACTED@h/",
		"/plain/%2Fu:" + secret + "@h":                "/plain/%2FREDACTED@h",
		"/plain/1//u:" + secret + "%40h":              "/plain/1//REDACTED%40h",
		"/plain/https%3A%2F%2Fu%3A" + secret + "%40h": "/plain/https%3A%2F%2FREDACTED%40h",
		"/plain/https:%2F%5Cu:" + secret + "@h":       "/plain/https:%2F%5CREDACTED@h",
		"/a;token=" + secret + "/b%3Fsid=" + secret:   "/a;token=REDACTED/b%3Fsid=REDACTED",
		"/token=" + secret + "%2Fb&page=2":            "/token=REDACTED%2Fb&page=2",
		"/a/eyJhbGciOiJIUzI1NiJ9." + secret + "/b":    "/a/REDACTED/b",
		`/a/{"password":"` + secret + `/b"}/c`:        `/a/{"password":"REDACTED/b"}/c`,
		"/a/Bearer%20" + secret + "%2Fb/c":            "/a/Bearer%20REDACTED%2Fb/c",
	} {
		if got := redact.Path(in); got != want {
			t.Errorf("%s is shown as %s, want %s", in, got, want)
		}
	}
	for _, s := range []string{"/@user", "/users/a@b.c", "/a//@user", "//users/a@b.c", "/@scope%2Fpackage", "/users/a%40b.c", "/me@x:80/y"} {
		if got := redact.Path(s); got != s {
			t.Errorf("%s is shown as %s", s, got)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{`it is "https://a/?token=` + secret + ` b;'c\"d", and the origin is "http://b"`, `it is "https://a/?token=REDACTED", and the origin is "http://b"`},
		{"GET /a?token=" + secret + " is not there", "GET /a?token=REDACTED is not there"},
		{`is "https://u:` + secret + `@a/" and "b@c"`, `is "https://REDACTED@a/" and "b@c"`},
		{"next=https%3A%2F%2Fu%3A" + secret + "%40a%2F", "next=https%3A%2F%2FREDACTED%40a%2F"},
		{`a token="a ` + secret + `" b`, `a token=REDACTED b`},
		{`said {"user":"me","password":"` + secret + `"}, and`, `said {"user":"me","password":"REDACTED"}, and`},
		{`said "{\"a\":\"\\\"\",\"password\":\"\\\"` + secret + `\"}", and`, `said "{\"a\":\"\\\"\",\"password\":\"REDACTED\"}", and`},
		{`KeyError: {'tokens': [1, '` + secret + `]'], 'password': '` + secret + `', 'n': 1}`, `KeyError: {'tokens': REDACTED, 'password': 'REDACTED', 'n': 1}`},
		{`-H 'Authorization: Basic ` + secret + `' -H "X-Api-Key: ` + secret + `" -v`, `-H 'Authorization: Basic REDACTED' -H "X-Api-Key: REDACTED" -v`},
		{`no "key" here; a=b`, `no "key" here; a=b`},
		{`unexpected token: 'x', duplicate key: "id", at 10:20:30 from auth:8080`, `unexpected token: 'x', duplicate key: "id", at 10:20:30 from auth:8080`},
		{`KeyError: 'DB_URL', AuthException: "no user", JsonWebTokenError: jwt malformed, AccessDeniedException="a"`, `KeyError: 'DB_URL', AuthException: "no user", JsonWebTokenError: jwt malformed, AccessDeniedException="a"`},
		{`AllowCredentials: "'true'", Access-Control-Allow-Headers: "authorization"`, `AllowCredentials: "'true'", Access-Control-Allow-Headers: "authorization"`},
	} {
		if got := redact.Text(c.in); got != c.want {
			t.Errorf("%s is shown as %s, want %s", c.in, got, c.want)
		}
	}
}

// FuzzText has a secret between whatever else stands there.
func FuzzText(f *testing.F) {
	f.Add("?a=1", `"`)
	f.Add("%3Ftoken%3D", `\`)
	f.Add("//@", "%40")
	f.Fuzz(func(t *testing.T, before, after string) {
		in := before + "&access_token=" + secret + "&page=2" + after
		for _, show := range []func(string) string{redact.Line, redact.Value, redact.Text} {
			if got := show(in); strings.Contains(got, secret) {
				t.Errorf("%q is shown as %q", in, got)
			}
		}
	})
}

// TestTemplatesStay has what is to be pasted into a template told as it is.
func TestTemplatesStay(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"write in the OPTIONS method (template.yaml:17):\nAuthorizationType: NONE",
		"write:\nAuth:\n  DefaultAuthorizer: MyCognitoAuthorizer\n  Authorizers:\n    MyCognitoAuthorizer: {UserPoolArn: !GetAtt Users.Arn}",
		"write: Auth: {Authorizer: NONE, ApiKeyRequired: false}",
		"Auth:\n  AddDefaultAuthorizerToCorsPreflight: false\n  AuthorizationScopes: [read]",
		"AllowHeaders: \"'Content-Type,Authorization,X-Api-Key'\"",
		"Cors: {AllowOrigin: \"'http://localhost:5173'\", AllowCredentials: true, AllowHeaders: \"'x-session-token'\"}",
		"headers: {\"Access-Control-Allow-Origin\": \"*\", \"Access-Control-Allow-Credentials\": \"true\"}",
	} {
		if got := redact.Text(in); got != in {
			t.Errorf("%q is shown as %q", in, got)
		}
	}
}

// TestPlacesStay has the line of a file, whatever its name, told in sentences.
func TestPlacesStay(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"auth.yaml", "tokens.yml", "x-api-key.json", "stacks/session.yaml", "secret.password.yaml"} {
		in := "GET /a is declared, as GET /a/{id} (" + file + ":12), and in {" + file + ":8, not mounted; in AllowHeaders (nested/" + file + ":25)"
		if got := redact.Text(in); got != in {
			t.Errorf("%s is shown as %s", in, got)
		}
	}
}
