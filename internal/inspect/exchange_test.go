package inspect_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/inspect"
	"github.com/corsproxy/corsproxy/proxy"
)

const page = "Origin: http://localhost:5173"

func TestExchange(t *testing.T) {
	t.Parallel()
	b := newBench(t, echo)
	b.through("OPTIONS", "/items", "", page, "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: content-type")
	b.through("PUT", "/items", `{"a":1.10,"b":[]}`, page, "Content-Type: application/json")
	rows := b.ended(2)
	if r := rows[0]; r.Kind != "preflight" || r.Asks != "PUT" || r.Outcome != "plain" || !r.Answered || r.Status != 200 {
		t.Errorf("the preflight is listed as %+v", r)
	}
	if r := rows[1]; r.Kind != "actual" || r.Asks != "" || r.Outcome != "plain" || r.Verdict != "WildcardOriginNotAllowed" || r.Answered {
		t.Errorf("the request is listed as %+v", r)
	}
	d := call[detail](b, "GET", "exchanges/"+rows[1].ID)
	if d.Preflight == nil || d.Preflight.ID != rows[0].ID {
		t.Errorf("its preflight is %+v", d.Preflight)
	}
	if d.Request.Body.Kind != "json" || d.Request.Body.Text != "{\n  \"a\": 1.10,\n  \"b\": []\n}" {
		t.Errorf("the body of the request is %+v", d.Request.Body)
	}
	if d.Answer == nil || d.Answer.field("Access-Control-Allow-Origin") != "*" || d.Upstream == nil || d.Upstream.Body.Kind != "same" {
		t.Errorf("the answer is %+v, the upstream's %+v", d.Answer, d.Upstream)
	}
	if len(d.SetBy) != 1 || d.SetBy[0].Name != "Access-Control-Allow-Origin" || d.SetBy[0].By != "upstream" {
		t.Errorf("set by %+v", d.SetBy)
	}
	var told strings.Builder
	for _, s := range d.Steps {
		fmt.Fprintln(&told, s.By, s.Mark, s.Text)
	}
	for _, want := range []string{"browser note An actual request from http://localhost:5173", "corsproxy yes The policy allows it", "upstream note The upstream answered 200", "browser yes Access-Control-Allow-Origin allows the origin", "browser needless Access-Control-Allow-Credentials is not needed: the request includes no credentials", "browser yes Readable"} {
		if !strings.Contains(told.String(), want) {
			t.Errorf("the steps lack %q:\n%s", want, told.String())
		}
	}
	first := call[detail](b, "GET", "exchanges/"+rows[0].ID)
	if len(first.Actual) != 1 || first.Actual[0].ID != rows[1].ID {
		t.Errorf("what followed the preflight is %+v", first.Actual)
	}
	for _, s := range first.SetBy {
		if s.By != "corsproxy" {
			t.Errorf("the preflight's %s was set by %s", s.Name, s.By)
		}
	}
}

func TestBlocked(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/nowhere":
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(403)
			fmt.Fprintln(w, `{"message":"Missing Authentication Token"}`)
		case "/bytes":
			_, _ = w.Write([]byte{0, 1, 2, 0xff})
		default:
			fmt.Fprint(w, "<b>x</b>")
		}
	})
	b.through("GET", "/plain", "", page)
	b.through("GET", "/nowhere", "", page)
	b.through("GET", "/bytes", "")
	b.through("GET", "/favicon.ico", "")
	rows := b.ended(4)
	if r := rows[0]; r.Outcome != "blocked" || r.Verdict != "MissingAllowOriginHeader" {
		t.Errorf("listed as %+v", r)
	}
	if r := rows[1]; r.Outcome != "readable" || r.Code != "CP3000" {
		t.Errorf("listed as %+v", r)
	}
	d := call[detail](b, "GET", "exchanges/"+rows[1].ID)
	if d.Upstream == nil || !strings.HasPrefix(d.Upstream.Line, "HTTP/1.1 403") || !strings.Contains(d.Upstream.Body.Text, "Missing Authentication Token") || d.Diagnosis == nil {
		t.Errorf("the upstream's answer is %+v, the diagnosis %+v", d.Upstream, d.Diagnosis)
	}
	if d := call[detail](b, "GET", "exchanges/"+rows[2].ID); d.Answer.Body.Kind != "hex" || !strings.Contains(d.Answer.Body.Text, "00 01 02 ff") || d.Outcome != "" {
		t.Errorf("binary is shown as %+v", d.Answer.Body)
	}
	if !rows[3].Noise || rows[0].Noise {
		t.Errorf("noise: %+v", rows)
	}
}

func TestSecretsStayOnTheServer(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t"
	b := newBench(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Set-Cookie", "session="+secret+"; Path=/; HttpOnly")
		w.Header().Set("Location", "/next?code="+secret+"&page=2")
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.WriteHeader(http.StatusFound) // the browser's checks have the Location too
		fmt.Fprint(w, "ok")
	})
	b.through("GET", "/a?access_token="+secret+"&page=2&X-Amz-Signature="+secret+"&sig="+secret, "",
		page, "Authorization: Bearer "+secret, "Cookie: a="+secret+"; theme="+secret, "X-Api-Key: "+secret, "X-Amz-Security-Token: "+secret,
		"Proxy-Authorization: Basic "+secret, "X-Auth-Token: "+secret, "Referer: http://localhost:5173/?token="+secret)
	id := b.ended(1)[0].ID
	headers := "X-Corsproxy-Inspector: " + b.token
	for _, path := range []string{"exchanges", "exchanges/" + id, "exchanges/" + id + "/har", "har"} {
		a := b.send("GET", "/api/"+path, headers)
		if a.status != 200 || strings.Contains(a.body, secret) {
			t.Errorf("%s gives secrets away: %d %s", path, a.status, a.body)
		}
		if !strings.Contains(a.body, inspect.Redacted) || !strings.Contains(a.body, "page=2") {
			t.Errorf("%s does not say that something is left out, or leaves out too much: %s", path, a.body)
		}
	}
	d := call[detail](b, "GET", "exchanges/"+id)
	for name, want := range map[string]string{
		"Authorization": "Bearer REDACTED", "Cookie": "a=REDACTED; theme=REDACTED", "X-Api-Key": "REDACTED", "Referer": "http://localhost:5173/?token=REDACTED",
	} {
		if got := d.Request.field(name); got != want {
			t.Errorf("%s is shown as %q, want %q", name, got, want)
		}
	}
	if got, want := d.Answer.field("Set-Cookie"), "session=REDACTED; Path=/; HttpOnly"; got != want {
		t.Errorf("Set-Cookie is shown as %q, want %q", got, want)
	}
	if got := d.Answer.field("Access-Control-Allow-Credentials"); got != "true" {
		t.Errorf("Access-Control-Allow-Credentials is shown as %q", got)
	}
	if !d.Hidden || d.Revealed || strings.Contains(d.Curl, secret) {
		t.Errorf("hidden %v, revealed %v, curl %s", d.Hidden, d.Revealed, d.Curl)
	}
	shown := call[detail](b, "POST", "exchanges/"+id+"/reveal")
	if shown.Hidden || !shown.Revealed || shown.Request.field("Authorization") != "Bearer "+secret || !strings.Contains(shown.Curl, secret) {
		t.Errorf("revealed: %+v", shown)
	}
	if a := b.send("POST", "/api/exchanges/"+id+"/revealed-har", headers); !strings.Contains(a.body, secret) {
		t.Errorf("the revealed archive has no secrets: %s", a.body)
	}
}

// TestSecretsInBodies has a secret in a form, and in the JSON of an answer.
func TestSecretsInBodies(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t"
	b := newBench(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"user":"me","refreshToken":"`+secret+`"}`)
	})
	b.through("POST", "/login", "user=me&password="+secret, page, "Content-Type: application/x-www-form-urlencoded")
	id := b.ended(1)[0].ID
	headers := "X-Corsproxy-Inspector: " + b.token
	for _, path := range []string{"exchanges", "exchanges/" + id, "exchanges/" + id + "/har", "har"} {
		if a := b.send("GET", "/api/"+path, headers); a.status != 200 || strings.Contains(a.body, secret) {
			t.Errorf("%s gives secrets away: %d %s", path, a.status, a.body)
		}
	}
	d := call[detail](b, "GET", "exchanges/"+id)
	if !d.Hidden || d.Request.Body.Text != "user=me&password=REDACTED" || !strings.Contains(d.Answer.Body.Text, `"refreshToken": "REDACTED"`) || !strings.Contains(d.Curl, "'user=me&password=REDACTED'") {
		t.Errorf("hidden %v, bodies %+v and %+v, curl %s", d.Hidden, d.Request.Body, d.Answer.Body, d.Curl)
	}
	shown := call[detail](b, "POST", "exchanges/"+id+"/reveal")
	if !strings.Contains(shown.Request.Body.Text, secret) || !strings.Contains(shown.Answer.Body.Text, secret) || !strings.Contains(shown.Curl, secret) {
		t.Errorf("revealed: %+v", shown)
	}
}

// TestSecretsOfEachType has bodies that have names, some with a byte that is no
// text.
func TestSecretsOfEachType(t *testing.T) {
	t.Parallel()
	const secret, form = "s3cr3t", "application/x-www-form-urlencoded"
	b := newBench(t, echo)
	bodies := []struct{ mediaType, coding, body, shown string }{
		{"application/json", "", "{\"name\":\"M\x7fx\",\"password\":\"" + secret + "\"}", "{\"name\":\"M\x7fx\",\"password\":\"REDACTED\"}"},
		{"application/json", "", "{\"name\":\"M\u0085x\",\"password\":\"" + secret + "\"}", "{\"name\":\"M\u0085x\",\"password\":\"REDACTED\"}"},
		{"application/json", "", "{\"name\":\"M\xfcller\",\"password\":\"" + secret + "\"}", "{\"name\":\"M\xfcller\",\"password\":\"REDACTED\"}"},
		{"application/json", "gzip", "{\"name\":\"M\xfcller\",\"password\":\"" + secret + "\"}", "{\"name\":\"M\xfcller\",\"password\":\"REDACTED\"}"},
		{"text/plain", "", "[\"\x01\",{\"password\":\"" + secret + "\"}]", "[\"\x01\",{\"password\":\"REDACTED\"}]"},
		{"text/plain", "", "\ufeff {\"password\":\"" + secret + "\"}", "\ufeff {\"password\":\"REDACTED\"}"},
		{form, "", "name=M\xfc&password=" + secret, "name=M\xfc&password=REDACTED"},
		{form, "", "payload=%7B%22a%22%3A1%2C%22token%22%3A%22" + secret + "%22%7D", "payload=%7B%22a%22%3A1%2C%22token%22%3A%22REDACTED%22%7D"},
		{"application/graphql", "", "mutation { login(user: \"me\", password: \"" + secret + "\") { id } }", "mutation { login(user: \"me\", password: \"REDACTED\") { id } }"},
		// Of what is compressed nothing is a name, and nothing is replaced.
		{"application/json", "br", "[//\x80@\xff\xfe\x01\xf0\x9c//\x80\x81\x00\xfe@", "[//\x80@\xff\xfe\x01\xf0\x9c//\x80\x81\x00\xfe@"},
	}
	for _, c := range bodies {
		fields := []string{"Content-Type: " + c.mediaType}
		if c.coding != "" {
			fields = append(fields, "Content-Encoding: "+c.coding)
		}
		b.through("POST", "/login", c.body, fields...)
	}
	for i, row := range b.ended(len(bodies)) {
		c := bodies[i]
		d := call[detail](b, "GET", "exchanges/"+row.ID)
		text := c.shown
		if d.Request.Body.Kind == "hex" {
			text = hex.Dump([]byte(c.shown))
		}
		if d.Request.Body.Text != text || d.Hidden != (c.shown != c.body) || strings.Contains(d.Curl, secret) {
			t.Errorf("%q: hidden %v, body %+v, curl %s", c.body, d.Hidden, d.Request.Body, d.Curl)
		}
		post := call[archive](b, "GET", "exchanges/"+row.ID+"/har").Log.Entries[0].Request.PostData
		if got, err := base64.StdEncoding.DecodeString(post.Text); post.Text != c.shown && (err != nil || string(got) != c.shown) {
			t.Errorf("%q is in an archive as %q", c.body, post.Text)
		}
	}
}

// TestSecretsInWhatIsSaid has a secret in each field that a sentence, a check or
// an archive repeats.
func TestSecretsInWhatIsSaid(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t"
	b := newBench(t, func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "https://user:"+secret+"@a.example/?token=a;b'"+secret+"&page=2")
		h.Set("Access-Control-Expose-Headers", "x?token="+secret)
		h.Set("Location", "https://user:"+secret+"@a.example/next?api-key="+secret+" "+secret)
		h.Set("Content-Type", "text/plain; token="+secret)
		h.Set("Set-Cookie", "a="+secret+";"+secret+"; Secure")
		if r.URL.Path == "/moved" {
			w.WriteHeader(http.StatusFound)
		}
	})
	for _, path := range []string{"/moved", "/x"} {
		b.through("GET", path+"?page=2&acc%65ss_token="+secret+"&user[password]="+secret+"&SAMLResponse="+secret, "", page, "X-Auth-Key: "+secret,
			"Ocp-Apim-Subscription-Key: "+secret, "Sec-WebSocket-Protocol: bearer, "+secret, "Authorization: "+secret+" xyz", "Referer: https://user:"+secret+"@a.example/")
	}
	b.through("OPTIONS", "/x", "", "Origin: https://user:"+secret+"@a.example/?sid="+secret, "Access-Control-Request-Method: PUT")
	stream := b.follow()
	b.through("GET", "/x?sid="+secret, "", "Origin: https://user:"+secret+"@a.example")
	for range 2 { // begun, ended
		if _, data := stream.next(); strings.Contains(data, secret) {
			t.Errorf("the stream gives secrets away: %s", data)
		}
	}
	paths := []string{"exchanges", "har", "routes"}
	for _, r := range b.ended(4) {
		paths = append(paths, "exchanges/"+r.ID, "exchanges/"+r.ID+"/har")
	}
	for _, path := range paths {
		a := b.send("GET", "/api/"+path, "X-Corsproxy-Inspector: "+b.token)
		if i := strings.Index(a.body, secret); a.status != 200 || i >= 0 {
			t.Errorf("%s gives secrets away: %d …%s…", path, a.status, a.body[max(0, i-200):min(len(a.body), i+50)])
		}
	}
}

// TestSecretsInEverySentence has a secret wherever an exchange repeats what
// came from outside.
func TestSecretsInEverySentence(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t"
	said := "it is https://user:" + secret + "@a.example/?token=" + secret
	b := newBench(t, echo)
	d := &diagnosis.Diagnosis{Code: diagnosis.UpstreamFailed, Detail: said, Hints: []string{said}}
	v := browser.Verdict{Stage: browser.StageActual, Chrome: "WildcardOriginNotAllowed", Firefox: said, Safari: said, Detail: said}
	m := proxy.Message{Line: "HTTP/1.1 500 " + said, Fields: []proxy.Field{{Name: "X-Said", Value: said}}}
	b.Observe(proxy.Exchange{
		ID: "x", Method: "GET", Target: "/?token=" + secret, Host: said, Origin: said, Status: 500, Err: errors.New(said), Diagnosis: d, Deployed: d,
		Verdict: &proxy.Verdict{Plain: v, Credentials: v, Blocked: d},
		Record:  &proxy.Record{Request: proxy.Message{Line: "GET /?token=" + secret + " HTTP/1.1", Fields: m.Fields}, Upstream: m, Answer: m},
	})
	for _, path := range []string{"exchanges", "har", "exchanges/x", "exchanges/x/har"} {
		a := b.get("/api/"+path, b.token)
		if i := strings.Index(a.body, secret); a.status != 200 || i >= 0 || !strings.Contains(a.body, inspect.Redacted) {
			t.Errorf("%s gives secrets away: %d …%s…", path, a.status, a.body[max(0, i-200):min(len(a.body), i+50)])
		}
	}
	if a := b.send("POST", "/api/exchanges/x/reveal", "X-Corsproxy-Inspector: "+b.token); strings.Count(a.body, secret) < 10 {
		t.Errorf("asked for them, it says %s", a.body)
	}
}

// TestReplaysAreBounded has an upstream that answers none.
func TestReplaysAreBounded(t *testing.T) {
	t.Parallel()
	var asked atomic.Bool
	b := newBench(t, func(_ http.ResponseWriter, r *http.Request) {
		if asked.Swap(true) {
			<-r.Context().Done()
		}
	})
	b.through("GET", "/", "")
	replay := "/api/exchanges/" + b.ended(1)[0].ID + "/replay"
	const most = 16
	for i := range most + 1 {
		want := http.StatusOK
		if i == most {
			want = http.StatusConflict
		}
		if a := b.send("POST", replay, "X-Corsproxy-Inspector: "+b.token); a.status != want {
			t.Errorf("replay %d: %d %s", i+1, a.status, a.body)
		}
	}
	b.EndReplays()
}

func TestReplay(t *testing.T) {
	t.Parallel()
	got := make(chan string, 10)
	b := newBench(t, func(w http.ResponseWriter, r *http.Request) {
		var body strings.Builder
		_, _ = fmt.Fprint(&body, r.Method, " ", r.RequestURI, " ", r.Header.Get("Authorization"), " ")
		var v any
		_ = json.NewDecoder(r.Body).Decode(&v)
		fmt.Fprint(&body, v)
		got <- body.String()
		fmt.Fprint(w, "ok")
	})
	b.through("POST", "/a?token=x", `[1,2]`, "Authorization: Bearer y")
	first := b.ended(1)[0]
	call[struct{}](b, "POST", "exchanges/"+first.ID+"/replay")
	rows := b.ended(2)
	if rows[1].ReplayOf != first.ID || rows[0].ReplayOf != "" || rows[1].Method != "POST" || rows[1].Target != rows[0].Target {
		t.Errorf("replayed as %+v", rows)
	}
	// The function gets the secrets that nobody was shown.
	if once, again := <-got, <-got; once != "POST /a?token=x Bearer y [1 2]" || again != once {
		t.Errorf("the upstream got %q and then %q", once, again)
	}
}

// TestReplaysEndBeforeTheProxy has the proxy end at once, though an answer that
// was asked for again has no end.
func TestReplaysEndBeforeTheProxy(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	again := make(chan struct{})
	b := newBench(t, func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 1 {
			return
		}
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		close(again)
		<-r.Context().Done()
	})
	b.through("GET", "/endless", "")
	call[struct{}](b, "POST", "exchanges/"+b.ended(1)[0].ID+"/replay")
	<-again
	b.EndReplays()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := b.proxy.Shutdown(ctx); err != nil {
		t.Errorf("the proxy waits for the replay: %v", err)
	}
}

func TestNoReplayOfHalfARequest(t *testing.T) {
	t.Parallel()
	b := newBench(t, echo)
	b.through("POST", "/big", strings.Repeat("x", inspect.MaxBody+1))
	id := b.ended(1)[0].ID
	d := call[detail](b, "GET", "exchanges/"+id)
	if !strings.Contains(d.Replay, "cut") || d.Request.Body.Whole || d.Request.Body.Size != inspect.MaxBody+1 {
		t.Errorf("replay %q of %+v", d.Replay, d.Request.Body.Size)
	}
	if !strings.HasPrefix(d.Curl, ": 'The body is not here: 262144 of at least 262145 bytes were kept.'\ncurl ") {
		t.Errorf("curl is %.200s", d.Curl)
	}
	a := b.send("POST", "/api/exchanges/"+id+"/replay", "X-Corsproxy-Inspector: "+b.token)
	if a.status != http.StatusConflict || !strings.Contains(a.body, "cut") {
		t.Errorf("answered %d %s", a.status, a.body)
	}
	if rows := b.ended(1); len(rows) != 1 {
		t.Errorf("there are %+v", rows)
	}
}
