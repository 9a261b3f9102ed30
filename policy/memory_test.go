package policy_test

import (
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"testing"

	"github.com/corsproxy/corsproxy/policy"
)

// The same preflight gets the same answer, whatever was asked before and
// whatever became of earlier answers.
func TestAnswerIsTheSameAgain(t *testing.T) {
	t.Parallel()
	config := policy.Config{
		AllowOrigins: []string{"http://localhost:5173"}, AllowMethods: []string{"PUT"}, AllowHeaders: []string{"X-A", "Content-Type"},
		AllowCredentials: true, PreflightStatus: http.StatusOK,
	}
	fresh := func() *policy.Policy {
		p, err := policy.New(config)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := fresh()
	for range 3 {
		for i := range 400 { // more than are remembered
			r := preflightFrom([]string{"http://localhost:5173", "http://evil.example"}[i%2], []string{"PUT", "PATCH"}[i/2%2], fmt.Sprintf("x-a,x-%d", i%7))
			if i%5 == 0 {
				r.Header.Set("X-Unrelated", fmt.Sprint(i))
			}
			if i%9 == 0 {
				r.Header.Set("Access-Control-Request-Private-Network", "true")
			}
			if i > 200 {
				r.Header.Set("Access-Control-Request-Headers", fmt.Sprintf("x-a,x-%d", i))
			}
			want, got := make(http.Header), make(http.Header)
			wantDecision, wantStatus := fresh().Answer(want, r)
			gotDecision, gotStatus := p.Answer(got, r)
			if !reflect.DeepEqual(gotDecision, wantDecision) || gotStatus != wantStatus || !maps.EqualFunc(got, want, func(a, b []string) bool { return reflect.DeepEqual(a, b) }) {
				t.Fatalf("%v\nwas answered %d %v %v\nwant         %d %v %v", r.Header, gotStatus, gotDecision, got, wantStatus, wantDecision, want)
			}
			// What one caller does to its answer is none of the next one's business.
			for name := range got {
				got.Add(name, "spoiled")
				got.Set(name, "spoiled")
			}
		}
	}
}

// A header that has something already keeps it, as with any answer.
func TestAnswerAddsToAHeader(t *testing.T) {
	t.Parallel()
	p, err := policy.New(policy.Config{AllowOrigins: []string{"*"}, AllowMethods: []string{"*"}, AllowHeaders: []string{"*"}, PreflightStatus: http.StatusOK})
	if err != nil {
		t.Fatal(err)
	}
	r := preflightFrom("http://localhost:5173", "PUT", "x-a")
	p.Answer(make(http.Header), r)
	h := http.Header{"Vary": {"Accept"}, "Access-Control-Allow-Origin": {"http://old.example"}}
	p.Answer(h, r)
	if got := h.Get("Vary"); got != "Accept, Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network" {
		t.Errorf("Vary: %s", got)
	}
	if got := h["Access-Control-Allow-Origin"]; !reflect.DeepEqual(got, []string{"*"}) {
		t.Errorf("Access-Control-Allow-Origin: %q", got)
	}
}

func preflightFrom(origin, method, headers string) *http.Request {
	r, _ := http.NewRequest(http.MethodOptions, "http://localhost:8080/x", nil)
	r.Header.Set("Origin", origin)
	r.Header.Set("Access-Control-Request-Method", method)
	r.Header.Set("Access-Control-Request-Headers", headers)
	return r
}

// FuzzAnswerAgain compares answers from memory with those of a policy that has
// none.
func FuzzAnswerAgain(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, origins, methods, headers string, credentials bool, origin, method, asked string) {
		config := fuzzConfig(origins, methods, headers, credentials)
		p, err := policy.New(config)
		if err != nil {
			t.Skip()
		}
		others := []*http.Request{preflightFrom(origin, method, ""), preflightFrom(origin+"x", method, asked), preflightFrom(origin, method+asked, ""), preflightFrom("", origin, method+asked)}
		private := preflightFrom(origin, method, asked)
		private.Header.Set("Access-Control-Request-Private-Network", "true")
		twice := preflightFrom(origin, method, asked)
		twice.Header.Add("Origin", origin)
		for range 2 {
			for _, r := range append(others, preflightFrom(origin, method, asked), private, twice) {
				fresh, err := policy.New(config)
				if err != nil {
					t.Fatal(err)
				}
				want, got := make(http.Header), make(http.Header)
				wantDecision, wantStatus := fresh.Answer(want, r)
				gotDecision, gotStatus := p.Answer(got, r)
				if gotStatus != wantStatus || !reflect.DeepEqual(gotDecision, wantDecision) || !reflect.DeepEqual(got, want) {
					t.Fatalf("%v: %d %+v %v, want %d %+v %v", r.Header, gotStatus, gotDecision, got, wantStatus, wantDecision, want)
				}
			}
		}
	})
}
