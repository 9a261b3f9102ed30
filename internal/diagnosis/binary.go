package diagnosis

import (
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/transform"
)

// unusable explains that SAM local had no use for what a function gave back, or for
// the request's body, by the media type of that.
func (x *Explainer) unusable(e Evidence) Diagnosis {
	r, ok := x.matched(e)
	if ok && x.Template != nil && r.Function == "" && serves(r, e.Method) {
		return e.withoutFunction(r)
	}
	if x.isTooLarge(e) {
		return x.tooLarge(e)
	}
	hints := x.binaryHints(mediaType(e.Header), r)
	d := e.answered(BadFunctionResponse, "SAM local could not use the response of the function or of its authorizer, or failed itself",
		"look in SAM local's log for Invalid lambda response received, for Lambda authorizer failed, or for the last line of a traceback",
		"check whether the function gives back what API Gateway takes:\n{\"statusCode\": 200, \"headers\": {}, \"body\": \"a string\"}")
	if isBinary(e.Header) && !x.takesBinary(e) {
		d = e.answered(BinaryBody, "the request's body is binary, "+show(mediaType(e.Header))+", and SAM local may have taken it for text; or the function's response is not what API Gateway takes")
		d.Hints = append([]string{ifNotText + hints[0]}, hints[1:]...)
	}
	d.ifBinary, d.lasting = hints, x.isLasting(e)
	return d
}

// matched returns the route that takes the request.
func (x *Explainer) matched(e Evidence) (sam.Route, bool) {
	if x == nil || x.table == nil {
		return sam.Route{}, false
	}
	return x.table.Match(e.Method, e.Path)
}

// ifNotText is what hints on a binary body begin with, where SAM local's log has
// not been read.
const ifNotText = "look for UnicodeDecodeError in SAM local's log; if it is there, "

// sendText is what there is to do for an HTTP API, which has no setting for it.
const sendText = "send the body to SAM local as text, such as Base64: a deployed HTTP API hands it to its function in Base64, and SAM local cannot"

// orHTTP is that where the kind of API is not known.
const orHTTP = "where it is an HTTP API, " + sendText

// binaryHints says how SAM local is to take a body of a media type for what it is;
// "" is none.
func (x *Explainer) binaryHints(mediaType string, r sam.Route) []string {
	if r.APIType == sam.HTTP {
		return []string{sendText}
	}
	where := "in the REST API's Properties"
	api, known := x.deployed(r.API)
	switch {
	case r.API[strings.LastIndexByte(r.API, '/')+1:] == transform.ImplicitREST:
		where = "below Api in Globals" + ofStack(r.API, r.Source)
	case known:
		where = "in the Properties of " + show(api.ID) + at(api.Source)
	}
	add, such := "add the body's media type to BinaryMediaTypes "+where, ""
	if mediaType == "" {
		mediaType = "application/octet-stream"
		add, such = "send the body with its Content-Type, and add that to BinaryMediaTypes "+where, ", such as"
	}
	var types []string
	for _, t := range append(slices.Clone(api.BinaryTypes), mediaType) {
		types = append(types, strings.ReplaceAll(t, "/", "~1"))
	}
	hints := []string{add + such + ":\n" + marshal(mapping("BinaryMediaTypes", sequence(types)))}
	if r.APIType == "" {
		hints = append(hints, orHTTP)
	}
	return hints
}

func mediaType(h http.Header) string {
	t, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	return t
}

// isBinary reports whether a request's body is most likely no text.
func isBinary(h http.Header) bool {
	t := mediaType(h)
	kind, sub, _ := strings.Cut(t, "/")
	switch kind {
	case "image":
		return sub != "svg+xml"
	case "audio", "video", "font":
		return true
	case "multipart":
		return true
	case "application":
		return sub == "octet-stream" || sub == "pdf" || sub == "zip" || sub == "gzip" || sub == "x-protobuf" || sub == "msgpack"
	}
	return false
}
