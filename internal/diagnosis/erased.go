package diagnosis

import (
	"slices"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// Erased says why SAM local does not have the CORS setting of an API, whether there
// is one or is to be: it has that of the last API, and that one has none. It is ""
// where that is not so.
func Erased(app *sam.Application, api sam.API) string {
	last := slices.IndexFunc(app.Deployed, func(other sam.API) bool { return other.ID == app.Local.CORSOf })
	if last < 0 || !api.Serverless || api.ID == app.Local.CORSOf || app.Local.CORS != nil || app.Deployed[last].Property != "" {
		return ""
	}
	by, property := app.Deployed[last], "Cors"
	name := show(by.ID) + at(by.Source)
	if isImplicit(by) && len(by.Routes) > 0 {
		name = "the implicit API of " + place(by.Routes[0])
	}
	if by.Type == sam.HTTP {
		property = "CorsConfiguration"
	}
	says := "SAM local has one CORS setting for all APIs, that of the last, and " + name + " has no " + property
	if api.Property != "" {
		says += "; corsproxy check tells more"
	}
	return says
}
