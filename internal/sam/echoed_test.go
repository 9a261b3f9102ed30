package sam_test

import (
	"strconv"
	"testing"

	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// TestEchoedOrigins reads mapping templates as CDK has written them, and leaves others
// alone.
func TestEchoedOrigins(t *testing.T) {
	t.Parallel()
	const (
		get  = `$input.params().header.get`
		head = `#set($origin = ` + get + "(\"Origin\"))\n#if($origin == \"\")\n  #set($origin = " + get + "(\"origin\"))\n#end\n"
		tail = "\n  #set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)\n#end"
	)
	for name, tt := range map[string]struct {
		template string
		known    bool
		allowed  string // of those below
	}{
		"none":             {"", true, ""},
		"no header":        {"#set($a = 1)", true, ""},
		"equal":            {head + `#if($origin == "https://a.b.example" || $origin == "http://localhost:5173")` + tail, true, "https://a.b.example http://localhost:5173"},
		"pattern":          {head + `#if($origin.matches("https://a.b.example"))` + tail, true, "https://a.b.example https://a-b.example"},
		"before 2.93":      {`#set($origin = ` + get + "(\"Origin\"))\n#if($origin == \"\") #set($origin = " + get + "(\"origin\")) #end\n" + `#if($origin.matches("http://localhost:5173"))` + tail, true, "http://localhost:5173"},
		"regex":            {head + `#if($origin.matches("https://.*"))` + tail, false, ""},
		"other condition":  {head + `#if($origin == "https://a.b.example" && $origin != "")` + tail, false, ""},
		"half a match":     {head + `#if($origin.matches("https://a.b.example")` + tail, false, ""},
		"reference":        {head + `#if($origin == "$stageVariables.origin")` + tail, false, ""},
		"more":             {head + `#if($origin == "https://a.b.example")` + tail + "\n#set($context.responseOverride.status = 403)", false, ""},
		"in any letters":   {"#set($origin = " + get + "(\"Origin\"))\n" + `#if($origin == "https://a.b.example")` + tail, false, ""},
		"of the query too": {"#set($origin = $input.params(\"Origin\"))\n#if($origin == \"\") #set($origin = $input.params(\"origin\")) #end\n" + `#if($origin.matches("https://a.b.example"))` + tail, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := "IntegrationResponses: [{StatusCode: '204', ResponseTemplates: {application/json: " + strconv.Quote(tt.template) + "}}]"
			integration, err := tree.Parse("", []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			all, known := sam.EchoedOrigins(integration)
			allowed := ""
			for _, origin := range []string{"https://a.b.example", "https://a-b.example", "https://a.b.example:1", "http://localhost:5173"} {
				for _, e := range all {
					if e.Is(origin) {
						allowed += " " + origin
					}
				}
			}
			if allowed != "" {
				allowed = allowed[1:]
			}
			if known != tt.known || allowed != tt.allowed {
				t.Errorf("known %t, and allows %q, want %t and %q", known, allowed, tt.known, tt.allowed)
			}
		})
	}
}
