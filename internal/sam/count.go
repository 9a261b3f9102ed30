package sam

import "fmt"

// maxRoutes bounds the routes of an application: those that SAM local mounts or
// passes over, and those that AWS deploys. API Gateway allows some hundreds for
// an API. A short template makes many where its APIs name one document.
const maxRoutes = 50_000

// A count is how many routes have been derived from a template.
type count struct {
	local, deployed int
	exceeded        *TemplateError // once one of them is too large
}

// addLocal counts n more routes of what SAM local finds, and fails once they are
// too many.
func (c *count) addLocal(n int, pos Pos) error { return c.add(&c.local, n, pos) }

// addDeployed does so with the operations of an API that AWS deploys.
func (c *count) addDeployed(operations []declared, api Pos) error {
	n := 0
	for _, op := range operations {
		n += len(expandMethod(op.method))
	}
	return c.add(&c.deployed, n, api)
}

func (c *count) add(to *int, n int, pos Pos) error {
	if *to += n; *to <= maxRoutes {
		return nil
	}
	if c.exceeded == nil {
		c.exceeded = &TemplateError{
			Pos:  pos,
			What: fmt.Sprintf("the template has more than %d routes", maxRoutes),
			Why:  "corsproxy reads no more of it, and API Gateway allows some hundreds for an API",
			Fix:  "look for a definition or a stack that is named again and again, or split the template",
		}
	}
	return c.exceeded
}

// countAll counts the routes of a template that is refused for something else,
// as far as they can be told.
func (l *loader) countAll() {
	l.routes.local = 0
	serverless, cloudFormation := extractors()
	for _, known := range []map[string]extractor{serverless, cloudFormation} {
		if l.lenient().extract(known) != nil {
			return
		}
	}
}
