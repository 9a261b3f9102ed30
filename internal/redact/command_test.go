package redact_test

import (
	"slices"
	"testing"

	"github.com/corsproxy/corsproxy/internal/redact"
)

func TestCommand(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ args, want []string }{
		{[]string{"sam", "local", "start-api", "--port", "3001"}, []string{"sam", "local", "start-api", "--port", "3001"}},
		{[]string{"start-api", "--disable-authorizer", "--port", "3001"}, []string{"start-api", "--disable-authorizer", "--port", "3001"}},
		{[]string{"sh", "-c", "start-api --disable-authorizer --port 3001 --token " + secret}, []string{"sh", "-c", "start-api --disable-authorizer --port 3001 --token REDACTED"}},
		{
			[]string{"sam", "local", "start-api", "--parameter-overrides", "Stage=dev", "DbPassword=a " + secret, "--port", "3001"},
			[]string{"sam", "local", "start-api", "--parameter-overrides", "Stage=dev", "DbPassword=REDACTED", "--port", "3001"},
		},
		{
			[]string{"--parameter-overrides", "Stage=dev DbPassword='" + secret + " " + secret + `' ApiKey="a ` + secret + `" Size=2`},
			[]string{"--parameter-overrides", "Stage=dev DbPassword=REDACTED ApiKey=REDACTED Size=2"},
		},
		{
			[]string{"ParameterKey=A,ParameterValue=" + secret + " ParameterKey=B,ParameterValue=a " + secret},
			[]string{"ParameterKey=REDACTED"},
		},
		{
			[]string{"--parameter-overrides=ParameterKey=A,ParameterValue=" + secret + " ParameterKey=B,ParameterValue=a " + secret},
			[]string{"--parameter-overrides=ParameterKey=REDACTED ParameterKey=REDACTED"},
		},
		{
			[]string{"Z=1 DbPassword=x&" + secret, `Z=1 DbPassword=x\&` + secret + " Size=2", `Z=1 DbPassword=abc\ ` + secret + " Size=2"},
			[]string{"Z=1 DbPassword=REDACTED", "Z=1 DbPassword=REDACTED Size=2", "Z=1 DbPassword=REDACTED Size=2"},
		},
		{
			[]string{`Z=1 DbPassword="a \" ` + secret + `" Size=2`, "--parameter-overrides=DbPassword=x&" + secret + " Size=2", `Z=1 "DbPassword=a ` + secret + `" Size=2`, "Z=1 DbPassword='a " + secret},
			[]string{"Z=1 DbPassword=REDACTED Size=2", "--parameter-overrides=DbPassword=REDACTED Size=2", `Z=1 "DbPassword=REDACTED" Size=2`, "Z=1 DbPassword=REDACTED"},
		},
		{[]string{"sh", "-c", "sam --parameter-overrides 'Z=1 DbPassword=x&" + secret + "'"}, []string{"sh", "-c", "sam --parameter-overrides 'Z=1 DbPassword=REDACTED"}},
		{[]string{"app", "--token", secret, "--password", "--" + secret, "-v"}, []string{"app", "--token", "REDACTED", "--password", "REDACTED", "-v"}},
		{[]string{"app", "--secret", "--password", secret}, []string{"app", "--secret", "REDACTED", "REDACTED"}},
		{[]string{"app", "--token=" + secret, "--level=debug"}, []string{"app", "--token=REDACTED", "--level=debug"}},
		{[]string{"env", "DB_PASSWORD=" + secret, "PORT=3001", "node", "server.js"}, []string{"env", "DB_PASSWORD=REDACTED", "PORT=3001", "node", "server.js"}},
		{[]string{"app", "postgres://u:" + secret + "@db/x?sslmode=off", "https://a/?sig=" + secret}, []string{"app", "postgres://REDACTED@db/x?sslmode=off", "https://a/?sig=REDACTED"}},
		{[]string{"curl", "-H", "Authorization: Bearer " + secret, "-H", "X-Api-Key:" + secret, "-H", "Accept: a/b"}, []string{"curl", "-H", "Authorization: Bearer REDACTED", "-H", "X-Api-Key:REDACTED", "-H", "Accept: a/b"}},
		{[]string{"sh", "-c", "A=1 app --token " + secret + " --key '" + secret + " b' --level debug"}, []string{"sh", "-c", "A=1 app --token REDACTED --key REDACTED --level debug"}},
		{[]string{"sh", "-c", `curl -H "X: Bearer ` + secret + `" http://a`}, []string{"sh", "-c", `curl -H "X: Bearer REDACTED" http://a`}},
		{
			[]string{`"DbPassword"=` + secret, `Stage=dev "DbPassword"="` + secret + ` x" Size=2`, `Stage=dev Db"Password"=` + secret + " Size=2", `'DbPassword'=` + secret},
			[]string{`"DbPassword"=REDACTED`, `Stage=dev "DbPassword"=REDACTED Size=2`, `Stage=dev Db"Password"=REDACTED Size=2`, `'DbPassword'=REDACTED`},
		},
		{[]string{"--header=X-Api-Key: " + secret, "-HAuthorization: Bearer " + secret, "--api-key:" + secret, "--pass:" + secret, "--listen=localhost:80"}, []string{"--header=X-Api-Key: REDACTED", "-HAuthorization: Bearer REDACTED", "--api-key:REDACTED", "--pass:REDACTED", "--listen=localhost:80"}},
		{[]string{"curl", "-u", "me:" + secret, "http://a"}, []string{"curl", "-u", "me:REDACTED", "http://a"}},
		{[]string{"/usr/bin/curl", "-sSu", "me:" + secret + ":x", "-U", ":" + secret, "--user", "me"}, []string{"/usr/bin/curl", "-sSu", "me:REDACTED", "-U", ":REDACTED", "--user", "me"}},
		{[]string{"curl", "-ume:" + secret, "--proxy-user", "me:" + secret, "-HUser-Agent:x"}, []string{"curl", "-ume:REDACTED", "--proxy-user", "me:REDACTED", "-HUser-Agent:x"}},
		{
			[]string{"sh", "-c", "curl -fu me:" + secret + " http://a && curl -u 'me:a " + secret + `' b; curl --user "me:a ` + secret + `" -u me c | sam`},
			[]string{"sh", "-c", `curl -fu me:REDACTED http://a && curl -u 'me:REDACTED' b; curl --user "me:REDACTED" -u me c | sam`},
		},
		{[]string{"docker", "run", "-u", "node:node", "curlimages/curl", "--user"}, []string{"docker", "run", "-u", "node:node", "curlimages/curl", "--user"}},
		{[]string{"sh", "-c", "docker run --user 1000:1000 a && curl http://a:80/b"}, []string{"sh", "-c", "docker run --user 1000:1000 a && curl http://a:80/b"}},
		{[]string{"docker", "run", "-p", "8004:80", "image:latest"}, []string{"docker", "run", "-p", "8004:80", "image:latest"}},
	} {
		if got := redact.Command(c.args); !slices.Equal(got, c.want) {
			t.Errorf("%q is shown as\n%q, want\n%q", c.args, got, c.want)
		}
	}
}

func TestSetting(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"DbPassword=x&" + secret:                               "DbPassword=REDACTED",
		"Z=1 DbPassword=x&" + secret:                           "Z=1 DbPassword=REDACTED",
		`DbPassword=abc\ ` + secret:                            "DbPassword=REDACTED",
		`"DbPassword"=` + secret:                               `"DbPassword"=REDACTED`,
		`A=1 "DbPassword"="` + secret + `"`:                    `A=1 "DbPassword"=REDACTED`,
		"ParameterKey=Db,ParameterValue=a&" + secret:           "ParameterKey=REDACTED",
		"https://u:" + secret + "@h?sid=" + secret + "&page=2": "https://REDACTED@h?sid=REDACTED&page=2",
		"http://auth:8080":                                     "http://auth:8080",
		"auth:8080":                                            "auth:8080",
		"X-Api-Key":                                            "X-Api-Key",
	} {
		if got := redact.Setting(in); got != want {
			t.Errorf("%s is shown as %s, want %s", in, got, want)
		}
	}
}
