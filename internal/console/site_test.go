package console_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/console"
)

// A function, and the errors of REST APIs, are for the site that each API is for.
// What is the same for all is said once.
func TestRemediesOfSites(t *testing.T) {
	t.Parallel()
	shop, cart := console.Site{Origin: "https://shop.example.com", For: "Shop", Errors: true}, console.Site{For: "Cart"}
	const credentials = "The value of the 'Access-Control-Allow-Credentials' header in the response is '' which must be 'true' when the request's credentials mode is 'include'."
	const missing = "No 'Access-Control-Allow-Origin' header is present on the requested resource."
	for name, tt := range map[string]struct {
		text  string
		sites []console.Site
		want  []string // where what a function returns goes, or errors, and the origin there
	}{
		"credentials, none told": {credentials, nil, []string{"in what the function returns http://localhost:5173"}},
		"credentials, one":       {credentials, []console.Site{shop}, []string{"in what the function returns https://shop.example.com"}},
		"credentials, several": {credentials, []console.Site{shop, cart},
			[]string{"in what the function returns, for Shop https://shop.example.com", "in what the function returns, for Cart http://localhost:5173"}},
		"errors are a REST API's": {missing, []console.Site{shop, cart}, []string{
			"in what the function returns, for Shop https://shop.example.com", "in what the function returns, for Cart http://localhost:5173",
			"for errors of a deployed REST API, below Properties of Shop https://shop.example.com",
		}},
		"of a list": {missing, []console.Site{{Origin: "https://shop.example.com", For: "Shop", Errors: true, Listed: "AllowOrigin (template.yaml:5)"}}, []string{
			"in what the function returns to pages of http://localhost:5173, while those of others in AllowOrigin (template.yaml:5) get their own http://localhost:5173",
			"for errors of a deployed REST API, below Properties of Shop https://shop.example.com",
		}},
		"made of parameters": {missing, []console.Site{{For: "Shop", Errors: true, Made: "AllowOrigin (template.yaml:5)"}, cart}, []string{
			"in what the function returns, where AllowOrigin (template.yaml:5) has the same value, for Shop http://localhost:5173", "in what the function returns, for Cart http://localhost:5173",
			"for errors of a deployed REST API, below Properties of Shop, where AllowOrigin (template.yaml:5) has the same value http://localhost:5173",
		}},
		"another header": {`Refused to get unsafe header "X-Request-Id"`, []console.Site{shop, cart}, []string{"in what the function returns "}},
	} {
		m := console.Read(fetchBlocked + tt.text)[0]
		if name == "another header" {
			m = console.Read(tt.text)[0]
		}
		m.Template = &console.Template{Sites: tt.sites, Errors: "below Properties of Shop"}
		var got []string
		for _, p := range m.Remedies() {
			if strings.HasPrefix(p.Text, `"headers"`) || strings.HasPrefix(p.Text, "GatewayResponses") {
				got = append(got, p.For+" "+regexp.MustCompile(`https?://[^"']*`).FindString(p.Text))
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, tt.want)
		}
	}
}

// What guards preflights is a cause of what browsers say after a refusal, and of
// nothing that they look at later.
func TestRefusedWith(t *testing.T) {
	t.Parallel()
	const firefox = "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at https://api.example.com/orders. (Reason: CORS header ‘Access-Control-Allow-Origin’ missing). Status code: "
	for text, want := range map[string]bool{
		fetchBlocked + preflight + "No 'Access-Control-Allow-Origin' header is present on the requested resource.": true,
		fetchBlocked + preflight + "It does not have HTTP ok status.":                                              true,
		fetchBlocked + "No 'Access-Control-Allow-Origin' header is present on the requested resource.":             false,
		fetchBlocked + "Method PUT is not allowed by Access-Control-Allow-Methods in preflight response.":          false,
		firefox + "401.": true,
		firefox + "403.": false,
	} {
		if got := console.Read(text)[0].RefusedWith(401); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}
