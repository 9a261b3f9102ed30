package compare

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/corsproxy/corsproxy/internal/jsontext"
	"github.com/corsproxy/corsproxy/internal/printable"
)

// WriteTable writes rows for people: what differs, and in one line what does
// not. Rows of one path that say the same are put together.
func WriteTable(w io.Writer, rows []Row) error {
	tw := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(tw, "ROUTE\tFROM\tWHAT\tLOCAL\tDEPLOYED")
	for _, g := range group(rows) {
		r := g[0]
		name, from := methods(g)+" "+r.Route.Path, r.Origin
		if r.Kind == Request {
			name += " (request)"
		}
		if r.Same() {
			fmt.Fprintf(tw, "%s\t%s\tsame\t%s\t%s\n", shown(name), shown(from), shown(r.Local.Value("verdict")), shown(r.Deployed.Value("verdict")))
			continue
		}
		for _, what := range withVerdict(r.Differences) {
			fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\n", shown(name), shown(from), what, shown(r.Local.Value(what)), shown(r.Deployed.Value(what)))
			name, from = " ", " "
		}
	}
	return tw.Flush()
}

// withVerdict adds the verdict to what differs, since that is what matters.
func withVerdict(differences []string) []string {
	if slices.Contains(differences, "verdict") {
		return differences
	}
	return append(slices.Clone(differences), "verdict")
}

// group puts rows of one path together that say the same.
func group(rows []Row) [][]Row {
	var groups [][]Row
	index := map[string]int{}
	for _, r := range rows {
		key := strings.Join([]string{r.Kind, r.Route.Path, r.Origin, said(r.Local), said(r.Deployed)}, "\x00")
		i, ok := index[key]
		if !ok {
			i = len(groups)
			index[key] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], r)
	}
	return groups
}

// said returns all that an answer is compared by.
func said(a Answer) string {
	var all []string
	for _, name := range Names() {
		all = append(all, a.Value(name))
	}
	return strings.Join(all, "\x00")
}

func methods(g []Row) string {
	var all []string
	for _, r := range g {
		all = append(all, r.Route.Method)
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), " ")
}

// shown makes foreign text fit for a cell of a table on a terminal.
func shown(s string) string {
	if s == "" {
		return "–"
	}
	const longest = 80
	s = printable.Line(s)
	if runes := []rune(s); len(runes) > longest {
		s = string(runes[:longest]) + "…"
	}
	return s
}

// answerJSON is an answer for programs.
type answerJSON struct {
	Status           *int    `json:"status"` // null where there was no answer
	AllowOrigin      *string `json:"allowOrigin"`
	AllowMethods     *string `json:"allowMethods"`
	AllowHeaders     *string `json:"allowHeaders"`
	AllowCredentials *string `json:"allowCredentials"`
	MaxAge           *string `json:"maxAge"`
	ExposeHeaders    *string `json:"exposeHeaders"`
	Allowed          bool    `json:"allowed"`
	Chrome           *string `json:"chrome"`
	Firefox          *string `json:"firefox"`
	Detail           *string `json:"detail"`
}

func newAnswerJSON(a Answer) answerJSON {
	header := func(name string) *string {
		if lines := a.Header[name]; len(lines) > 0 {
			text := strings.Join(lines, ", ")
			return &text
		}
		return nil
	}
	orNull := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	j := answerJSON{
		AllowOrigin: header("Access-Control-Allow-Origin"), AllowMethods: header("Access-Control-Allow-Methods"),
		AllowHeaders: header("Access-Control-Allow-Headers"), AllowCredentials: header("Access-Control-Allow-Credentials"),
		MaxAge: header("Access-Control-Max-Age"), ExposeHeaders: header("Access-Control-Expose-Headers"),
		Allowed: a.Verdict.Allowed, Chrome: orNull(a.Verdict.Name()), Firefox: orNull(a.Verdict.Firefox), Detail: orNull(a.Verdict.Detail),
	}
	if a.Status != 0 {
		j.Status = &a.Status
	}
	return j
}

// WriteJSON writes rows for programs.
func WriteJSON(w io.Writer, p Plan, rows []Row) error {
	type row struct {
		Kind        string     `json:"kind"`
		Method      string     `json:"method"`
		Path        string     `json:"path"`
		Target      string     `json:"target"`
		API         string     `json:"api"`
		Origin      string     `json:"origin"`
		Same        bool       `json:"same"`
		Differences []string   `json:"differences"`
		Local       answerJSON `json:"local"`
		Deployed    answerJSON `json:"deployed"`
	}
	report := struct {
		Local    string `json:"local"`
		Deployed string `json:"deployed"`
		Same     bool   `json:"same"`
		Routes   []row  `json:"routes"`
	}{p.Local.Redacted(), p.Deployed.Redacted(), Differing(rows) == 0, []row{}}
	for _, r := range rows {
		report.Routes = append(report.Routes, row{
			r.Kind, r.Route.Method, r.Route.Path, r.Target, r.Route.API, r.Origin, r.Same(),
			append([]string{}, r.Differences...), newAnswerJSON(r.Local), newAnswerJSON(r.Deployed),
		})
	}
	return jsontext.Write(w, report)
}

// Unimportant returns what differs in rows that are the same to a page.
func Unimportant(rows []Row) []string {
	var names []string
	for _, v := range values {
		if slices.ContainsFunc(rows, func(r Row) bool { return r.Same() && slices.Contains(r.Differences, v.name) }) {
			names = append(names, v.name)
		}
	}
	return names
}

// Differing returns how many rows a page sees a difference in.
func Differing(rows []Row) int {
	n := 0
	for _, r := range rows {
		if !r.Same() {
			n++
		}
	}
	return n
}
