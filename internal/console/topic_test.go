package console_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/console"
)

func TestCatalogue(t *testing.T) {
	t.Parallel()
	id := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`)
	seen := map[string]bool{}
	for _, topic := range console.All() {
		if seen[topic.ID] || !id.MatchString(topic.ID) {
			t.Errorf("id %q is malformed or stands twice", topic.ID)
		}
		seen[topic.ID] = true
		if topic.Title == "" || strings.HasSuffix(topic.Title, ".") || len(topic.Title) > 72 {
			t.Errorf("%s: title %q: want a short line without a full stop", topic.ID, topic.Title)
		}
		if len(topic.CausesAt("")) == 0 {
			t.Errorf("%s has no causes", topic.ID)
		}
		for _, s := range append(topic.CausesAt(""), topic.Meaning, topic.Fix) {
			if !strings.HasSuffix(s, ".") || strings.Contains(s, "  ") {
				t.Errorf("%s: %q is not whole sentences", topic.ID, s)
			}
		}
		if got, ok := console.Lookup(topic.ID); !ok || got.Title != topic.Title {
			t.Errorf("Lookup(%s) = %v, %v", topic.ID, got.Title, ok)
		}
	}
	if _, ok := console.Lookup("no-such-topic"); ok {
		t.Error("Lookup knows no-such-topic")
	}
}

func TestRemedies(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want []string // each a line that some paste has
		try  string
	}{
		"preflight": {
			fetchBlocked + preflight + "No 'Access-Control-Allow-Origin' header is present on the requested resource.",
			[]string{
				"corsproxy --allow-origin http://localhost:5173",
				`  AllowOrigin: "'http://localhost:5173'"`,
				"  AllowOrigins: [http://localhost:5173]",
			},
			"corsproxy try http://localhost:3000/items --origin http://localhost:5173 --method POST --header 'content-type: application/json'",
		},
		"actual": {
			fetchBlocked + "No 'Access-Control-Allow-Origin' header is present on the requested resource.",
			[]string{`"headers": {"Access-Control-Allow-Origin": "http://localhost:5173"}`, "  DEFAULT_4XX:"},
			"corsproxy try http://localhost:3000/items --origin http://localhost:5173",
		},
		"header": {
			fetchBlocked + "Request header field x-api-key is not allowed by Access-Control-Allow-Headers in preflight response.",
			[]string{
				"corsproxy --allow-header '*'",
				`AllowHeaders: "'Content-Type,Authorization,x-api-key'"`,
				"AllowHeaders: [content-type, authorization, x-api-key]",
			},
			"corsproxy try http://localhost:3000/items --origin http://localhost:5173 --header 'x-api-key: x'",
		},
		"method": {
			fetchBlocked + "Method patch is not allowed by Access-Control-Allow-Methods in preflight response.",
			[]string{"method: 'PATCH'"},
			"corsproxy try http://localhost:3000/items --origin http://localhost:5173 --method patch",
		},
		"method in capitals": {
			fetchBlocked + "Method PATCH is not allowed by Access-Control-Allow-Methods in preflight response.",
			[]string{"corsproxy --allow-method '*'", `AllowMethods: "'PATCH,OPTIONS'"`, "AllowMethods: [PATCH]"},
			"corsproxy try http://localhost:3000/items --origin http://localhost:5173 --method PATCH",
		},
		"another site": {
			fetchBlocked + "The 'Access-Control-Allow-Origin' header has a value 'https://app.example.com' that is not equal to the supplied origin.",
			[]string{"corsproxy --allow-origin http://localhost:5173 --response-headers replace", "AllowOrigins: [https://app.example.com, http://localhost:5173]"},
			"corsproxy try http://localhost:3000/items --origin http://localhost:5173",
		},
		"another port": {
			fetchBlocked + "The 'Access-Control-Allow-Origin' header has a value 'http://localhost:3000' that is not equal to the supplied origin.",
			[]string{"corsproxy --allow-origin http://localhost:5173 --response-headers replace", `AllowOrigin: "'http://localhost:5173'"`},
			"corsproxy try http://localhost:3000/items --origin http://localhost:5173",
		},
		"Safari, missing or another": {
			"Origin http://localhost:5173 is not allowed by Access-Control-Allow-Origin. Status code: 200",
			[]string{"corsproxy --allow-origin http://localhost:5173 --response-headers replace"},
			"corsproxy try http://localhost:3000/items --origin http://localhost:5173",
		},
		"corsproxy's own URL": {
			strings.ReplaceAll(fetchBlocked, ":3000", ":8080") + "No 'Access-Control-Allow-Origin' header is present on the requested resource.",
			[]string{"corsproxy --allow-origin http://localhost:5173 --response-headers fill"},
			"corsproxy try http://localhost:8080/items --origin http://localhost:5173",
		},
		"credentials": {
			fetchBlocked + "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'.",
			[]string{"corsproxy --allow-origin http://localhost:5173 --allow-credentials --response-headers replace", "AllowCredentials: true", `"headers": {"Access-Control-Allow-Origin": "http://localhost:5173", "Access-Control-Allow-Credentials": "true"}`},
			"corsproxy try http://localhost:3000/items --origin http://localhost:5173 --credentials",
		},
		"another upstream": {
			strings.ReplaceAll(fetchBlocked, ":3000", ":4000") + preflight + "It does not have HTTP ok status.",
			[]string{"corsproxy --upstream http://localhost:4000 --allow-origin http://localhost:5173"},
			"corsproxy try http://localhost:4000/items --origin http://localhost:5173 --method POST --header 'content-type: application/json'",
		},
		"redirected": {
			"Access to fetch at 'http://localhost:3000/b' (redirected from 'http://localhost:3000/a') from origin 'http://localhost:5173' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource.",
			nil,
			"corsproxy try http://localhost:3000/a --origin http://localhost:5173",
		},
		"nothing that a shell would run": {
			"Access to fetch at 'http://localhost:3000/a;$(reboot)' from origin 'http://$(reboot)' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource.",
			[]string{"corsproxy --allow-origin http://localhost:5173 --response-headers fill"},
			"corsproxy try 'http://localhost:3000/a;$(reboot)' --origin http://localhost:5173",
		},
		"only a name": {
			"PreflightInvalidStatus", nil,
			"corsproxy try http://localhost:3000/items --origin http://localhost:5173 --method POST --header 'content-type: application/json'",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := console.Read(test.text)
			if len(all) != 1 {
				t.Fatalf("%d messages, want one: %+v", len(all), all)
			}
			lines := "\n"
			for _, p := range all[0].Remedies() {
				lines += p.Text + "\n"
			}
			for _, want := range test.want {
				if !strings.Contains(lines, "\n"+want+"\n") {
					t.Errorf("no paste has the line %q:\n%s", want, lines)
				}
			}
			if got := all[0].TryCommand(); got != test.try {
				t.Errorf("try\n got %s\nwant %s", got, test.try)
			}
		})
	}
}

// A site that is named on purpose is never overwritten, Cors does nothing for
// what a REST API's function answers, and a word in the page is not for the API.
func TestRemediesLeaveOut(t *testing.T) {
	t.Parallel()
	for text, unwanted := range map[string][]string{
		// What is not in question is not to be written anew.
		"Request header field x-api-key is not allowed by Access-Control-Allow-Headers in preflight response.":                     {"AllowOrigin", "AllowMethods", "Globals"},
		"Method PUT is not allowed by Access-Control-Allow-Methods in preflight response.":                                         {"AllowOrigin", "AllowHeaders", "GET,POST,PUT,OPTIONS"},
		"The 'Access-Control-Allow-Origin' header has a value 'https://app.example.com' that is not equal to the supplied origin.": {"AllowOrigin:", `"headers": {`},
		"No 'Access-Control-Allow-Origin' header is present on the requested resource.":                                            {"AllowOrigin:"},
		"Method patch is not allowed by Access-Control-Allow-Methods in preflight response.":                                       {"--allow-method", "AllowMethods"},
	} {
		for _, m := range console.Read(fetchBlocked + text) {
			for _, p := range m.Remedies() {
				for _, u := range unwanted {
					if strings.Contains(p.Text, u) {
						t.Errorf("%s: %q is proposed", text, p.Text)
					}
				}
			}
		}
	}
}

// What the template says of the route of the URL goes before what holds for any.
func TestRemediesOfRoute(t *testing.T) {
	t.Parallel()
	text := strings.ReplaceAll(fetchBlocked, ":3000", ":4000") + "No 'Access-Control-Allow-Origin' header is present on the requested resource."
	read := func(of *console.Template) (m console.Message, kinds string) {
		m = console.Read(text)[0]
		m.Template = of
		for _, p := range m.Remedies() {
			for _, word := range []string{"corsproxy", `"headers"`, "GatewayResponses"} {
				if strings.HasPrefix(p.Text, word) {
					kinds += word + " "
				}
			}
		}
		return m, kinds
	}
	for name, tt := range map[string]struct {
		template *console.Template
		want     string
	}{
		"none":                            {nil, `corsproxy "headers" GatewayResponses `},
		"a REST API":                      {&console.Template{Methods: []string{"GET"}, Errors: "below Properties of A"}, `corsproxy "headers" GatewayResponses `},
		"without a place for responses":   {&console.Template{Methods: []string{"GET"}}, `corsproxy "headers" `},
		"an HTTP API that sets its own":   {&console.Template{Methods: []string{"GET"}, Drops: true}, `corsproxy `},
		"a URL that is not of the routes": {&console.Template{Note: "CP3004"}, `corsproxy `},
	} {
		if _, got := read(tt.template); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	// The site that the template names is to stay, and what makes it work here has to.
	m, _ := read(&console.Template{Methods: []string{"GET"}, Sites: []console.Site{{Origin: "https://app.example.com", Errors: true}}})
	for _, p := range m.Remedies()[1:] {
		if !strings.Contains(p.Text, "https://app.example.com") || strings.Contains(p.Text, "localhost") {
			t.Errorf("for a template that is for https://app.example.com, %q is proposed", p.Text)
		}
	}
	m = console.Read(fetchBlocked + "Response to preflight request doesn't pass access control check: No 'Access-Control-Allow-Origin' header is present on the requested resource.")[0]
	m.Template = &console.Template{Methods: []string{"GET"}, Drops: true}
	if got, want := m.Remedies()[0].Text, "corsproxy --allow-origin http://localhost:5173 --response-headers replace"; got != want {
		t.Errorf("for an HTTP API %q is proposed, want %q", got, want)
	}
	m, _ = read(&console.Template{Methods: []string{"PUT"}})
	if got, want := m.TryCommand(), "corsproxy try http://localhost:4000/items --origin http://localhost:5173 --method PUT"; got != want {
		t.Errorf("try\n got %s\nwant %s", got, want)
	}
	m.URL = "http://localhost:4000/\u009b31m\u202eé"
	if got, want := m.TryCommand(), "'http://localhost:4000/%C2%9B31m%E2%80%AE%C3%A9'"; !strings.Contains(got, want) {
		t.Errorf("try is %q, without %s", got, want)
	}
	if got, want := m.Remedies()[0].For, "(if http://localhost:4000 is corsproxy already, start that again with what follows --upstream here)"; !strings.HasSuffix(got, want) {
		t.Errorf("%q is for\n got %s\nwant …%s", m.Remedies()[0].Text, got, want)
	}
}

// Firefox says of a preflight that got 403 what it says of any answer without the
// header. Where SAM local has the path and no OPTIONS, that is the first thing to
// change; what the function returns counts after it.
func TestRefusedPreflight(t *testing.T) {
	t.Parallel()
	const line = "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at http://localhost:3000/orders. (Reason: CORS header ‘Access-Control-Allow-Origin’ missing). Status code: "
	cors := []console.Paste{{For: "in the template", Text: "Cors:"}}
	const post = "corsproxy try http://localhost:3000/orders --origin http://localhost:5173 --method POST --header 'content-type: application/json'"
	const get = "corsproxy try http://localhost:3000/orders --origin http://localhost:5173"
	for name, tt := range map[string]struct {
		status    string
		noOptions bool
		want      string // beginnings of the pastes
		note, try string
	}{
		"403, and no OPTIONS": {"403.", true, `corsproxy Cors: "headers": GatewayResponses: `,
			"SAM local mounts GET, POST there, and no OPTIONS. It answers each preflight with 403, such as that of a request with JSON or a token.", post},
		"403, and OPTIONS": {"403.", false, `corsproxy "headers": Cors: GatewayResponses: `, "", get},
		"200":              {"200.", true, `corsproxy "headers": Cors: GatewayResponses: `, "", get},
	} {
		m := console.Read(line + tt.status)[0]
		m.Template = &console.Template{REST: cors, Methods: []string{"GET", "HEAD", "POST"}, NoOptions: tt.noOptions, Errors: "below Properties of A"}
		got := ""
		for _, p := range m.Remedies() {
			got += strings.Fields(p.Text)[0] + " "
		}
		if got != tt.want || m.Note() != tt.note || m.TryCommand() != tt.try {
			t.Errorf("%s:\n got %s\nwant %s\nnote %q, want %q\n got %s\nwant %s", name, got, tt.want, m.Note(), tt.note, m.TryCommand(), tt.try)
		}
	}
	// An HTTP API that is given the setting takes no header of the function.
	m := console.Read(line + "403.")[0]
	m.Template = &console.Template{HTTP: cors, Methods: []string{"GET"}, NoOptions: true}
	for _, p := range m.Remedies() {
		if strings.HasPrefix(p.Text, `"headers"`) {
			t.Errorf("beside the setting of an HTTP API, %s is proposed", p.Text)
		}
	}
	// The page's origin is not told, and an example has to do.
	if w := console.Read(line + "403.")[0].Wish(); w.Origin != "" || w.Example != "http://localhost:5173" || !w.Preflight {
		t.Errorf("the template has to allow %+v", w)
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(console.Read("PreflightMissingAllowOriginHeader"))
	if err != nil {
		t.Fatal(err)
	}
	var got []map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 {
		t.Fatalf("got %s", text)
	}
	for key, want := range map[string]any{
		"kind": "console", "browser": "chrome", "topic": "missing-allow-origin", "stage": "preflight",
		"chrome": "PreflightMissingAllowOriginHeader", "firefox": "CORSMissingAllowOrigin", "url": nil, "status": nil,
	} {
		if got[0][key] != want {
			t.Errorf("%s is %v, want %v", key, got[0][key], want)
		}
	}
}
