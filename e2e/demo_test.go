//go:build e2e

package e2e

import (
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/corsproxy/corsproxy/internal/loopback"
)

func TestDemo(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(corsproxy, "demo", "--listen", loopback.Unused(t))
	cmd.Env = environment()
	demo := start(t, "corsproxy demo", cmd)
	t.Cleanup(func() {
		if code := demo.stop(); code != 0 {
			t.Errorf("the demo ended with %v after SIGTERM, want exit code 0", demo.cmd.ProcessState)
		}
	})
	url := demo.said(`Open (http://\S+) in a browser`)[1]

	t.Run("page", func(t *testing.T) {
		p := openURL(t, url, "/")
		outcomes, err := chromedp.Run(p.ctx, chromedp.Poll[[]string](`(cards => {
			const outcomes = cards.map(card => card.dataset.outcome);
			return outcomes.length > 0 && outcomes.every(Boolean) && outcomes;
		})([...document.querySelectorAll('.card')])`))
		if err != nil {
			t.Fatal(err)
		}
		// Each call without corsproxy, then with it.
		if want := []string{"blocked", "works", "blocked", "told"}; !slices.Equal(outcomes, want) {
			t.Errorf("the page shows %q, want %q", outcomes, want)
		}
	})

	t.Run("curl lines", func(t *testing.T) {
		tool(t, "curl")
		wants := []string{"Missing Authentication Token", "Access-Control-Allow-Origin: *", `"code": "CP3001"`}
		lines := regexp.MustCompile(`(?m)^ +(curl .*)$`).FindAllStringSubmatch(demo.out.String(), -1)
		if len(lines) != len(wants) {
			t.Fatalf("the demo names %d curl lines, want %d", len(lines), len(wants))
		}
		for i, want := range wants {
			if out := command(t, exec.Command("sh", "-c", lines[i][1])); !strings.Contains(out, want) {
				t.Errorf("%s has no %s:\n%s", lines[i][1], want, out)
			}
		}
	})
}
