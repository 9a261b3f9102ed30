package diagnosis

import (
	"net/http"
	"strings"
)

// IsStrangers reports whether an answer may well be that of another server than
// SAM local, at a port that --upstream has by mistake: a page, or an error of its
// own, without what SAM local's server says of itself. What API Gateway answers, or
// a command that corsproxy has started, is none.
func (x *Explainer) IsStrangers(status int, header http.Header) bool {
	if x == nil || x.Child || strings.HasPrefix(header.Get("Server"), "Werkzeug/") {
		return false
	}
	for _, name := range ofGateway {
		if header.Get(name) != "" {
			return false
		}
	}
	isPage := strings.HasPrefix(strings.ToLower(header.Get("Content-Type")), "text/html")
	return isPage || status == http.StatusNotFound && !isJSON(header, false)
}

// ofGateway are fields that API Gateway sends with its answers.
var ofGateway = [...]string{"X-Amzn-Errortype", "X-Amzn-Requestid", "X-Amz-Apigw-Id", "Apigw-Requestid"}

// checkUpstream is the step where another server may have answered.
const checkUpstream = "check --upstream: another server than SAM local may have answered, since SAM local says Server: Werkzeug, and this does not"
