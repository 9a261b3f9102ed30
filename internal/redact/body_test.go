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
