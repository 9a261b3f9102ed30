package sam

import "slices"

// OtherCORS returns the ids of the APIs that another application has, too, with
// another CORS setting: that of a build, say, which is older than its template.
// Where a setting stands, and how it is written, makes no difference.
func (a *Application) OtherCORS(other *Application) []string {
	var ids []string
	for _, api := range a.Deployed {
		i := slices.IndexFunc(other.Deployed, func(o API) bool { return o.ID == api.ID })
		if i >= 0 && !api.CORS.equal(other.Deployed[i].CORS) {
			ids = append(ids, api.ID)
		}
	}
	return ids
}

// equal reports whether two settings, either of which may be nil, allow the same.
func (c *CORS) equal(o *CORS) bool {
	if c == nil || o == nil {
		return c == o
	}
	age := func(c *CORS) int64 {
		if c.MaxAge == nil {
			return -1
		}
		return *c.MaxAge
	}
	return slices.Equal(c.AllowOrigins, o.AllowOrigins) && slices.Equal(c.AllowMethods, o.AllowMethods) &&
		slices.Equal(c.AllowHeaders, o.AllowHeaders) && slices.Equal(c.ExposeHeaders, o.ExposeHeaders) &&
		c.AllowCredentials == o.AllowCredentials && age(c) == age(o)
}
