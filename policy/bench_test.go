package policy_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/corsproxy/corsproxy/policy"
)

// BenchmarkOrigins shows that the time of a decision is flat in the number of
// origins.
func BenchmarkOrigins(b *testing.B) {
	for _, size := range []int{1, 10, 100, 1000, 10_000} {
		for _, form := range []string{"http://h%d.example:3000", "https://*.h%d.example", "http://h%d.example:*"} {
			list := make([]string, size)
			for i := range list {
				list[i] = fmt.Sprintf(form, i)
			}
			p := compile(b, origins(list...))
			last := map[string]string{
				"http://h%d.example:3000": "http://h%d.example:3000",
				"https://*.h%d.example":   "https://a.b.h%d.example",
				"http://h%d.example:*":    "http://h%d.example:8080",
			}[form]
			for name, origin := range map[string]string{"allowed": fmt.Sprintf(last, size-1), "refused": "http://a.b.c.example:3000"} {
				r := request("OPTIONS", "Origin: "+origin, "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: authorization,content-type")
				b.Run(fmt.Sprintf("%s/%s/origins=%d", form[:9], name, size), func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						if p.Decide(r).Allowed != (name == "allowed") {
							b.Fatal(origin)
						}
					}
				})
			}
		}
	}
}

func BenchmarkPolicy(b *testing.B) {
	p := compile(b, listed())
	r := preflight("PUT", "content-type,x-api-key")
	actual := request("GET", "Origin: http://localhost:5173")
	b.Run("Answer", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, status := p.Answer(make(http.Header), r); status != 200 {
				b.Fatal(status)
			}
		}
	})
	b.Run("Apply", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p.Apply(make(http.Header), actual)
		}
	})
	b.Run("New", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := policy.New(listed()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
