package check_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/check"
)

const oneHTTPAPI = `Transform: AWS::Serverless-2016-10-31
Globals:
  HttpApi:
    CorsConfiguration:
      %s
      AllowMethods: [GET]
      AllowHeaders: [Content-Type]
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13, Handler: a.b, CodeUri: src, Events: {A: {Type: HttpApi, Properties: {Path: /a, Method: get}}}}
`

// TestOriginFixes holds that what CP6016 says to write is what browsers send: it
// is written, and found to be right.
func TestOriginFixes(t *testing.T) {
	t.Parallel()
	for slip, want := range map[string]string{
		"localhost:5173":                "http://localhost:5173",
		"localhost":                     "http://localhost",
		"127.0.0.1:3000/":               "http://127.0.0.1:3000",
		"[::1]:3000":                    "http://[::1]:3000",
		"app.localhost:3000":            "http://app.localhost:3000",
		"192.168.1.7:8080":              "http://192.168.1.7:8080",
		"app.example.com":               "https://app.example.com",
		"//app.example.com":             "https://app.example.com",
		"www.example.com/":              "https://www.example.com",
		"https:/app.example.com":        "https://app.example.com",
		"https:app.example.com/":        "https://app.example.com",
		"http//localhost:5173":          "http://localhost:5173",
		"http:///localhost:5173":        "http://localhost:5173",
		"http://localhost:*":            "http://localhost:5173",
		"http://*:3000":                 "http://localhost:3000",
		"*.example.com":                 "https://app.example.com",
		"https://*.Example.com/x":       "https://app.example.com",
		"HTTPS://APP.example.com:443/":  "https://app.example.com",
		"http://localhost:80/":          "http://localhost",
		"https://user@app.example.com":  "https://app.example.com",
		"'http://localhost:5173/'":      "http://localhost:5173",
		"https://app.example.com/login": "https://app.example.com",
	} {
		t.Run(slip, func(t *testing.T) {
			t.Parallel()
			find := func(setting string) []check.Finding {
				findings := findingsOf(t, fmt.Sprintf(oneHTTPAPI, setting))
				return check.AtLeast(findings, check.SeverityInfo)
			}
			found := find(fmt.Sprintf("AllowOrigins: [%q]", slip))
			if len(found) != 1 || found[0].Code != "CP6016" || !strings.Contains(strings.ReplaceAll(found[0].Fix, `"`, ""), "["+want+"]") {
				t.Fatalf("found %+v\nwant CP6016 alone, with %s", found, want)
			}
			if after := find(found[0].Fix); len(after) > 0 {
				t.Errorf("with the fix %s found %+v", found[0].Fix, after)
			}
		})
	}
}
