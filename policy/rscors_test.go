package policy_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rs/cors"

	"github.com/corsproxy/corsproxy/policy"
)

// plainOrigin is an origin that rs/cors reads as this package does.
var plainOrigin = regexp.MustCompile(`^https?://([a-z0-9]+\.)*[a-z][a-z0-9]*(:[1-9][0-9]{3})?$`)

// FuzzDecideLikeRsCors compares decisions with those of rs/cors given the same
// lists, for configurations and requests that it takes no other way.
func FuzzDecideLikeRsCors(f *testing.F) {
	addSeeds(f)
	f.Add("http://a.example:3000 https://*.b.example", "PUT", "X-A X-B", true, "https://c.b.example", "PUT", "X-B x-a,,X-A")
	f.Fuzz(func(t *testing.T, origins, methods, headers string, credentials bool, origin, method, asked string) {
		config := fuzzConfig(origins, methods, headers, credentials)
		p, err := policy.New(config)
		if err != nil || !plainOrigin.MatchString(origin) || method == "" || slices.Contains(config.AllowMethods, "*") {
			t.Skip()
		}
		for _, o := range config.AllowOrigins {
			if o != "*" && !plainOrigin.MatchString(strings.Replace(o, "://*.", "://", 1)) {
				t.Skip()
			}
		}
		names := strings.FieldsFunc(asked, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
		if slices.ContainsFunc(names, func(s string) bool { return !token(s) }) {
			t.Skip()
		}
		r := request("OPTIONS", "Origin: "+origin, "Access-Control-Request-Method: "+method)
		if asked != "" {
			r.Header.Set("Access-Control-Request-Headers", strings.Join(names, " , "))
		}

		options := cors.Options{
			AllowedOrigins:   config.AllowOrigins,
			AllowedMethods:   append([]string{"GET", "HEAD", "POST"}, config.AllowMethods...),
			AllowedHeaders:   config.AllowHeaders,
			AllowCredentials: credentials,
		}
		if len(config.AllowOrigins) == 0 {
			options.AllowedOrigins = []string{"http://never.example:1"}
		}
		if len(config.AllowHeaders) == 0 {
			options.AllowedHeaders = []string{"never-" + strings.Join(names, "-")}
		}
		for i, name := range names {
			names[i] = strings.ToLower(name)
		}
		slices.Sort(names)
		sorted := r.Clone(t.Context())
		sorted.Header.Del("Access-Control-Request-Headers")
		if names = slices.Compact(names); len(names) > 0 {
			sorted.Header.Set("Access-Control-Request-Headers", strings.Join(names, ","))
		}
		w := httptest.NewRecorder()
		cors.New(options).Handler(http.NotFoundHandler()).ServeHTTP(w, sorted)
		if got, want := p.Decide(r), w.Header().Get("Access-Control-Allow-Origin") != ""; got.Allowed != want {
			t.Errorf("%+v: %+v, rs/cors says %v", config, got, want)
		}
	})
}
