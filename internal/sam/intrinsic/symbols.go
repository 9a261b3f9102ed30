package intrinsic

import (
	"fmt"
	"maps"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// Values returns the values that a template's names have: SAM CLI's pseudo
// parameters, which are guesses, the template's own defaults, and over both the
// overrides.
func Values(template *tree.Value, overrides map[string]*tree.Value) map[string]*tree.Value {
	values := make(map[string]*tree.Value)
	for name, value := range map[string]string{
		"AWS::AccountId": "123456789012",
		"AWS::Partition": "aws",
		"AWS::Region":    "us-east-1",
		"AWS::StackName": "local",
		"AWS::StackId":   "arn:aws:cloudformation:us-east-1:123456789012:stack/local/51af3dc0-da77-11e4-872e-1234567db123",
		"AWS::URLSuffix": "localhost",
	} {
		values[name] = tree.NewString(tree.Pos{}, value).AsGuess()
	}
	for _, e := range template.Get("Parameters").Entries() {
		if d, ok := e.Value.Entry("Default"); ok && e.Key.Is(tree.String) {
			values[e.Name()] = d.Value
		}
	}
	maps.Copy(values, overrides)
	return values
}

const noValue = "AWS::NoValue"

// symbol returns the value of an attribute of a name; Ref is one. In Fn::Sub
// (lenient) an attribute that is not known gives a text that says so.
func (r *Resolver) symbol(pos tree.Pos, id, attribute string, lenient bool) (*tree.Value, bool) {
	if id == noValue && r.deployed {
		return tree.NewNull(pos), true
	}
	value, ok := r.translation(id, attribute)
	if !ok {
		return nil, false
	}
	if r.isStored(id) {
		value = value.AsGuess()
	}
	if value.Truthy() {
		return value, true
	}
	switch id {
	case noValue:
		// SAM CLI remembers the null, and trips over it the next time.
		r.values[noValue] = tree.NewNull(pos)
		return tree.NewNull(pos), true
	case "AWS::NotificationArn":
		return nil, false
	}
	if !r.parameters.Is(tree.Map) {
		return nil, false
	}
	if parameter := r.parameters.Get(id); parameter != nil {
		if !parameter.Is(tree.Map) {
			return nil, false
		}
		if d := parameter.Get("Default"); !d.Is(tree.Absent, tree.Null) {
			return d, true
		}
	}
	value, ok = r.resourceAttribute(pos, id, attribute, lenient)
	return value.AsGuess(), ok
}

// isStored reports whether a name is that of a parameter whose value is not
// what it is given, but what AWS has stored under that in Systems Manager.
func (r *Resolver) isStored(id string) bool {
	kind, _ := r.parameters.Get(id).Get("Type").Str()
	return strings.HasPrefix(kind, "AWS::SSM::Parameter::Value<")
}

// translation returns what the values say of a name. The value is nil where
// they say nothing; the result is false where SAM CLI raises an exception.
func (r *Resolver) translation(id, attribute string) (*tree.Value, bool) {
	value, ok := r.values[id]
	switch {
	case !ok:
		return nil, true
	case value.Is(tree.Map):
		if r.deployed { // what a parent stack could not resolve
			return nil, false
		}
		return value.Get(attribute), true
	case value.Is(tree.Null, tree.Float):
		return nil, false
	case attribute != "Ref" && attribute != "":
		return nil, true
	}
	if !r.parameters.Is(tree.Map) {
		return nil, false
	}
	if r.parameters.Get(id).Get("Type").EqualsString("CommaDelimitedList") {
		if s, ok := value.Str(); ok {
			list := tree.NewList(value.Pos())
			for item := range strings.SplitSeq(s, ",") {
				list.Append(newText(value.Pos(), strings.TrimSpace(item), value.IsGuess()))
			}
			return list, true
		}
	}
	return value, true
}

// resourceAttribute returns what SAM CLI makes up for an attribute of a
// resource, or of anything that has the name of none.
func (r *Resolver) resourceAttribute(pos tree.Pos, id, attribute string, lenient bool) (*tree.Value, bool) {
	typ := r.resources.Get(id).Get("Type")
	kind, _ := typ.Str()
	switch {
	case typ.Truthy() && typ.Is(tree.Map, tree.List):
		return nil, false
	case kind == "AWS::ApiGateway::RestApi" && attribute == "RootResourceId":
		return tree.NewString(pos, "/"), true
	case (kind == "AWS::Lambda::LayerVersion" || kind == "AWS::Serverless::LayerVersion") && attribute == "Ref":
		return tree.NewIntrinsic(pos, "Ref", tree.NewString(pos, id)), true
	case kind == "AWS::Lambda::Alias" && attribute == "Ref":
		return r.aliasARN(pos, id)
	case attribute == "Ref":
		return tree.NewString(pos, id), true
	case attribute == "Arn":
		return r.arn(pos, id)
	case lenient:
		return tree.NewString(pos, "$"+id+"."+attribute), true
	}
	return nil, false
}

// aliasARN returns the ARN of the function that an alias stands for.
func (r *Resolver) aliasARN(pos tree.Pos, id string) (*tree.Value, bool) {
	function := r.resources.Get(id).Get("Properties").Get("FunctionName")
	if !function.Is(tree.Map) {
		return nil, false
	}
	ref := function.Get("Ref")
	if ref == nil {
		return r.arn(pos, "None") // what Python calls a function it does not know
	}
	name, ok := ref.Str()
	if !ok {
		return nil, false
	}
	target, ok := r.symbol(pos, name, "Ref", false)
	if !ok || !target.Is(tree.String, tree.Int, tree.Bool) {
		return nil, false
	}
	return r.arn(pos, target.Text())
}

// arn returns an ARN as of a Lambda function, for a resource of any type. The
// name is the function's own if it has one.
func (r *Resolver) arn(pos tree.Pos, id string) (*tree.Value, bool) {
	name := tree.NewString(pos, id)
	if own := r.resources.Get(id).Get("Properties").Get("FunctionName"); own.Truthy() {
		name = own
	}
	if name.Is(tree.Map, tree.List) {
		return nil, false
	}
	if s, ok := name.Str(); ok {
		if v := r.values[s]; v.Truthy() {
			name = v
		}
	}
	region := r.values["AWS::Region"]
	if !region.Truthy() {
		region = tree.NewString(pos, "us-east-1")
	}
	s, ok := region.Str()
	if !ok {
		return nil, false
	}
	account := r.values["AWS::AccountId"]
	if !account.Truthy() {
		account = tree.NewString(pos, "123456789012")
	}
	return tree.NewString(pos, fmt.Sprintf("arn:%s:lambda:%s:%s:function:%s", partition(s), s, account.Text(), name.Text())), true
}

func partition(region string) string {
	switch {
	case strings.Contains(region, "cn"):
		return "aws-cn"
	case strings.Contains(region, "gov"):
		return "aws-us-gov"
	}
	return "aws"
}
