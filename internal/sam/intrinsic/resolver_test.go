package intrinsic_test

import (
	"testing"

	"github.com/corsproxy/corsproxy/internal/sam/intrinsic"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

const template = `
Parameters:
  Name: {Type: String, Default: orders}
  Empty: {Type: String, Default: ""}
  None: {Type: String}
  Number: {Type: Number, Default: 5}
  Half: {Type: Number, Default: 0.5}
  List: {Type: CommaDelimitedList, Default: "a, b"}
  Broken: text
Mappings:
  M: {top: {second: found, list: [x, y]}, 1: {a: b}}
Conditions:
  Is: !Equals [!Ref Name, orders]
  IsNot: !Not [{Condition: Is}]
  Loop: !Not [{Condition: Loop}]
  Nothing:
Resources:
  Function: {Type: AWS::Lambda::Function}
  Named: {Type: AWS::Lambda::Function, Properties: {FunctionName: named}}
  Computed: {Type: AWS::Lambda::Function, Properties: {FunctionName: !Sub "${Name}-f"}}
  ByParameter: {Type: AWS::Lambda::Function, Properties: {FunctionName: Name}}
  Api: {Type: AWS::ApiGateway::RestApi}
  Layer: {Type: AWS::Lambda::LayerVersion}
  Alias: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref Function}}
`

// The second column is what SAM CLI makes of a value, the third what AWS
// does; "raw" is the value as written.
func TestResolve(t *testing.T) {
	t.Parallel()
	const raw, same = "raw", ""
	for _, test := range []struct{ in, local, deployed string }{
		{"!Ref Name", "'orders'", same},
		{"!Ref Number", "5", same},
		{"!Ref Half", raw, same},
		{"!Ref Empty", "''", same},
		{"!Ref None", "'None'", same},
		{"!Ref List", "['a', 'b']", same},
		{"!Ref Broken", raw, same},
		{"!Ref Unknown", "'Unknown'", same},
		{"!Ref Layer", "{'Ref': 'Layer'}", same},
		{"!Ref Alias", "'arn:aws:lambda:us-east-1:123456789012:function:Function'", same},
		{"!Ref AWS::Region", "'us-east-1'", same},
		{"!Ref AWS::AccountId", "'123456789012'", same},
		{"!Ref AWS::NotificationArn", raw, same},
		{"!Ref [a]", raw, same},
		{"!GetAtt Function.Arn", "'arn:aws:lambda:us-east-1:123456789012:function:Function'", same},
		{"!GetAtt Named.Arn", "'arn:aws:lambda:us-east-1:123456789012:function:named'", same},
		{"!GetAtt ByParameter.Arn", "'arn:aws:lambda:us-east-1:123456789012:function:orders'", same},
		{"!GetAtt Computed.Arn", raw, same},
		{"!GetAtt Api.RootResourceId", "'/'", same},
		{"!GetAtt Function.Other", raw, same},
		{"{Fn::GetAtt: Function.Arn}", raw, same},
		{"!Sub 'a-${Name}-${AWS::Region}'", "'a-orders-us-east-1'", same},
		{"!Sub '${Function.Arn}'", "'arn:aws:lambda:us-east-1:123456789012:function:Function'", same},
		{"!Sub '${Function.Alias}'", "'$Function.Alias'", same},
		{"!Sub '${!Literal} ${a_b}'", "'${!Literal} ${a_b}'", same},
		{"!Sub ['${A}', {A: Name}]", "'orders'", "'Name'"},
		{"!Sub ['${A}', {A: !Ref Name}]", "'orders'", same},
		{"!Sub ['${A}', {A: 5}]", raw, same},
		{"!Sub ['/${Z}', !Base64 x]", "'/Z'", same},
		{"!Sub ['/${e}', !Base64 x]", raw, same}, // eA==
		{"!Sub ['${A}']", raw, same},
		{"!Sub '${List}'", `"['a', 'b']"`, same},
		{"!Sub '${Half}'", raw, same},
		{"!Join ['-', [a, !Ref Name]]", "'a-orders'", same},
		{"!Join ['-', !Ref List]", "'a-b'", same},
		{"!Join ['-', [a, 1]]", raw, same},
		{"!Join [1, [a]]", raw, same},
		{"!Split [',', 'a,b']", "['a', 'b']", same},
		{"!Split ['', 'a,b']", raw, same},
		{"!Select [1, [a, b]]", "'b'", same},
		{"!Select ['1', [a, b]]", raw, "'b'"},
		{"!Select [true, [a, b]]", raw, same},
		{"!Select [2, [a, b]]", raw, same},
		{"!Select [-1, [a, b]]", raw, same},
		{"!FindInMap [M, top, second]", "'found'", same},
		{"!FindInMap [M, !Ref None, second]", raw, same},
		{"!FindInMap [M, '1', a]", raw, same},
		{"!FindInMap [M, top, none]", raw, same},
		{"!FindInMap [M, top, second, x]", raw, same},
		{"!Base64 abc", "'YWJj'", same},
		{"!If [Is, a, b]", "'a'", same},
		{"!If [IsNot, a, b]", "'b'", same},
		{"!If [Unknown, a, b]", raw, same},
		{"!If [Loop, a, b]", raw, same},
		{"!If [Nothing, a, b]", raw, same},
		{"!If [Is, a, !Ref AWS::NoValue]", raw, "'a'"},
		{"!If [Is, a, !ImportValue x]", raw, "'a'"},
		{"!And [{Condition: Is}, !Equals [1, 1.0]]", "True", same},
		{"!And [{Condition: Is}, {Condition: IsNot}]", "False", same},
		{"!Or [{Condition: IsNot}, {Condition: Is}]", "True", same},
		{"!Or [{Condition: Unknown}]", raw, same},
		{"!Not [a]", raw, same},
		{"!Equals [a]", raw, same},
		{"!ImportValue x", raw, same},
		{"!GetAZs ''", raw, same},
		{"!Transform {Name: AWS::Include, Parameters: {Location: file}}", "{'included': True}", same},
		{"!Transform {Name: AWS::Include, Parameters: {Location: none}}", raw, same},
		{"!Transform {Name: Other}", raw, same},
		{"[a, !ImportValue x]", raw, same},
		{"[a, ~]", raw, "['a']"},
		{"{a: !Ref Name, b: !ImportValue x, 200: !Ref Name}", "{'a': 'orders', 'b': {'Fn::ImportValue': 'x'}, 200: {'Ref': 'Name'}}",
			"{'a': 'orders', 'b': {'Fn::ImportValue': 'x'}, 200: 'orders'}"},
		{"{a: ~, b: !Ref AWS::NoValue}", "{'a': None, 'b': None}", "{}"},
		{"{Ref: Name, other: ignored}", "'orders'", same},
	} {
		t.Run(test.in, func(t *testing.T) {
			t.Parallel()
			doc, err := tree.Parse("template.yaml", []byte(template+"\nValue:\n  - "+test.in+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			value := doc.Get("Value").Items()[0]
			want := map[bool]string{false: test.local, true: test.deployed}
			if test.deployed == same {
				want[true] = test.local
			}
			for deployed, w := range want {
				r := intrinsic.New(doc, intrinsic.Values(doc, nil), include, intrinsic.NewBudget())
				if deployed {
					r.AsDeployed()
				}
				if w == raw {
					w = repr(value)
				}
				if got := repr(r.Resolve(value)); got != w {
					t.Errorf("deployed %v: got %s, want %s", deployed, got, w)
				}
			}
		})
	}
}

// repr returns a value as Python prints it, with quotes around strings.
func repr(v *tree.Value) string {
	s := tree.NewList(tree.Pos{}, v).Text()
	return s[1 : len(s)-1]
}

func include(location string) *tree.Value {
	if location != "file" {
		return nil
	}
	v := tree.NewMap(tree.Pos{})
	v.Set("included", tree.NewBool(tree.Pos{}, true))
	return v
}

// SAM CLI resolves the first AWS::NoValue of a template to nothing and fails
// at the second.
func TestNoValueTwice(t *testing.T) {
	t.Parallel()
	doc, err := tree.Parse("template.yaml", []byte("Resources: {A: {P: !Ref AWS::NoValue}, B: {P: !Ref AWS::NoValue}}"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := intrinsic.New(doc, intrinsic.Values(doc, nil), include, intrinsic.NewBudget()).Resources()
	if err != nil {
		t.Fatal(err)
	}
	if want := "{'A': {'P': None}, 'B': {'P': {'Ref': 'AWS::NoValue'}}}"; got.Text() != want {
		t.Errorf("got %s, want %s", got.Text(), want)
	}
}

func TestRegions(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"eu-west-1":     "arn:aws:lambda:eu-west-1:123456789012:function:F",
		"cn-north-1":    "arn:aws-cn:lambda:cn-north-1:123456789012:function:F",
		"us-gov-west-1": "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:F",
	} {
		doc, err := tree.Parse("template.yaml", []byte("Value: [!GetAtt F.Arn]"))
		if err != nil {
			t.Fatal(err)
		}
		values := intrinsic.Values(doc, map[string]*tree.Value{"AWS::Region": tree.NewString(tree.Pos{}, region)})
		got := intrinsic.New(doc, values, include, intrinsic.NewBudget()).Resolve(doc.Get("Value").Items()[0])
		if got.Text() != want {
			t.Errorf("got %s, want %s", got.Text(), want)
		}
	}
}
