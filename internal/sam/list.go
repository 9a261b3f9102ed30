package sam

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/corsproxy/corsproxy/internal/printable"
)

// WriteTable writes the routes of one form of the application for people: a
// row for each path and function, and what a preflight to it gets from
// SAM local and when deployed. The latter is told by deployed, for the logical
// id of an API and one of its paths.
func (a *Application) WriteTable(w io.Writer, as string, deployed func(api, path string) string) error {
	routes, err := a.Routes(as)
	if err != nil {
		return err
	}
	local := NewTable(a.Local.Routes)
	tw := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(tw, "METHOD\tPATH\tFUNCTION\tAPI\tPREFLIGHT SAM LOCAL\tPREFLIGHT DEPLOYED\tSOURCE")
	for _, row := range rowsOf(routes) {
		cells := []string{
			row.methods(), row.Path, orDash(row.Function), orDash(row.API),
			a.localPreflight(local, row.Path), deployed(row.API, row.Path), row.Source,
		}
		for i, c := range cells {
			cells[i] = printable.Line(c) // of a template that need not be one's own
		}
		fmt.Fprintln(tw, strings.Join(cells, "\t"))
	}
	return tw.Flush()
}

// Listed returns how many rows the table of what SAM local mounts has.
func (a *Application) Listed() int { return len(rowsOf(a.Local.Routes)) }

// A row is the routes of one path and function.
type row struct {
	Route
	all []string // methods
}

func rowsOf(routes []Route) []*row {
	type key struct{ path, function, api string }
	index := make(map[key]*row)
	var rows []*row
	for _, r := range routes {
		k := key{r.Path, r.Function, r.API}
		if index[k] == nil {
			index[k] = &row{Route: r}
			rows = append(rows, index[k])
		}
		index[k].all = append(index[k].all, r.Method)
	}
	return rows
}

// methods returns the row's methods, sorted, or "ANY" for the seven.
func (r *row) methods() string {
	for _, m := range anyMethods {
		if !slices.Contains(r.all, m) {
			return strings.Join(slices.Sorted(slices.Values(r.all)), " ")
		}
	}
	return "ANY"
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// localPreflight says what SAM local answers to a preflight.
func (a *Application) localPreflight(local *Table, path string) string {
	example := path // a pattern matches itself, braces and all
	if path == DefaultPath {
		example = "/"
	}
	route, ok := local.Match(http.MethodOptions, example)
	if !ok {
		return "403"
	}
	cors := a.Local.Policy(route)
	switch {
	case cors != nil && cors.AllowOrigin != "":
		return "200 " + cors.AllowOrigin
	case cors != nil:
		return "200 without origin"
	case route.Function == "":
		return "502"
	}
	return "function"
}
