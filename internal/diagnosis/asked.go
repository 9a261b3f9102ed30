package diagnosis

import (
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// webSocket holds for what is meant for a WebSocket API.
func webSocket(q *question) (Diagnosis, bool) {
	upgrade := strings.EqualFold(q.Header.Get("Upgrade"), "websocket")
	connections := slices.Contains(segments(q.Path), "@connections")
	if !upgrade && !connections {
		return Diagnosis{}, false
	}
	d := Diagnosis{Code: WebSocketNotServed, Detail: q.request() + " asks for a WebSocket, and SAM local serves no WebSocket APIs"}
	if connections {
		d.Detail = q.request() + " is for the connections of a WebSocket API, and SAM local serves none"
	}
	d.Hints = []string{"use the deployed WebSocket API, with wss://, or a WebSocket server of your own behind another base URL"}
	if q.Explainer != nil {
		for _, u := range q.whole[sam.ReasonWebSocket] {
			d.Hints = append(d.Hints, fmt.Sprintf("the template declares the WebSocket API %s (%s)", show(u.Route.API), u.Route.Source))
		}
	}
	return d, true
}

// methodNotSupported holds for a method that SAM local mounts nothing for.
func methodNotSupported(q *question) (Diagnosis, bool) {
	if slices.Contains(sam.AnyMethods(), strings.ToUpper(q.Method)) {
		return Diagnosis{}, false
	}
	d := Diagnosis{
		Code:   MethodNotSupported,
		Detail: fmt.Sprintf("%s is not a method that SAM local can mount; these are: %s", show(q.Method), list(sam.AnyMethods())),
		Hints:  []string{"send one of these methods; what carries a body as QUERY does is POST"},
	}
	if len(q.methods) > 0 {
		d.Detail += fmt.Sprintf("; %s is mounted for %s", show(q.RawPath), list(q.methods))
		r, _ := q.table.Match(q.methods[0], q.Path)
		d.Routes = routesOf([]sam.Route{r})
	}
	return d, true
}

// noise is what browsers, and their developer tools, ask every server for.
var noise = []string{
	"/favicon.ico", "/robots.txt", "/service-worker.js", "/sw.js", "/manifest.json", "/site.webmanifest", "/manifest.webmanifest",
	"/browserconfig.xml", "/apple-touch-icon.png", "/apple-touch-icon-precomposed.png", "/.well-known",
}

// browserNoise holds for what no page has asked for.
func browserNoise(q *question) (Diagnosis, bool) {
	if q.Method != http.MethodGet && q.Method != http.MethodHead {
		return Diagnosis{}, false
	}
	if q.Header.Get("Sec-Fetch-Dest") == "empty" && q.Header.Get("Sec-Fetch-Mode") == "cors" {
		return Diagnosis{}, false // a script did
	}
	base := path.Base(q.Path)
	switch {
	case slices.Contains(noise, q.Path), strings.HasPrefix(q.Path, "/.well-known/"),
		strings.HasPrefix(q.Path, "/apple-touch-icon-") && strings.HasSuffix(base, ".png"),
		strings.HasSuffix(base, ".js.map"), strings.HasSuffix(base, ".css.map"), strings.HasSuffix(base, ".mjs.map"):
		return Diagnosis{Code: BrowserNoise, Detail: "browsers ask every server for " + show(q.RawPath) + "; nothing is wrong"}, true
	}
	return Diagnosis{}, false
}

// notSAM returns the header field by which an answer is not SAM local's, as
// "Name: value"; "" where nothing speaks against SAM local.
//
// SAM local's server, Werkzeug, names itself and says no x-amzn field, unless a
// function does; API Gateway sends two of those with each answer, and 42 bytes,
// where SAM local ends them with a newline.
func notSAM(h http.Header) string {
	server := h.Get("Server")
	if strings.HasPrefix(server, "Werkzeug/") {
		return ""
	}
	for _, name := range []string{"X-Amzn-Errortype", "X-Amzn-Requestid", "X-Amz-Apigw-Id"} {
		if v := h.Get(name); v != "" {
			return strings.ToLower(name) + ": " + v
		}
	}
	if n, ok := contentLength(h); ok && n == int64(len(`{"message":"Missing Authentication Token"}`)) && server != "" && h.Get("Content-Encoding") == "" {
		return "server: " + server
	}
	return ""
}

func upstreamIsNotSAM(e Evidence, field string) Diagnosis {
	d := Diagnosis{
		Code:   UpstreamIsNotSAM,
		Detail: fmt.Sprintf("the answer to %s is not SAM local's, by its header %s", e.request(), show(field)),
		Hints: []string{
			"check whether --upstream names the right server: sam local start-api listens on http://127.0.0.1:3000 unless told otherwise",
			"for a deployed API, check whether the URL has the stage, spelt as in the console; a custom domain has its base path instead:\naws apigateway get-stages --rest-api-id API-ID",
			"check whether the route was deployed to that stage:\naws apigateway create-deployment --rest-api-id API-ID --stage-name STAGE",
			"check whether the method has the authorization type AWS_IAM; a request to it must be signed (Signature Version 4)",
		},
	}
	if upper := strings.ToUpper(e.Method); upper != e.Method {
		d.Hints = slices.Insert(d.Hints, 0, "write "+show(upper)+" in capitals: methods are case-sensitive, and "+show(e.Method)+" is another one")
	}
	return d
}
