package tree_test

import (
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

const sound = `Resources:
  Items:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Handler: a.b
      Description: Items of the shop
      Role: !GetAtt {a: b}
      Events:
        List: {Type: Api, Properties: {Path: /items, Method: get}}
        Get: {Type: Api, Properties: {Path: /items/one, Method: get}} # {not this}
        Put: {Type: Api, Properties: {Path: /items/two, Method: put}}
Outputs:
  Url: {Value: "{x"}
`

// TestSyntaxMistakes has the mistakes that people make in YAML: where they are
// said to be, and what.
func TestSyntaxMistakes(t *testing.T) {
	t.Parallel()
	if _, err := tree.Parse("t", []byte(sound)); err != nil {
		t.Fatal(err)
	}
	const inFlow = " has braces in it, which mean a map inside {…}; put it in quotes: "
	for _, tt := range []struct{ name, old, new, want string }{
		{"a parameter in a path", "/items/one", "/items/{id}", `t:11:45: "/items/{id}"` + inFlow + `Path: "/items/{id}"`},
		{"a greedy parameter", "/items/one", "/{proxy+}", `t:11:45: "/{proxy+}"` + inFlow + `Path: "/{proxy+}"`},
		{"two parameters", "/items/one", "/a/{b}/c/{d}", `t:11:45: "/a/{b}/c/{d}"` + inFlow + `Path: "/a/{b}/c/{d}"`},
		{"a parameter first", "/items/one", "{id}/one", `t:11:45: "{id}/one"` + inFlow + `Path: "{id}/one"`},
		{"a variable", "/items/one", "/items/${Stage}", `t:11:45: "/items/${Stage}"` + inFlow + `Path: "/items/${Stage}"`},
		{"a parameter at the end", "Path: /items/two, Method: put", "Method: put, Path: /items/{id}", `t:12:58: "/items/{id}"` + inFlow + `Path: "/items/{id}"`},
		{"a parameter in a list", "/items/one", "[a, /b/{id}]", `t:11:49: "/b/{id}"` + inFlow + `"/b/{id}"`},
		{"a map of several lines", "{Path: /items/one,", "{\n            Path: /items/{id},", `t:12:19: "/items/{id}"` + inFlow + `Path: "/items/{id}"`},
		{"a comma that is missing", "Type: Api, Properties: {Path: /items/one", "Type: Api Properties: {Path: /items/one", `t:11:21: a comma, or the '}' of the '{' before, is missing at "Api Properties"; separate`},
		{"a map that is not closed", "get}} # {not this}", "get}", `t:12:9: a comma, or the '}' of the '{' before, is missing at "Put"; `},
		{"a map that never is", `{Value: "{x"}`, `{Value: "{x"`, `t:14:8: the '{' here is not closed; write its '}'`},
		{"the wrong bracket", "get}} #", "get]} #", `t:11:68: a ']' stands where the '}' of the '{' before it is expected; close what was opened last first`},
		{"a bracket too many", "get}} # {not this}", "get}}}", `t:11:70: one '}' too many; remove it`},
		{"a tab", "      Handler", "\tHandler", "t:6:1: a tab indents the line; YAML is indented and separated by blanks, and SAM CLI refuses tabs; replace it by blanks"},
		{"a tab behind blanks", "      Handler", "    \tHandler", "t:6:5: a tab indents the line; "},
		{"a quote that is open", "Url: {Value: \"{x\"}", "Url: \"http", `t:14:8: the quote that opens here, "\"http", is not closed; write the same quote at the end of the value`},
		{"a quote that the next one closes", "Items of the shop", "\"Items\n      Timeout: \"3\"", `t:7:20: the quote that opens here, "\"Items", is not closed; `},
		{"a colon in a value", "Items of the shop", "Items: of the shop", `t:7:20: the value "Items: of the shop" has a colon with a blank behind it, which makes a key of what is before; put it in quotes: Description: "Items: of the shop"`},
		{"too few blanks", "      Handler", "     Handler", `t:6:6: "Handler: a.b" is indented by 5 blanks, as no line of the map above it is; indent it like the keys that it belongs to`},
		{"too many blanks", "      Handler", "       Handler", "t:6:8: the line is indented deeper than the one before it, which has a value already; indent it like the other keys of its map"},
		{"no colon", "Handler: a.b", "Handler a.b", `t:6:7: "Handler a.b" has no colon with a blank behind it, so that it is no key with a value; write "Key: value"`},
		{"no blank", "Handler: a.b", "Handler:a.b", `t:6:7: "Handler:a.b" has no blank behind the colon, so that it is no key with a value; write Handler: a.b`},
		{"no colon in the first key", "Runtime: nodejs22.x", "Runtime nodejs22.x", `t:5:7: "Runtime nodejs22.x" has no colon with a blank behind it, so that it is no key with a value; write "Key: value"`},
		{"no blank in the first key", "Runtime: nodejs22.x", "Runtime:nodejs22.x # new", `t:5:7: "Runtime:nodejs22.x # new" has no blank behind the colon, so that it is no key with a value; write Runtime: nodejs22.x`},
		{"no blank before a map", "Type: AWS::Serverless::Function", "Type:AWS::Serverless::Function", `t:3:5: "Type:AWS::Serverless::Function" has no blank behind the colon, so that it is no key with a value; write Type: AWS::Serverless::Function`},
		{"no colon in two keys", "Runtime: nodejs22.x\n      Handler: a.b", "Runtime nodejs22.x\n\n      Handler a.b", `t:5:7: "Runtime nodejs22.x" has no colon`},
		{"no colon in the first line", "Resources:\n", "Resources\n", `t:2:3: the line is indented deeper than the one before it`},
		{"no colon at the top", "Resources:\n", "Version 1\nResources:\n", `t:1:1: "Version 1" has no colon with a blank behind it`},
		{"no colon in an item", "Role: !GetAtt {a: b}", "Layers:\n        - Arn a\n          Name: b", `t:9:9: "- Arn a" has no colon with a blank behind it`},
		{"a text of two lines", "Items of the shop", "Items of\n        the shop\n        c: d", `t:9:9: the line is indented deeper than the one before it, which has a value already`},
		{"an at sign", "Handler: a.b", "Handler: @a.b", `t:6:16: the value "@a.b" begins with "@", which has a meaning of its own in YAML; put it in quotes: "@a.b"`},
		{"a star", "Handler: a.b", "Origin: *.example.com", `t:6:15: the value "*.example.com" begins with "*", which has a meaning`},
		{"all origins", "Handler: a.b", "Cors: {AllowOrigin: *}", `t:6:27: the value "*" has a meaning of its own in YAML; write AllowOrigin: "'*'"`},
		{"all of a REST API", "Handler: a.b", "Cors: *", `t:6:13: the value "*" has a meaning of its own in YAML; write Cors: "'*'"`},
		{"all origins of an HTTP API", "Handler: a.b", "AllowOrigins: *", `t:6:21: the value "*" has a meaning of its own in YAML; write AllowOrigins: ["*"]`},
		{"all methods of a REST API", "Handler: a.b", "Cors:\n        AllowMethods: *", `t:7:23: the value "*" has a meaning of its own in YAML; write AllowMethods: "'*'"`},
		{"all headers of an HTTP API", "Handler: a.b", "CorsConfiguration:\n        AllowHeaders: *", `t:7:23: the value "*" has a meaning of its own in YAML; write AllowHeaders: ["*"]`},
		{"an item among keys", "Handler: a.b", "- Handler: a.b", `t:6:7: a list item stands among the keys of a map; remove the "- ", or indent the line below its key`},
		{"an escape", "Handler: a.b", `Handler: "a\d"`, "t:6:7: the file is not valid YAML: found unknown escape character; check indentation, colons and quotes there"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(sound, tt.old, tt.new, 1)
			for end, text := range map[string]string{"LF": text, "CRLF": strings.ReplaceAll(text, "\n", "\r\n")} {
				_, err := tree.Parse("t", []byte(text))
				if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
					t.Errorf("%s: got  %v\nwant %s", end, err, tt.want)
				}
			}
		})
	}
}
