package openapi

import (
	"regexp"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

var (
	functionARN  = regexp.MustCompile(`arn:aws:lambda:[^:]+:[^:]+:function:[^:/]+(?::[^/]+)?`)
	invocation   = regexp.MustCompile(`/functions/([^/]+)/invocations`)
	functionName = regexp.MustCompile(`^.*:function:([^:]*)`)
	stageName    = regexp.MustCompile(`^\$\{stageVariables\..+\}`)
	validName    = regexp.MustCompile(`^[a-zA-Z0-9_-]`)
	subbedARN    = regexp.MustCompile(`\$\{([A-Za-z0-9]+)\.(?:Arn|Alias)\}`)
)

// FunctionName returns the name of the function that an integration's URI, or
// an authorizer's, invokes. It is "" where SAM CLI does not find one: for
// stage variables, aliases that are no longer ${Name.Alias}, and partitions
// other than aws.
func FunctionName(uri *tree.Value) string {
	text, ok := uri.Str()
	if sub := uri.Get("Fn::Sub"); sub != nil && uri.Len() == 1 {
		if sub.Is(tree.List) && sub.Len() > 0 {
			sub = sub.Items()[0]
		}
		if text, ok = sub.Str(); ok {
			text = subbedARN.ReplaceAllString(text, "arn:aws:lambda:$${AWS::Region}:123456789012:function:$1")
		}
	}
	if !ok {
		return ""
	}
	arn := functionARN.FindString(text)
	if arn == "" {
		m := invocation.FindStringSubmatch(text)
		if m == nil {
			return ""
		}
		arn = m[1]
	}
	m := functionName.FindStringSubmatch(arn)
	if m == nil || stageName.MatchString(m[1]) || !validName.MatchString(m[1]) {
		return ""
	}
	return m[1]
}
