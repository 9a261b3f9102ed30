package sam

import (
	"fmt"
	"io"

	"github.com/corsproxy/corsproxy/internal/jsontext"
)

// The two forms of an application that `corsproxy routes --as` tells apart.
const (
	AsLocal    = "local"    // what SAM local mounts
	AsDeployed = "deployed" // what AWS serves
)

// WriteJSON writes the application as JSON, as other programs read it: the
// routes of one form (AsLocal or AsDeployed), and each API's CORS policy as it
// is when deployed.
func (a *Application) WriteJSON(w io.Writer, as string) error {
	routes, err := a.Routes(as)
	if err != nil {
		return err
	}
	out := struct {
		Template string    `json:"template"`
		Routes   []Route   `json:"routes"`
		CORS     []CORS    `json:"cors"`
		Warnings []Warning `json:"warnings"`
	}{a.Template, orEmpty(routes), orEmpty(a.CORS()), orEmpty(a.Warnings)}
	return jsontext.Write(w, out)
}

// Routes returns the routes of one form of the application.
func (a *Application) Routes(as string) ([]Route, error) {
	switch as {
	case AsLocal:
		return a.Local.Routes, nil
	case AsDeployed:
		var routes []Route
		for _, api := range a.Deployed {
			routes = append(routes, api.Routes...)
		}
		return routes, nil
	}
	return nil, fmt.Errorf("form %q is neither %q nor %q", as, AsLocal, AsDeployed)
}

// orEmpty makes JSON's [] of what would be its null.
func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
