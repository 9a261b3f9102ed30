package redact_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/redact"
)

func TestJSON(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"a string":         {`{"user":"me","password":"` + secret + `"}`, `{"user":"me","password":"REDACTED"}`},
		"white space":      {"{ \"token\" :\n\t\"" + secret + "\" }", "{ \"token\" :\n\t\"REDACTED\" }"},
		"its spelling":     {`[{"client_secret":"` + secret + `"},{"apiKey":"` + secret + `"},{"refreshToken":"` + secret + `"},{"userPwd":"` + secret + `"}]`, `[{"client_secret":"REDACTED"},{"apiKey":"REDACTED"},{"refreshToken":"REDACTED"},{"userPwd":"REDACTED"}]`},
		"an escaped name":  {`{"pass\u0077ord":"` + secret + `"}`, `{"pass\u0077ord":"REDACTED"}`},
		"an escaped quote": {`{"password":"\"` + secret + `\\","a":"b"}`, `{"password":"REDACTED","a":"b"}`},
		"a number":         {`{"otp":123456,"n":-1.25E3}`, `{"otp":"REDACTED","n":-1.25E3}`},
		"yes, no, nothing": {`{"auth":true,"token":null,"secret":""}`, `{"auth":true,"token":null,"secret":""}`},
		"a list":           {`{"tokens":["` + secret + `",[7]],"n":7}`, `{"tokens":["REDACTED",["REDACTED"]],"n":7}`},
		"a map":            {`{"credentials":{"user":"` + secret + `","x":{"y":1}},"user":"me"}`, `{"credentials":{"user":"REDACTED","x":{"y":"REDACTED"}},"user":"me"}`},
		"fields":           {`{"headers":{"Authorization":"Bearer ` + secret + `","Access-Control-Allow-Headers":"authorization"}}`, `{"headers":{"Authorization":"REDACTED","Access-Control-Allow-Headers":"authorization"}}`},
		"a URL":            {`{"next":"https://u:` + secret + `@a/?access_token=` + secret + `&page=2"}`, `{"next":"https://REDACTED@a/?access_token=REDACTED&page=2"}`},
		"an escaped URL":   {`{"next":"https:\/\/a\/?token=` + secret + `\u0026page=2"}`, `{"next":"https://a/?token=REDACTED&page=2"}`},
		"a token":          {`["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.` + secret + `"]`, `["REDACTED"]`},
		"JSON within JSON": {`{"body":"{\"password\":\"` + secret + `\",\"a\":\"<b>\"}"}`, `{"body":"{\"password\":\"REDACTED\",\"a\":\"<b>\"}"}`},
		"twice within":     {`["[\"{\\\"token\\\":\\\"` + secret + `\\\"}\"]"]`, `["[\"{\\\"token\\\":\\\"REDACTED\\\"}\"]"]`},
		"odd bytes":        {"{\"a\x01\":\"M\xfc\x7f\xc2\x85\",\"password\"\x01:\x7f\"" + secret + "\"}", "{\"a\x01\":\"M\xfc\x7f\xc2\x85\",\"password\"\x01:\x7f\"REDACTED\"}"},
		"odd names":        {"{\"pass\\u0077ord\x01\":\"" + secret + "\",\"\\passwd\":\"" + secret + "\"}", "{\"pass\\u0077ord\x01\":\"REDACTED\",\"\\passwd\":\"REDACTED\"}"},
		"odd bytes within": {"{\"body\":\"{\\\"a\\\":\\\"\x01\\\",\\\"password\\\":\\\"" + secret + "\\\"}\"}", `{"body":"{\"a\":\"\u0001\",\"password\":\"REDACTED\"}"}`},
		"odd escapes":      {`{"body":"{\"a\":\"\'\u00zz\ud83d\ude00\ud83d\",\"password\":\"` + secret + `\"}"}`, `{"body":"{\"a\":\"'` + "\ufffd\U0001f600\ufffd" + `\",\"password\":\"REDACTED\"}"}`},
		"several texts":    {"{\"token\":\"" + secret + "\"}\n{\"token\":\"" + secret + "\"}\n", "{\"token\":\"REDACTED\"}\n{\"token\":\"REDACTED\"}\n"},
		"nothing of it":    {`{"name":"a = b & c","code":"CP3002","author":{"n":1.10}, "x":"\u00e4{"}`, `{"name":"a = b & c","code":"CP3002","author":{"n":1.10}, "x":"\u00e4{"}`},
		"other quotes":     {`{'password':'` + secret + `',token:"` + secret + `",key:'',n:1}`, `{'password':'REDACTED',token:"REDACTED",key:'',n:1}`},
		"a value alone":    {`"password"`, `"password"`},
		"nothing":          {"", ""},
	} {
		if got := redact.JSON(c.in); got != c.want {
			t.Errorf("%s: %s is shown as %s, want %s", name, c.in, got, c.want)
		}
		// Wherever the rest is missing, no part of the secret is there; but that of a
		// URL, whose @ comes after it.
		for cut := range len(c.in) {
			if got := redact.JSON(c.in[:cut]); strings.Contains(got, secret[:2]) && name != "a URL" {
				t.Errorf("%s: %s is shown as %s", name, c.in[:cut], got)
			}
		}
	}
}

// TestJSONNamedBeside has secrets whose names are not those of the members that
// they are in.
func TestJSONNamedBeside(t *testing.T) {
	t.Parallel()
	const s = secret
	for in, want := range map[string]string{
		// A name that stands beside its value.
		`[{"name":"password","value":"` + s + `"},{"name":"color","value":"red"}]`:                               `[{"name":"password","value":"REDACTED"},{"name":"color","value":"red"}]`,
		`[{"Value":"https://a/?token=` + s + `&b=` + s + `","Name":"apiKey"}]`:                                   `[{"Value":"REDACTED","Name":"apiKey"}]`,
		`{"Value":{"a":["` + s + `","/?sid=` + s + `"]},"n":1,"Name":"password"}`:                                `{"Value":"REDACTED","n":1,"Name":"password"}`,
		`{"ParameterKey":"DbPassword","ParameterValue":"` + s + `"}`:                                             `{"ParameterKey":"REDACTED","ParameterValue":"REDACTED"}`,
		`{"name":"otp","value":123456,"of":{"name":"a","value":1}}`:                                              `{"name":"otp","value":"REDACTED","of":{"name":"a","value":1}}`,
		`{"value":"` + s + `","a":1,"value":"","values":["` + s + `"],"name":"pin"}`:                             `{"value":"REDACTED","a":1,"value":"","values":"REDACTED","name":"pin"}`,
		`[{"op":"replace","path":"/user/password","value":"` + s + `"},{"op":"add","path":"/name","value":"a"}]`: `[{"op":"replace","path":"/user/password","value":"REDACTED"},{"op":"add","path":"/name","value":"a"}]`,
		`{"name":"auth","value":true}`:                                                                           `{"name":"auth","value":true}`,
		`{"rawHeaders":["Host","a","Authorization","Bearer ` + s + `","Cookie","a=` + s + `","Accept","*/*"]}`:   `{"rawHeaders":["Host","a","Authorization","REDACTED","Cookie","REDACTED","Accept","*/*"]}`,
		`[["cookie","a=` + s + `"],["accept","*/*"]]`:                                                            `[["cookie","REDACTED"],["accept","*/*"]]`,
		// The code of OAuth, and those of once.
		`{"grant_type":"authorization_code","code":"` + s + `"}`:                                                  `{"grant_type":"authorization_code","code":"REDACTED"}`,
		`{"code":"` + s + `","redirectUri":"/"}`:                                                                  `{"code":"REDACTED","redirectUri":"/"}`,
		`{"queryStringParameters":{"code":"` + s + `"},"multiValueQueryStringParameters":{"code":["` + s + `"]}}`: `{"queryStringParameters":{"code":"REDACTED"},"multiValueQueryStringParameters":{"code":["REDACTED"]}}`,
		`{"ConfirmationCode":"` + s + `","ChallengeResponses":{"ANSWER":"` + s + `"},"ChallengeName":"SMS_MFA"}`:  `{"ConfirmationCode":"REDACTED","ChallengeResponses":{"ANSWER":"REDACTED"},"ChallengeName":"SMS_MFA"}`,
		// Within strings.
		`{"a":"Bearer ` + s + `","b":"Basic dXNlcjo1ZUNyM3Q="}`: `{"a":"Bearer REDACTED","b":"Basic REDACTED"}`,
		`{"a":"bearer small","b":"Token 5ecr3t"}`:               `{"a":"bearer REDACTED","b":"Token REDACTED"}`,
		`{"headers":["Authorization: Bearer ` + s + `","X-Api-Key:` + s + `","api-key: a ` + s + `","password: ` + s + `","Host: a"]}`:               `{"headers":["Authorization: Bearer REDACTED","X-Api-Key:REDACTED","api-key: REDACTED","password: REDACTED","Host: a"]}`,
		`{"raw":"GET / HTTP/1.1\r\nCookie: a=` + s + `\r\nHost: a\r\n"}`:                                                                             `{"raw":"GET / HTTP/1.1\r\nCookie: REDACTED\r\nHost: a\r\n"}`,
		`{"query":"mutation($password: String!) { a(id: 7, pin: 1234, password: \"` + s + `\", key: \"\"\"` + s + `\"` + s + `\"\"\") { token } }"}`: `{"query":"mutation($password: String!) { a(id: 7, pin: REDACTED, password: \"REDACTED\", key: \"\"\"REDACTED\"\"\") { token } }"}`,
		`{"error":"not so: {\"password\":\"` + s + `\",\"n\":1}"}`:                                                                                   `{"error":"not so: {\"password\":\"REDACTED\",\"n\":1}"}`,
		`{"body":"{\"url\":\"/?token=` + s + `\",\"n\":1}"}`:                                                                                         `{"body":"{\"url\":\"/?token=REDACTED\",\"n\":1}"}`,
	} {
		got := redact.JSON(in)
		if got != want {
			t.Errorf("%s is shown as %s, want %s", in, got, want)
		}
		if again := redact.JSON(got); again != got {
			t.Errorf("%s is shown as %s", got, again)
		}
	}
}

// TestJSONStays has what only looks like a secret.
func TestJSONStays(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		`{"code":"ValidationError","statusCode":400,"errorCode":"E1","countryCode":"DE","status_code":7,"path":{"code":"x"}}`,
		`{"pathParameters":{"code":"DE"},"items":[{"code":"a","name":"b","value":"c"}]}`,
		`{"required":["username","password","email"],"allowHeaders":["Authorization","Content-Type"]}`,
		`{"a":"Basic plan","b":"missing bearer token","c":"Bearer token","d":"Token expired","token_type":null,"type":"Bearer","e":"Basic authentication required"}`,
		`{"a":"Password: must be long","b":"Unexpected token: 'x'","c":"duplicate key: \"id\"","d":"Session: closed","e":"see docs: https://a/b"}`,
		`{"at":"2024-01-01T10:20:30Z","url":"http://auth:8080/a","image":"my-auth:latest","arn":"arn:aws:sns:eu:1:a-key"}`,
		`{"www-authenticate":"Bearer realm=\"a\", error=\"invalid\""}`,
		`{"query":"query($token: String!, $n: Int) { a(token: $token, n: $n) { key, password: hash } }"}`,
		`{"n":1.10, "x" : [ ], "y":"\u00e4 + b", "z":"{not json}", "q":"[1, 2"}`,
	} {
		if got := redact.JSON(in); got != in {
			t.Errorf("%s is shown as %s", in, got)
		}
	}
}

// TestJSONOfAnyDepth ends, and hides what it does not read.
func TestJSONOfAnyDepth(t *testing.T) {
	t.Parallel()
	const deep = 2000
	in := strings.Repeat(`[{"a":`, deep) + `"` + secret + `"` + strings.Repeat("}]", deep) + `,{"a":"b","password":"` + secret + `"}`
	got := redact.JSON(in)
	if strings.Contains(got, secret) || !strings.HasSuffix(got, `,{"a":"b","password":"REDACTED"}`) {
		t.Errorf("shown as …%s", got[len(got)-100:])
	}
}

func TestForm(t *testing.T) {
	t.Parallel()
	const in, want = "user=me&user%5Bpassword%5D=" + secret + "+x;y&grant_type=password&code=" + secret + "&next=%2Fa%3Fpage%3D2", "user=me&user%5Bpassword%5D=REDACTED&grant_type=password&code=REDACTED&next=%2Fa%3Fpage%3D2"
	if got := redact.Form(in); got != want {
		t.Errorf("shown as %s, want %s", got, want)
	}
	for cut := range len(in) {
		if got := redact.Form(in[:cut]); strings.Contains(got, secret[:2]) {
			t.Errorf("%s is shown as %s", in[:cut], got)
		}
	}
}

// FuzzJSON has a secret after whatever else is JSON, which stays so.
func FuzzJSON(f *testing.F) {
	f.Add(`{"token":[{"a":"b"}]}`)
	f.Add(`"\ud83d\ude00{"`)
	f.Add(`[1,"https://a@b"]`)
	f.Fuzz(func(t *testing.T, value string) {
		_ = redact.JSON(value)
		if !json.Valid([]byte(value)) {
			return
		}
		in := `{"a":` + value + `,"access_token":"` + secret + `","b":` + value + `}`
		got := redact.JSON(in)
		if strings.Contains(got, `"access_token":"`+secret) || !json.Valid([]byte(got)) {
			t.Errorf("%s is shown as %s", in, got)
		}
	})
}
