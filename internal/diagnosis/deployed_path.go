package diagnosis

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// pathDiffers says that a route has taken the request only because SAM local
// passes over a slash of the path. Nothing is said of greedy routes, which take
// any slash, nor of what was refused here.
func pathDiffers(c Comparison, a apigateway.Answer) (Diagnosis, bool) {
	if c.Upstream == nil || c.Request.Method == http.MethodOptions || c.Status >= http.StatusBadRequest || a.Path == "" || a.Path == sam.DefaultPath || strings.HasSuffix(a.Path, "+}") {
		return Diagnosis{}, false
	}
	refusal := "403 Missing Authentication Token"
	if a.Type == sam.HTTP {
		refusal = "404 Not Found"
	}
	var what, hint string
	switch path := c.Request.Path; {
	case strings.HasPrefix(c.Target, "//"):
		what = "begins with two slashes, which SAM local takes for one; API Gateway takes it for another path"
		hint = "take the slash off the end of the client's base URL"
	case a.Type == sam.HTTP && path != "/" && strings.HasSuffix(path, "/") && !strings.HasSuffix(a.Path, "/"):
		what = "ends with a slash, which SAM local passes over; an HTTP API may take it for another path"
		hint = "take the slash off the end of the path in the client"
	default:
		return Diagnosis{}, false
	}
	return Diagnosis{
		Code:   DeployedPath,
		Detail: fmt.Sprintf("answered here, and perhaps not when deployed: the path %s than %s%s, and then answers %s", what, show(a.Path), at(a.Source), refusal),
		Cause:  a.API + " " + hint,
		Hints:  []string{hint},
	}, true
}
