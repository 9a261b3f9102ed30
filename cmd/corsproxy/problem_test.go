package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// A problem is what a program reads in an answer of corsproxy.
type problem struct {
	Status int
	Code   string
	Detail string
	Hints  []string
	Routes []struct{ Method, Path, Function, Source string }
}

func (a answer) problem(t *testing.T) problem {
	t.Helper()
	var p problem
	if err := json.Unmarshal([]byte(a.body), &p); err != nil {
		t.Fatalf("%d, and no problem: %v in %q", a.status, err, a.body)
	}
	return p
}

// told expects that a request is answered with status and diagnosis, and that
// the nearest route stands at source; "" is any.
func (in *instance) told(request string, status int, diagnosis, source string) problem {
	in.t.Helper()
	method, target, _ := strings.Cut(request, " ")
	a := in.do(method, target)
	if got := a.header.Get("Corsproxy-Diagnosis"); a.status != status || got != diagnosis {
		in.t.Errorf("%s: got %d %q, want %d %q; %s", request, a.status, got, status, diagnosis, a.body)
	}
	if diagnosis == "" {
		return problem{}
	}
	p := a.problem(in.t)
	if p.Status != status || !strings.HasPrefix(diagnosis, p.Code+" ") {
		in.t.Errorf("%s: the body has status %d and code %s; the answer is %d %q", request, p.Status, p.Code, status, diagnosis)
	}
	if source != "" && (len(p.Routes) == 0 || p.Routes[0].Source != source) {
		in.t.Errorf("%s: the nearest routes are %v, want one at %s first", request, p.Routes, source)
	}
	return p
}
