package childlog_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/childlog"
)

func TestFromCommand(t *testing.T) {
	t.Parallel()
	tests := []struct{ command, env, want string }{
		{"sam local start-api --port 3001", "", "http://127.0.0.1:3001"},
		{"sam local start-api -p 3001 --host 0.0.0.0", "", "http://127.0.0.1:3001"},
		{"sam local start-api -p3001", "", "http://127.0.0.1:3001"},
		{"sam local start-api --port=3001 --host=192.0.2.7", "", "http://192.0.2.7:3001"},
		{"flask --app app run", "PORT=1", "http://127.0.0.1:5000"},
		{"flask run", "PORT=1", "http://127.0.0.1:5000"},
		{"python3 -m flask run -h 0.0.0.0 --port 5001", "", "http://127.0.0.1:5001"},
		{"flask run", "FLASK_RUN_PORT=5002", "http://127.0.0.1:5002"},
		{"func start", "", "http://127.0.0.1:7071"},
		{"func start --port 7072", "", "http://127.0.0.1:7072"},
		{"node server.js", "PORT=4000", "http://127.0.0.1:4000"},
		{"env PORT=4001 node server.js", "PORT=4000", "http://127.0.0.1:4001"},
		{"node server.js", "", ""},
		{"npm run dev -- --port 5174", "", "http://127.0.0.1:5174"},
		{"python3 -m http.server", "", "http://127.0.0.1:8000"},
		{"python3 -u -m http.server 8081", "", "http://127.0.0.1:8081"},
		{"php -S localhost:8002 -t public", "", "http://localhost:8002"},
		{"gunicorn -b [::]:8003 app", "", "http://localhost:8003"},
		{"docker run -p 8004:80 image", "", "http://127.0.0.1:8004"},
		{"prog --port http", "", ""},
		{"prog --port 99999", "", ""},
		{"prog --port", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.command, func(t *testing.T) {
			t.Parallel()
			if got := childlog.FromCommand(strings.Fields(tt.command), strings.Fields(tt.env)); got != tt.want {
				t.Errorf("the address is %q, want %q", got, tt.want)
			}
		})
	}
}

// TestName has a command named without its arguments, which may be secrets.
func TestName(t *testing.T) {
	t.Parallel()
	for command, want := range map[string]string{
		"sam local start-api --parameter-overrides DbPassword=s3cret":        "sam local start-api",
		"env TOKEN=s3cret /usr/bin/sam --debug local start-api":              "sam local start-api",
		"aws-vault exec s3cret -- sam local start-api":                       "sam local start-api",
		"sh -c s3cret sam local start-api --parameter-overrides Stage=dev":   "sam local start-api",
		"s3cret-not.sh local start-api":                                      "s3cret-not.sh",
		"docker run s3cret sam local start-api":                              "docker",
		"/home/s3cret/bin/node server.js s3cret":                             "node",
		"env A=s3cret npm.cmd run dev":                                       "npm",
		"env -u s3cret node server.js":                                       "env",
		"env":                                                                "env",
		"python3 -m http.server 8000 --directory s3cret --bind u:s3cret@a:1": "python3",
	} {
		if got := childlog.Name(strings.Fields(command)); got != want {
			t.Errorf("%s is called %q, want %q", command, got, want)
		}
	}
}

func TestFromLine(t *testing.T) {
	t.Parallel()
	tests := []struct{ line, want string }{
		{"Mounting Scan at http://127.0.0.1:3001/scanRecords [POST]", "http://127.0.0.1:3001"},
		{" * Running on http://127.0.0.1:5000", "http://127.0.0.1:5000"},
		{" * Running on all addresses (0.0.0.0)", ""},
		{"listening on http://admin:47115@127.0.0.1:3000", ""},
		{"listening on http://admin:4711.x@127.0.0.1:3000", ""},
		{"Server listening on port 3000", "http://127.0.0.1:3000"},
		{"Example app listening at http://localhost:3000", "http://localhost:3000"},
		{"listening on :3000", "http://127.0.0.1:3000"},
		{"listening on 3000", "http://127.0.0.1:3000"},
		{"Listening on 0.0.0.0:3000", "http://127.0.0.1:3000"},
		{"listening on [::]:3000", "http://127.0.0.1:3000"},
		{"  ➜  Local:   http://localhost:5173/", "http://localhost:5173"},
		{"  ➜  Network: http://192.0.2.3:5173/", ""},
		{"http://localhost:4321/", "http://localhost:4321"},
		{"INFO:     Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)", "http://127.0.0.1:8000"},
		{"Serving HTTP on 0.0.0.0 port 8000 (http://0.0.0.0:8000/) ...", "http://127.0.0.1:8000"},
		{"\tHttpTrigger: [GET,POST] http://localhost:7071/api/HttpTrigger", ""},
		{"Now listening on: https://[::1]:7001", "https://[::1]:7001"},
		{"listening on http://[:]:3000", ""},
		{"Debugger listening on ws://127.0.0.1:9229/x", ""},
		{"Debug server running on port 9229", ""},
		{"connected to http://db:5984", ""},
		{"Found 12345 files", ""},
		{`127.0.0.1 - - [28/Nov/2026 10:00:00] "GET /on/port/3000 HTTP/1.1" 200 -`, ""},
		{"server started in 3000 ms", ""},
		{"Server error at app.js:42:13", ""},
		{"run.sh:20: server stopped at run.sh:20", ""},
		{"server.ts:12: listening on port 3000", "http://127.0.0.1:3000"},
		{"main.go:20: listening on :3000", "http://127.0.0.1:3000"},
		{"listening on my-pc.local:3000", "http://127.0.0.1:3000"},
	}
	for _, tt := range tests {
		t.Run(tt.line, func(t *testing.T) {
			t.Parallel()
			if got, _ := childlog.FromLine(tt.line); got != tt.want {
				t.Errorf("the address is %q, want %q", got, tt.want)
			}
		})
	}
}

func TestIsSAM(t *testing.T) {
	t.Parallel()
	for command, want := range map[string]bool{
		"sam local start-api":                       true,
		"/opt/sam/bin/sam --debug local start-api":  true,
		"python -m samcli local start-api --port 1": true,
		"sam local start-lambda":                    false,
		"node local":                                false,
		"docker run local start-api":                false,
	} {
		if got := childlog.IsSAM(strings.Fields(command)); got != want {
			t.Errorf("%s: %v, want %v", command, got, want)
		}
	}
}

const samLog = "\x1b[33mInvoking app.handler\x1b[0m\r\n" +
	"Traceback (most recent call last):\n" +
	"  File \"x.py\", line 1, in <module>\n" +
	"    boom()\n" +
	"\n" +
	"docker.errors.APIError: 500 Server Error\n" +
	"\n" +
	"During handling of the above exception, another exception occurred:\n\n" +
	"Traceback (most recent call last):\n" +
	"  File \"y.py\", line 2\n" +
	"samcli.x.ImageBuildException: Error building docker image: no route to host\n" +
	"127.0.0.1 - - [28/Nov/2026 10:00:00] \"\x1b[35mPOST /scanRecords HTTP/1.1\x1b[0m\" 502 -\n"

func TestLog(t *testing.T) {
	t.Parallel()
	var addresses []string
	l := &childlog.Log{Address: func(url string) { addresses = append(addresses, url) }}
	begin := time.Now()
	_, more := l.Since(begin)
	for i := range len(samLog) { // split anywhere
		_, _ = io.WriteString(l, samLog[i:i+1])
	}
	<-more
	_, _ = io.WriteString(l, "\x1b[32mRunning on http://127.0.0.1:3000\x1b[0m")
	l.End()
	f, _ := l.Since(begin)
	if f.Trouble == nil || f.Trouble.Code != "CP2210" || !strings.Contains(f.Trouble.Sentence, "no route to host") {
		t.Errorf("the trouble is %+v, want CP2210", f.Trouble)
	}
	if len(f.Answers) != 1 || f.Answers[0] != (childlog.Request{Method: "POST", Target: "/scanRecords", Status: "502"}) {
		t.Errorf("the answers are %+v", f.Answers)
	}
	if len(addresses) != 1 || addresses[0] != "http://127.0.0.1:3000" {
		t.Errorf("the addresses are %q", addresses)
	}
	if f, _ := l.Since(time.Now().Add(time.Hour)); f.Trouble != nil || f.Answers != nil {
		t.Errorf("later there is %+v", f)
	}
	l.Clear()
	if f, _ := l.Since(begin); f.Trouble != nil {
		t.Errorf("after Clear there is %+v", f)
	}
}
