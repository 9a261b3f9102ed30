package config_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
)

func TestFile(t *testing.T) {
	t.Parallel()
	l, err := load(t, `
listen: 8081
upstream: localhost:3001
cors:
  allow_origins: [http://localhost:5173, "null"]
  allow_credentials: true
  allow_headers: [Authorization]
  allow_methods: [PUT]
  max_age: 10m
routes:
  - path: /Users/{userId}
    cors:
      max_age: 0s
      allow_origins: [http://localhost:9]
  - path: /users/{userId}
sam:
  routes: [POST /scanRecords]
timeouts: {dial: 1s500ms}
`)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Default()
	want.Listen = "127.0.0.1:8081"
	want.Upstream = "http://localhost:3001"
	want.CORS.AllowOrigins = []string{"http://localhost:5173", "null"}
	want.CORS.AllowCredentials = true
	want.CORS.AllowHeaders = []string{"Authorization"}
	want.CORS.AllowMethods = []string{"PUT"}
	want.CORS.MaxAge = 10 * time.Minute
	want.SAM.Routes = []string{"POST /scanRecords"}
	want.Timeouts.Dial = 1500 * time.Millisecond
	first := want.CORS
	first.MaxAge = 0
	first.AllowOrigins = []string{"http://localhost:9"}
	want.Routes = []config.Route{{Path: "/Users/{userId}", CORS: first}, {Path: "/users/{userId}", CORS: want.CORS}}
	if !reflect.DeepEqual(l.Config, want) {
		t.Errorf("got  %+v\nwant %+v", l.Config, want)
	}
}

// TestFileMistakes has one file for each kind of mistake, and what is said
// of it, word by word.
func TestFileMistakes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, want string }{
		"unknown key": {
			"cors:\n  allow_orgins: [\"*\"]\n",
			`corsproxy.yaml:2:3: unknown key "cors.allow_orgins"; did you mean allow_origins?`,
		},
		"section without a value": {
			"cors:\nlog: {level: info}\n",
			`corsproxy.yaml:1:1: cors: the key has no value; write settings below it, such as "source: config", or remove it`,
		},
		"section of a route without a value": {
			"routes: [{path: /a, cors: }]\n",
			`corsproxy.yaml:1:21: routes[0].cors: the key has no value; write settings below it, such as "source: …", or remove it`,
		},
		"list of sections without a value": {
			"routes:\n",
			`corsproxy.yaml:1:1: routes: the key has no value; write [] for none, or remove it`,
		},
		"key of another section": {
			"max_age: 5s\n",
			`corsproxy.yaml:1:1: unknown key "max_age"; did you mean cors.max_age?`,
		},
		"key in another spelling": {
			"cors: {AllowOrigins: [a]}\n",
			`corsproxy.yaml:1:8: unknown key "cors.AllowOrigins"; did you mean allow_origins?`,
		},
		"a port": {
			"port: 8080\n",
			`corsproxy.yaml:1:1: unknown key "port"; the port of SAM local is upstream: PORT, and corsproxy's own is listen: PORT`,
		},
		"key like no other": {
			"log: {zebra: 1}\n",
			`corsproxy.yaml:1:7: unknown key "log.zebra"; there are level, format`,
		},
		"key in the wrong case": {
			"Listen: 8080\n",
			`corsproxy.yaml:1:1: unknown key "Listen"; did you mean listen?`,
		},
		"duplicate key": {
			"listen: 8080\nupstream: 3000\nlisten: 8081\n",
			`corsproxy.yaml:3:1: listen: the key stands here a second time; the first is in line 1; remove one`,
		},
		"template": {
			"template: [a.yaml]\n",
			`corsproxy.yaml:1:11: template: here stands a list; write a single value`,
		},
		"inspect": {
			"inspect:\n  listen: 127.0.0.1\n",
			`corsproxy.yaml:2:11: inspect.listen: "127.0.0.1" has no port; write 127.0.0.1:4040`,
		},
		"inspect where the proxy is": {
			"listen: :8080\ninspect:\n  listen: 8080\n",
			`corsproxy.yaml:3:11: inspect.listen: "127.0.0.1:8080" is where the proxy listens; give the inspector a port of its own, such as 4040`,
		},
		"inspect where the upstream is": {
			"inspect: {listen: localhost:3000}\n",
			`corsproxy.yaml:1:19: inspect.listen: "localhost:3000" is where the upstream listens; give the inspector a port of its own, such as 4040`,
		},
		"wrong choice": {
			"log: {level: warning}\n",
			`corsproxy.yaml:1:14: log.level: "warning" is not one of the choices; write debug, info, warn or error`,
		},
		"misspelt choice": {
			"cors: {response_headers: Fil}\n",
			`corsproxy.yaml:1:26: cors.response_headers: "Fil" is not one of the choices; did you mean fill?`,
		},
		"list where keys should be": {
			"cors: [a]\n",
			`corsproxy.yaml:1:7: cors: here stands a list; write keys with their values, such as "source: config"`,
		},
		"text where keys should be": {
			"hello\n",
			`corsproxy.yaml:1:1: here stands a text; write keys with their values, such as "listen: 127.0.0.1:8080"`,
		},
		"text where a list should be": {
			"cors:\n  allow_origins: http://localhost:5173\n",
			`corsproxy.yaml:2:18: cors.allow_origins: "http://localhost:5173" is not a list; write [http://localhost:5173]`,
		},
		"star where a list should be": {
			"cors:\n  allow_origins: \"*\"\n",
			`corsproxy.yaml:2:18: cors.allow_origins: "*" is not a list; write ["*"]`,
		},
		"text between commas": {
			"cors:\n  allow_methods: GET, PUT\n",
			`corsproxy.yaml:2:18: cors.allow_methods: "GET, PUT" is not a list; write [GET, PUT]`,
		},
		"list where a text should be": {
			"listen: [8080]\n",
			`corsproxy.yaml:1:9: listen: here stands a list; write a single value`,
		},
		"key without a value": {
			"cors:\n  allow_origins:\n  #  - http://localhost:5173\n",
			`corsproxy.yaml:2:17: cors.allow_origins: the key has no value; write [] for an empty list, or remove the key`,
		},
		"scalar without a value": {
			"listen:\nupstream: 3000\n",
			`corsproxy.yaml:1:8: listen: the key has no value; remove it for the default, 127.0.0.1:8080, or give it one`,
		},
		"null origin without quotes": {
			"cors: {allow_origins: [null]}\n",
			`corsproxy.yaml:1:24: cors.allow_origins[0]: null without quotes is YAML's word for nothing; write "null" for the origin of that name`,
		},
		"bare number for a duration": {
			"cors: {max_age: 5}\n",
			`corsproxy.yaml:1:17: cors.max_age: "5" has no unit; write 5s for seconds`,
		},
		"boolean in words": {
			"cors: {allow_credentials: yes}\n",
			`corsproxy.yaml:1:27: cors.allow_credentials: "yes" is not true or false; write true`,
		},
		"status out of range": {
			"cors: {preflight_status: 404}\n",
			`corsproxy.yaml:1:26: cors.preflight_status: "404" is not a number from 200 to 299`,
		},
		"route without a path": {
			"routes:\n  - cors: {max_age: 5s}\n",
			`corsproxy.yaml:2:5: routes[0]: path is missing; give every item its path`,
		},
		"routes as a mapping": {
			"routes:\n  /admin: {}\n",
			`corsproxy.yaml:2:3: routes: here stands a mapping of keys; write a list, each item of which begins with "- path:"`,
		},
		"path without a slash": {
			"routes:\n  - path: admin\n",
			`corsproxy.yaml:2:11: routes[0].path: path pattern "admin" has no leading slash; write "/admin"`,
		},
		"path that sounds like a secret": {
			"routes:\n  - path: /auth/*\n",
			`corsproxy.yaml:2:11: routes[0].path: path pattern "/auth/*": "*" is not a wildcard here; write {name} for one segment, or {proxy+} for the rest of the path`,
		},
		"path with a secret": {
			"routes:\n  - path: /x?token=s3cr3t\n",
			`corsproxy.yaml:2:11: routes[0].path: path pattern "/x?token=REDACTED": '?' begins a query or fragment, and patterns see the path alone; write "/x"`,
		},
		"path with a method": {
			"routes:\n  - path: POST /todos\n",
			`corsproxy.yaml:2:11: routes[0].path: path pattern "POST /todos" begins with a method, and a rule holds for all of them; write "/todos"`,
		},
		"path as Express writes it": {
			"routes:\n  - path: /todos/:id\n",
			`corsproxy.yaml:2:11: routes[0].path: path pattern "/todos/:id": ":id" is not a parameter here; write {id}`,
		},
		"route of SAM as Express writes it": {
			"sam:\n  routes:\n    - GET /todos/:id\n",
			`corsproxy.yaml:3:7: sam.routes[0]: route "GET /todos/:id": ":id" is not a parameter here; write {id}`,
		},
		"the same path twice": {
			"routes:\n  - path: /a\n  - path: /b\n  - path: /a\n",
			`corsproxy.yaml:4:11: routes[2].path: "/a" stands in routes[0] already, and the first that matches wins; remove one of them`,
		},
		"mistake within a route": {
			"routes:\n  - path: /a\n    cors:\n      max_age: 1 s\n",
			`corsproxy.yaml:4:16: routes[0].cors.max_age: "1 s" has a blank in it; write 1s`,
		},
		"parameter without a value": {
			"parameter_overrides: [Stage=dev, Base]\n",
			`corsproxy.yaml:1:34: parameter_overrides[1]: parameter overrides "Base": write Key=Value, or ParameterKey=Key,ParameterValue=Value, or the name of a file as file://dev.yaml`,
		},
		"parameters in one text": {
			"parameter_overrides: Zones=a,b\n",
			`corsproxy.yaml:1:22: parameter_overrides: "Zones=a,b" is not a list; write ["Zones=a,b"]`,
		},
		"route of SAM without a method": {
			"sam:\n  routes:\n    - GET /a\n    - /b\n",
			`corsproxy.yaml:4:7: sam.routes[1]: route "/b": the method is missing; write "GET /b" or "ANY /b"`,
		},
		"upstream that is itself": {
			"upstream: 8080\n",
			`corsproxy.yaml:1:11: upstream: corsproxy would forward to itself: it listens on 127.0.0.1:8080, and its upstream is http://127.0.0.1:8080; give it another port, such as --listen 8081, or name the upstream that sam local start-api listens on`,
		},
		"merge key": {
			"cors: &c\n  max_age: 5s\nroutes:\n  - path: /a\n    cors:\n      <<: *c\n",
			`corsproxy.yaml:6:7: routes[0].cors.<<: merge keys are not read; write the keys out`,
		},
		"second document": {
			"listen: 8080\n---\nlisten: 8081\n",
			`corsproxy.yaml:2:1: a second document begins here; a configuration is one document, so remove "---"`,
		},
		"tab": {
			"cors:\n\tmax_age: 5s\n",
			`corsproxy.yaml:2: this is not YAML: found character that cannot start any token; indent with blanks, not tabs, and quote values that begin with * or @`,
		},
		"first line": {
			"a: b: c\n",
			`corsproxy.yaml:1: this is not YAML: mapping values are not allowed in this context`,
		},
		"bare star": {
			"cors:\n  allow_origins: [*]\n",
			`corsproxy.yaml:2: this is not YAML: did not find expected alphabetic or numeric character; quote values that begin with * or &: ["*"]`,
		},
		"not UTF-8": {
			"listen: 8080\nupstream: \"\xff\"\n",
			`corsproxy.yaml:2: the byte 0xff is not UTF-8; save the file as UTF-8`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, c.file)
			if err == nil {
				t.Fatal("the file is accepted")
			}
			if got := err.Error(); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	_, err := config.Load(config.Input{
		Dir:     write(t, "lisen: 1\nlog: {level: loud}\nupstream: ftp://a\n"),
		Environ: []string{"CORSPROXY_CORS_MAX_AGE=7", "CORSPROXY_LISTN=:1"},
		Flags:   map[string][]string{"listen": {"http://:80"}, "timeout-dial": {"-1s"}},
	})
	want := `corsproxy.yaml:1:1: unknown key "lisen"; did you mean listen?
corsproxy.yaml:2:14: log.level: "loud" is not one of the choices; write debug, info, warn or error
corsproxy.yaml:3:11: upstream: "ftp://a" has the scheme "ftp"; an upstream is an http or https URL, such as http://127.0.0.1:3000
CORSPROXY_CORS_MAX_AGE: "7" has no unit; write 7s for seconds
CORSPROXY_LISTN: unknown variable "CORSPROXY_LISTN"; did you mean CORSPROXY_LISTEN?
--listen: "http://:80" is a URL; an address to listen on is host:port, such as :80
--timeout-dial: "-1s" is negative; write 0s or more`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// TestPolicyMistakes has what the policy package finds, at its place.
func TestPolicyMistakes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file string
		want []string // how each message begins
	}{
		"item of a list": {
			"cors:\n  allow_origins:\n    - http://a\n    - http://b/\n",
			[]string{`corsproxy.yaml:4:7: cors.allow_origins[1]: "http://b/" `},
		},
		"wildcard with credentials": {
			"cors: {allow_credentials: true, allow_origins: [\"*\"]}\n",
			[]string{`corsproxy.yaml:1:49: cors.allow_origins[0]: "*" cannot be combined with allow_credentials`},
		},
		"wildcard by default, with credentials": {
			"cors: {allow_credentials: true}\n",
			[]string{`corsproxy.yaml:1:27: cors.allow_origins[0]: "*" cannot be combined with allow_credentials`},
		},
		"a route's own": {
			"routes:\n  - path: /a\n    cors:\n      allow_methods: [get]\n",
			[]string{`corsproxy.yaml:4:23: routes[0].cors.allow_methods[0]: "get" `},
		},
		"a route's, by what it inherits": {
			"routes:\n  - path: /a\n    cors:\n      allow_credentials: true\n",
			[]string{`corsproxy.yaml:4:26: routes[0].cors.allow_origins[0]: "*" cannot be combined`},
		},
		"inherited ones are said once": {
			"cors: {allow_origins: [x y]}\nroutes:\n  - path: /a\n  - path: /b\n    cors: {max_age: 1s}\n",
			[]string{`corsproxy.yaml:1:24: cors.allow_origins[0]: "x y" `},
		},
		"nothing about what was not read": {
			"cors:\n  allow_credentials: true\n  allow_origins: http://a\nroutes:\n  - path: /a\n",
			[]string{`corsproxy.yaml:3:18: cors.allow_origins: "http://a" is not a list`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, c.file)
			var ms config.Mistakes
			errors.As(err, &ms)
			if len(ms) != len(c.want) {
				t.Fatalf("got %d mistakes, want %d:\n%v", len(ms), len(c.want), err)
			}
			for i, m := range ms {
				if !strings.HasPrefix(m.Error(), c.want[i]) {
					t.Errorf("got  %s\nwant %s…", m, c.want[i])
				}
			}
		})
	}
}

// TestFileAccepts has files that are unusual and right.
func TestFileAccepts(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"empty":              "",
		"comments alone":     "# nothing\n",
		"byte order mark":    "\ufefflisten: 8080\n",
		"carriage returns":   "listen: 8080\r\ncors:\r\n  max_age: 5s\r\n",
		"JSON":               `{"listen": "127.0.0.1:8080", "cors": {"max_age": "5s"}}`,
		"sections left open": "cors: {}\nroutes: []\nlog: {}\n",
		"quoted scalars":     "cors: {preflight_status: '200', allow_credentials: \"false\"}\n",
		"zero":               "timeouts: {response_header: 0}\n",
		"document markers":   "---\nlisten: 8080\n...\n",
		"alias":              "sam: {routes: &r []}\ncors: {expose_headers: *r}\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := load(t, file)
			if err != nil {
				t.Fatal(err)
			}
			if want := config.Default(); !reflect.DeepEqual(l.Config, want) {
				t.Errorf("got  %+v\nwant %+v", l.Config, want)
			}
		})
	}
}
