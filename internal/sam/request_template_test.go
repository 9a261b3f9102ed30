package sam_test

import (
	"testing"

	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

func TestMockStatusOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		integration string
		want        sam.MockStatus
	}{
		{`{Type: MOCK}`, sam.StatusMissing},
		{`{Type: MOCK, RequestTemplates: null}`, sam.StatusMissing},
		{`{type: mock, requestTemplates: {}, passthroughBehavior: when_no_templates}`, sam.StatusMissing},
		{`{Type: MOCK, RequestTemplates: {application/json: ""}}`, sam.StatusMissing},
		{`{Type: MOCK, RequestTemplates: {application/json: '{"message": "OK"}'}}`, sam.StatusMissing},
		{`{Type: MOCK, RequestTemplates: {application/json: '{"statusCode": 204}'}}`, sam.StatusGiven},
		{`{type: mock, requestTemplates: {application/json: "{statusCode:200}"}}`, sam.StatusGiven},
		{`{Type: MOCK, RequestTemplates: {application/json: "{'statusCode' : 200}"}}`, sam.StatusGiven},
		{`{Type: MOCK, RequestTemplates: {application/json: '{"statusCode": "200"}'}}`, sam.StatusUnread},
		{`{Type: MOCK, RequestTemplates: {application/json: '{"statusCode": $input.params("code")}'}}`, sam.StatusUnread},
		{`{Type: MOCK, RequestTemplates: {application/json: '#include'}}`, sam.StatusUnread},
		{`{Type: MOCK, RequestTemplates: {application/json: !ImportValue preflight}}`, sam.StatusUnread},
		{`{Type: MOCK, RequestTemplates: !FindInMap [A, B, C]}`, sam.StatusUnread},
		{`{Type: MOCK, RequestTemplates: {text/plain: '{"statusCode": 200}'}}`, sam.StatusUnread},
		{`{Type: MOCK, PassthroughBehavior: NEVER}`, sam.StatusUnread},
		{`{Type: MOCK, PassthroughBehavior: !Ref Behavior}`, sam.StatusUnread},
		{`{Type: MOCK, Fn::Transform: {Name: AWS::Include}}`, sam.StatusUnread},
		{`!Ref Integration`, sam.StatusUnread},
	} {
		integration, err := tree.Parse("", []byte(tt.integration))
		if err != nil {
			t.Fatal(err)
		}
		if got := sam.MockStatusOf(integration); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.integration, got, tt.want)
		}
	}
}
