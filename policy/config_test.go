package policy_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/policy"
)

// with returns the default Config, changed.
func with(change func(*policy.Config)) policy.Config {
	c := policy.Default()
	change(&c)
	return c
}

// origins returns the default Config for some origins.
func origins(list ...string) policy.Config {
	return with(func(c *policy.Config) { c.AllowOrigins = list })
}

// compile returns the policy of a Config that must be valid.
func compile(t testing.TB, c policy.Config) *policy.Policy {
	t.Helper()
	p, err := policy.New(c)
	if err != nil {
		t.Fatalf("New(%+v): %v", c, err)
	}
	return p
}

func TestDefault(t *testing.T) {
	t.Parallel()
	want := policy.Config{
		AllowOrigins:    []string{"*"},
		AllowMethods:    []string{"*"},
		AllowHeaders:    []string{"*"},
		MaxAge:          5 * time.Second,
		PreflightStatus: 200,
	}
	if got := policy.Default(); !reflect.DeepEqual(got, want) {
		t.Errorf("Default() = %+v, want %+v", got, want)
	}
	compile(t, policy.Default())
}

func TestConfigIsCopied(t *testing.T) {
	t.Parallel()
	c := origins("http://a.example")
	p := compile(t, c)
	c.AllowOrigins[0] = "http://b.example"
	p.Config().AllowOrigins[0] = "http://c.example"
	if got := p.Config().AllowOrigins[0]; got != "http://a.example" {
		t.Errorf("the policy's origin became %q", got)
	}
	if d := p.Decide(request("GET", "Origin: http://a.example")); !d.Allowed {
		t.Errorf("the policy changed: %s", d.Detail)
	}
}

func TestConfigErrors(t *testing.T) {
	t.Parallel()
	methods := func(list ...string) policy.Config {
		return with(func(c *policy.Config) { c.AllowMethods = list })
	}
	headers := func(list ...string) policy.Config {
		return with(func(c *policy.Config) { c.AllowHeaders = list })
	}
	expose := func(list ...string) policy.Config {
		return with(func(c *policy.Config) { c.ExposeHeaders = list })
	}
	maxAge := func(d time.Duration) policy.Config {
		return with(func(c *policy.Config) { c.MaxAge = d })
	}
	status := func(n int) policy.Config {
		return with(func(c *policy.Config) { c.PreflightStatus = n })
	}
	tests := []struct {
		name   string
		config policy.Config
		want   string // "" if the Config is valid
	}{
		{"nothing allowed", policy.Config{PreflightStatus: 204}, ""},
		{"any origin beside another", origins("http://a.example", "*"),
			`allow_origins[1]: "*" stands beside other values and makes them meaningless; leave "*" alone, or remove it`},
		{"any origin with credentials", with(func(c *policy.Config) { c.AllowCredentials = true }),
			`allow_origins[0]: "*" cannot be combined with allow_credentials: browsers refuse it; list the origins, write "localhost" for the pages of this machine on any port, or set allow_credentials to false`},

		{"one method", methods("PUT"), ""},
		{"a method of an extension", methods("PROPFIND", "M-SEARCH"), ""},
		{"patch beside PATCH", methods("PATCH", "patch"), ""},
		{"patch", methods("patch"), `allow_methods[0]: "patch" is not in upper case, and methods are case-sensitive; write "PATCH"`},
		{"get beside GET", methods("GET", "get"), `allow_methods[1]: "get" is not in upper case, and methods are case-sensitive; write "GET"`},
		{"TRACE", methods("TRACE"), `allow_methods[0]: "TRACE" is a method that browsers let no page use; remove it`},
		{"connect", methods("connect"), `allow_methods[0]: "connect" is a method that browsers let no page use; remove it`},
		{"ANY", methods("ANY"), `allow_methods[0]: "ANY" is API Gateway's word and no method; write "*" for any method`},
		{"any method beside another", methods("*", "PUT"), `allow_methods[0]: "*" stands beside other values and makes them meaningless; leave "*" alone, or remove it`},
		{"several methods in one", methods("GET,PUT"), `allow_methods[0]: "GET,PUT" is more than a method; write one method in each entry, without spaces`},
		{"a quoted method", methods("'PUT'"), `allow_methods[0]: "'PUT'" has quotes inside its value; write "PUT"`},
		{"an empty method", methods(""), `allow_methods[0]: "" is empty; write a method such as "PUT", or remove it`},
		{"no method", methods("GET/PUT"), `allow_methods[0]: "GET/PUT" is not a method; write a method such as "PUT"`},

		{"headers", headers("Content-Type", "x-api-key"), ""},
		{"any header beside another", headers("*", "Authorization"), `allow_headers[0]: "*" stands beside other values and makes them meaningless; leave "*" alone, or remove it`},
		{"a quoted wildcard", headers("'*'"), `allow_headers[0]: "'*'" has quotes inside its value; write "*"`},
		{"several headers in one", headers("'Content-Type,X-Api-Key'"), `allow_headers[0]: "'Content-Type,X-Api-Key'" is more than the name of a header; write one name in each entry, without spaces`},
		{"a header with its colon", headers("X-Api-Key:"), `allow_headers[0]: "X-Api-Key:" is not the name of a header; write a name such as "Content-Type", without a colon or a value`},
		{"an empty header", headers("X", ""), `allow_headers[1]: "" is empty; write a name such as "Content-Type", or remove it`},
		{"a header that is not ASCII", headers("X-Größe"), `allow_headers[0]: "X-Größe" is not the name of a header; write a name such as "Content-Type", without a colon or a value`},

		{"exposed", expose("X-Request-Id"), ""},
		{"all exposed", expose("*"), ""},
		{"all exposed with credentials", policy.Config{AllowOrigins: []string{"localhost"}, ExposeHeaders: []string{"*"}, AllowCredentials: true, PreflightStatus: 200},
			`expose_headers[0]: "*" cannot be combined with allow_credentials: browsers take it for the name of a header; list the headers that scripts read`},
		{"any method and header with credentials", policy.Config{AllowOrigins: []string{"localhost"}, AllowMethods: []string{"*"}, AllowHeaders: []string{"*"}, AllowCredentials: true, PreflightStatus: 200}, ""},

		{"max age 0", maxAge(0), ""},
		{"max age above what browsers take", maxAge(240 * time.Hour), ""},
		{"negative max age", maxAge(-time.Second), `max_age: "-1s" is negative; write "0s" for answers that browsers do not remember`},
		{"max age below a second", maxAge(300 * time.Millisecond), `max_age: "300ms" is not a whole number of seconds, which the header is in; write "1s"`},
		{"max age between seconds", maxAge(2500 * time.Millisecond), `max_age: "2.5s" is not a whole number of seconds, which the header is in; write "2s"`},

		{"status 204", status(204), ""},
		{"status 299", status(299), ""},
		{"status 0", status(0), `preflight_status: "0" makes browsers refuse every preflight; write 200 or 204`},
		{"status 302", status(302), `preflight_status: "302" makes browsers refuse every preflight; write 200 or 204`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, err := policy.New(tt.config)
			if tt.want == "" {
				if err != nil {
					t.Errorf("New: %v", err)
				}
				return
			}
			if err == nil || p != nil {
				t.Fatalf("New = %v, %v; want the error %s", p, err, tt.want)
			}
			if err.Error() != tt.want {
				t.Errorf("New:\n got %s\nwant %s", err, tt.want)
			}
		})
	}
}

func TestConfigErrorsAllAtOnce(t *testing.T) {
	t.Parallel()
	_, err := policy.New(policy.Config{
		AllowOrigins:  []string{"http://ok.example", "http://a.example/", "b.example"},
		AllowMethods:  []string{"put"},
		AllowHeaders:  []string{"X Y"},
		ExposeHeaders: []string{""},
		MaxAge:        -1,
	})
	var errs policy.Errors
	if !errors.As(err, &errs) {
		t.Fatalf("New: %v, want Errors", err)
	}
	var places []string
	for _, e := range errs {
		places = append(places, strings.SplitN(e.Error(), ":", 2)[0])
	}
	want := []string{"allow_origins[1]", "allow_origins[2]", "allow_methods[0]", "allow_headers[0]", "expose_headers[0]", "max_age", "preflight_status"}
	if !reflect.DeepEqual(places, want) {
		t.Errorf("mistakes at %q, want %q", places, want)
	}
	if n := strings.Count(err.Error(), "\n"); n != len(want)-1 {
		t.Errorf("the message has %d lines, want one a mistake:\n%s", n+1, err)
	}
	var field policy.FieldError
	if !errors.As(err, &field) || field.Index != 1 || field.Value != "http://a.example/" {
		t.Errorf("the first mistake is %+v", field)
	}
}
