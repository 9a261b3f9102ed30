package diagnosis

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// AnswerLimit bounds what is looked at of an answer that [MayBeSAMs] holds for
// possible, in bytes.
const AnswerLimit = 1024

// MayBeSAMs reports whether a response may be one that SAM local gives in place
// of a function's, Missing Authentication Token aside. By its body, which is
// short, [Explainer.Answer] can tell.
func MayBeSAMs(status int, header http.Header) bool {
	switch status {
	case http.StatusOK:
		return strings.HasPrefix(header.Get("Server"), "Werkzeug/") && isJSON(header, false) && header.Get("Content-Encoding") == ""
	case http.StatusPermanentRedirect:
		return true // the body does not matter
	case http.StatusNotFound:
		return header.Get("X-Amzn-Errortype") == "PathNotFoundLocally" // of sam local start-lambda
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusInternalServerError, http.StatusNotImplemented, http.StatusBadGateway:
	default:
		return false
	}
	n, ok := contentLength(header)
	return ok && n <= AnswerLimit && isJSON(header, false) && header.Get("Content-Encoding") == ""
}

// Answer names an answer other than Missing Authentication Token that SAM local
// gave in place of a function's. The answer goes to the client unchanged. The
// evidence needs a body where [MayBeSAMs] asks for one; it is false where the
// answer is a function's own, by all that can be told.
func (x *Explainer) Answer(e Evidence) (Diagnosis, bool) {
	if !MayBeSAMs(e.UpstreamStatus, e.UpstreamHeader) || notSAM(e.UpstreamHeader) != "" {
		return Diagnosis{}, false
	}
	var d Diagnosis
	sent, path := e.RawPath, e.Path
	e = e.withoutSecrets()
	switch e.UpstreamStatus {
	case http.StatusPermanentRedirect:
		d = x.redirect(e, sent)
	case http.StatusOK:
		d = e.raised()
	case http.StatusNotFound:
		d = x.withoutAPI(e)
	default:
		d = x.ownAnswer(e)
	}
	if d.Code == "" {
		return Diagnosis{}, false
	}
	d.Status, d.Upstream = e.UpstreamStatus, e.upstream()
	if x != nil && x.table != nil && d.Routes == nil {
		if r, ok := x.table.Match(e.Method, path); ok {
			d.Routes = routesOf([]sam.Route{r})
		}
	}
	return d, true
}

// redirect explains a 308 to the path that was sent, with single slashes.
func (x *Explainer) redirect(e Evidence, sent string) Diagnosis {
	q := &question{Evidence: e, Explainer: x}
	fixed := doubleSlash(q, e.RawPath)
	location, _, _ := strings.Cut(e.UpstreamHeader.Get("Location"), "?")
	if len(fixed) == 0 || !strings.HasSuffix(collapse(location), collapse("/"+sent)) {
		return Diagnosis{}
	}
	d := Diagnosis{
		Code:   DoubleSlash,
		Detail: e.request() + " has two slashes in a row, and SAM local redirects it to " + show(fixed[0].path) + "; a preflight may not be redirected, and on AWS the path is another",
		Hints:  []string{fixed[0].fix + "; the path is then:\n" + fixed[0].path},
	}
	if show(fixed[0].path) != fixed[0].path {
		d.Hints = []string{fixed[0].fix}
	}
	if x == nil || x.table == nil || !q.searchable() {
		return d
	}
	for _, r := range emptyParameter(q, e.RawPath) {
		l, _ := q.land(r.path)
		d.Code, d.Routes = r.code, routesOf([]sam.Route{l.Route})
		d.Detail = e.request() + " is not mounted: " + r.why + ", where " + place(l.Route) + " has it; SAM local redirects it to " + show(fixed[0].path) + ", which is another path"
		d.Hints = []string{r.fix + "; the path is then:\n" + finding{[]repair{r}, l}.path()}
	}
	return d
}

// ownAnswer explains an error that SAM local makes itself: JSON with a message
// and nothing else, a newline at its end, and no fields but the server's own.
// Frameworks of functions write such bodies, too, and fields besides.
func (x *Explainer) ownAnswer(e Evidence) Diagnosis {
	if strings.EqualFold(e.Method, http.MethodHead) {
		return x.headAnswer(e)
	}
	var body map[string]any
	if !fieldsOfSAM(e.UpstreamHeader) || !strings.HasSuffix(e.UpstreamBody, "}\n") || json.Unmarshal([]byte(e.UpstreamBody), &body) != nil || len(body) != 1 {
		return Diagnosis{}
	}
	message, _ := body["message"].(string)
	switch key := fmt.Sprint(e.UpstreamStatus, " ", message); {
	case key == "401 Unauthorized":
		return x.keptBack(e, NoIdentity)
	case key == "403 User is not authorized to access this resource":
		return x.keptBack(e, AuthorizerDenied)
	case key == "500 Internal server error" && x.isTooLarge(e):
		return x.tooLarge(e)
	case key == "500 Internal server error":
		return e.answered(FunctionFailed, "the function ended with an error, or gave nothing back",
			"read the traceback in SAM local's log")
	case key == "502 Internal server error":
		return x.unusable(e)
	case key == "502 No function defined for resource method":
		if d, ok := x.remoteFunction(e); ok {
			return d
		}
		if x.newer() || x.maybeChanged() { // with warm containers SAM local reads its functions again, and no routes
			return e.answered(NoFunction, "the template, which has changed since it mounted this route, has no function of that name any more",
				(&question{Evidence: e, Explainer: x}).restart())
		}
		return e.answered(NoFunction, "the template has no function for this route",
			"check the function's name in the route's integration, and whether the template declares it")
	case e.UpstreamStatus == http.StatusNotImplemented && strings.HasPrefix(message, "Inline code is not supported"):
		return e.answered(InlineCode, "SAM local does not run inline code",
			"move the code to a file, and in the function's Properties write, in place of InlineCode:\nCodeUri: src/")
	case e.UpstreamStatus == http.StatusNotImplemented && message != "":
		return e.answered(ContainerFailed, "the function's container could not be made: "+show(message),
			"check whether Docker runs:\ndocker info")
	}
	return Diagnosis{}
}

// raised explains a success that is an error of a function. SAM local knows an
// error by its members, and Python's runtime adds one; for an HTTP API it then
// makes a response of it, in the order in which the runtime writes them.
func (e Evidence) raised() Diagnosis {
	if !strings.HasPrefix(e.UpstreamBody, `{"errorMessage": "`) {
		return Diagnosis{}
	}
	body := json.NewDecoder(strings.NewReader(e.UpstreamBody)) // of which the end may be missing
	var read []string
	for range 6 {
		token, err := body.Token()
		if text, ok := token.(string); ok {
			read = append(read, text)
		}
		if err != nil {
			break
		}
	}
	if len(read) != 5 || read[2] != "errorType" || read[4] != "requestId" {
		return Diagnosis{}
	}
	t := lambdaError{ErrorType: read[3], ErrorMessage: read[1]}.trouble()
	code := t.Code
	if !t.IsCause() {
		code = FunctionFailed
	}
	takes := "; SAM local takes the error for the response of an HTTP API"
	if code != PayloadTooLarge {
		takes += ", which answers 500 when deployed"
	}
	return e.answered(code, t.Sentence+takes, t.Hints...)
}

// withoutAPI explains the answer of the part of SAM local that runs functions alone.
func (x *Explainer) withoutAPI(e Evidence) Diagnosis {
	hint := "start the one that has the API, and name its port by --upstream:\nsam local start-api"
	if x != nil && x.Child {
		hint = "start the one that has the API:\ncorsproxy -- sam local start-api"
	}
	return e.answered(NoAPI, "it is sam local start-lambda, which runs functions and has no API", hint)
}

// remoteFunction explains why SAM local has no function for a route whose
// function the template declares: its code is not on this machine.
func (x *Explainer) remoteFunction(e Evidence) (Diagnosis, bool) {
	if x == nil || x.table == nil || x.Template == nil {
		return Diagnosis{}, false
	}
	r, _ := x.table.Match(e.Method, e.Path)
	i := slices.IndexFunc(x.Template.Remote, func(f sam.RemoteFunction) bool { return f.Name == r.Function })
	if i < 0 {
		return Diagnosis{}, false
	}
	f := x.Template.Remote[i]
	where, hint := "on S3", "start SAM local with the template as it was before sam package, or give the function its folder on this machine:\nCodeUri: src/"
	if f.Image {
		where, hint = "an image in a registry", "let SAM local build the image: add beside the function's Properties, and run sam build:\nMetadata:\n  DockerContext: .\n  Dockerfile: Dockerfile"
	}
	if f.Code != "" {
		where += ", " + show(f.Code)
	}
	return e.answered(NoFunction, fmt.Sprintf("the code of function %s is %s (%s:%d), and SAM local runs only what is on this machine", show(f.Name), where, show(f.Pos.File), f.Pos.Line), hint), true
}

// withoutFunction explains why SAM local fails on a route that it has mounted for
// no function, as it does with a raw method or route of another integration.
func (e Evidence) withoutFunction(r sam.Route) Diagnosis {
	d := e.answered(NoFunction, "it has mounted "+place(r)+" and knows no function for it, as for any integration that is not a function's",
		"call the deployed API for it", "check, if a function is to answer, whether the route's integration names it")
	d.Routes = routesOf([]sam.Route{r})
	return d
}

// headAnswer explains what has no body to look at.
func (x *Explainer) headAnswer(e Evidence) Diagnosis {
	if e.UpstreamStatus != http.StatusBadGateway || x == nil || x.table == nil {
		return Diagnosis{}
	}
	r, ok := x.table.Match(e.Method, e.Path)
	if !ok || serves(r, e.Method) {
		return Diagnosis{}
	}
	d := e.answered(HeadNotMounted, place(r)+" is mounted, HEAD is not, and SAM local fails on it", "send GET")
	d.Hints = append(d.Hints, x.mountHint("or mount HEAD", http.MethodHead, r.Path, r)...)
	d.Routes = routesOf([]sam.Route{r})
	return d
}

func (e Evidence) answered(code Code, why string, hints ...string) Diagnosis {
	return Diagnosis{Code: code, Detail: fmt.Sprintf("SAM local answered %s with %d: %s", e.request(), e.UpstreamStatus, why), Hints: hints}
}

// IsSAMs reports whether a code is that of an answer that SAM local made itself.
func (c Code) IsSAMs() bool {
	return c != SaidByTheFunction && c != UpstreamIsNotSAM && (strings.HasPrefix(string(c), "CP3") || strings.HasPrefix(string(c), "CP4"))
}
