package sam

import (
	"regexp"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// A MockStatus is what the request template of a MOCK gives for the statusCode by
// which API Gateway chooses a response.
type MockStatus string

// What a request template gives.
const (
	StatusGiven   MockStatus = ""
	StatusMissing MockStatus = "missing" // there is none, and API Gateway answers 500
	StatusUnread  MockStatus = "unread"  // the template cannot be told, or is not understood
)

var statusCode = regexp.MustCompile(`statusCode["']?\s*:\s*\d`)

// MockStatusOf returns what the request template of a MOCK gives for a preflight. That
// has no Content-Type, which API Gateway takes for application/json, and no body that
// could go through in place of a template.
func MockStatusOf(integration *tree.Value) MockStatus {
	templates := integration.Get("RequestTemplates")
	if templates == nil {
		templates = integration.Get("requestTemplates")
	}
	text, isText := templates.Get("application/json").Str()
	switch {
	case !integration.Is(tree.Map) || isFunction(integration) || integration.Has("Fn::Transform") || templates.IsGuess():
		return StatusUnread
	case templates.Len() == 0 && templates.Is(tree.Absent, tree.Null, tree.Map):
		return withoutTemplate(integration)
	case !isText || templates.Get("application/json").IsGuess():
		return StatusUnread
	case statusCode.MatchString(text):
		return StatusGiven
	case !strings.ContainsAny(text, "#$") && !strings.Contains(text, "statusCode"):
		return StatusMissing
	}
	return StatusUnread
}

// withoutTemplate is the same where there is no template at all. With NEVER API Gateway
// answers 415 to what a template does not take.
func withoutTemplate(integration *tree.Value) MockStatus {
	for _, key := range []string{"PassthroughBehavior", "passthroughBehavior"} {
		behavior, isText := integration.Get(key).Str()
		if integration.Has(key) && (!isText || integration.Get(key).IsGuess() || strings.EqualFold(behavior, "NEVER")) {
			return StatusUnread
		}
	}
	return StatusMissing
}
