package check

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/corsproxy/corsproxy/internal/printable"
	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// CP6087 and CP6089: the binary media types of REST APIs.
func binaryRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6087", Name: "binary-types-missing", Severity: SeverityWarning,
		Title: "The function answers in Base64, and the REST API does not decode it",
		Text: "A REST API turns an answer with isBase64Encoded into bytes only where BinaryMediaTypes names what the request's Accept asks for first. Without that the page gets the letters of the encoding instead of the image or the file. " +
			"An HTTP API decodes by itself. */* is for every request, and has the MOCK that Cors makes of OPTIONS fail.",
		Fix:   "Set BinaryMediaTypes on the API: the types that the function sends where the API has Cors, and have pages ask for them.",
		Since: "0.2.0",
	}, find: undecodedAnswers}, {Info: Info{
		Code: "CP6089", Name: "binary-types-break-preflights", Severity: SeverityWarning,
		Title: "A REST API takes preflights for binary data",
		Text: "With */* among the BinaryMediaTypes API Gateway takes the body of every request for binary, and a MOCK integration cannot read that: it is known to answer OPTIONS with 500 Internal server error. SAM's Cors makes such a MOCK. " +
			"SAM local does not look at it.",
		Fix:   "Name the types that functions send in place of */*. A MOCK of your own may have contentHandling: CONVERT_TO_TEXT.",
		Since: "0.2.0",
	}, find: binaryPreflights}}
}

const binaryExtension = "x-amazon-apigateway-binary-media-types"

var base64Answer = regexp.MustCompile(`isbase64encoded["']?\s*[:=]\s*true`)

func undecodedAnswers(v *view) []problem {
	code := newCode(v)
	defer code.close()
	return v.eachOwned(code, base64Answer, func(a *api) bool {
		return a.rest && !a.get("BinaryMediaTypes").isSet() && !a.definition.Has(binaryExtension)
	}, func(*resource) bool { return true }, func(r *route, p place, owners []*resource) problem {
		a := r.api
		where := "in the Properties of " + a.name() + ":\nBinaryMediaTypes: "
		if a.implicit {
			where = "Globals:\n  Api:\n    BinaryMediaTypes: "
		}
		fix := where + `["*/*"]`
		if a.mocksOptions() {
			types := orExample(mediaTypes(p.file.text))
			fix = where + "[" + strings.Join(types, ", ") + "]\n# pages ask for one: fetch(url, {headers: {Accept: \"" + types[0] + "\"}})"
		}
		return problem{
			pos: r.at, what: fmt.Sprintf("%s sets isBase64Encoded, and API %s has no BinaryMediaTypes", p.mentions(owners), a.name()),
			why: "of such an answer pages get the letters of the encoding instead of the bytes", fix: fix,
		}
	})
}

// mocksOptions reports whether a MOCK answers preflights of an API.
func (a *api) mocksOptions() bool {
	if a.deployed == nil {
		return a.hasRESTCors()
	}
	return slices.ContainsFunc(a.deployed.Preflights, func(p sam.Preflight) bool { return p.By == sam.ByMock })
}

var mediaType = regexp.MustCompile(`["'\x60]((?:image|audio|video|font|application)/[a-z0-9.+-]+)["'\x60;]`)

// mediaTypes returns the media types that source in lower case names and that
// are no text.
func mediaTypes(source string) []string {
	var all []string
	for _, m := range mediaType.FindAllStringSubmatch(source, -1) {
		name := m[1]
		if !slices.Contains(all, name) && !strings.Contains(name, "json") && !strings.Contains(name, "xml") && !strings.Contains(name, "form") && !strings.Contains(name, "script") {
			all = append(all, name)
		}
	}
	return all
}

// orExample returns the media types, or an example where there are none.
func orExample(types []string) []string {
	if len(types) == 0 {
		return []string{"image/png"}
	}
	return types
}

func binaryPreflights(v *view) []problem {
	var all []problem
	code := newCode(v)
	defer code.close()
	for _, a := range v.apis {
		if a.deployed == nil {
			continue
		}
		at := slices.IndexFunc(a.deployed.Preflights, func(p sam.Preflight) bool { return p.Binary })
		if at < 0 {
			continue
		}
		types := a.get("BinaryMediaTypes")
		pos, key := types.pos(), "BinaryMediaTypes"
		if !types.isSet() {
			pos, key = a.definition.Get(binaryExtension).Pos(), binaryExtension
		}
		source := ""
		for _, r := range a.all {
			if r.function != nil {
				files, _ := code.of(r.function)
				for _, f := range files {
					source += f.text
				}
			}
		}
		named := mediaTypes(source)
		for _, item := range slices.Concat(types.deployed.Items(), a.definition.Get(binaryExtension).Items()) {
			if text := strings.ReplaceAll(item.Text(), "~1", "/"); item.Is(tree.String) && text != "*/*" && !slices.Contains(named, text) {
				named = append(named, text)
			}
		}
		named = orExample(named)
		fix := key + ": [" + printable.Line(strings.Join(named, ", ")) + "]\n# the types that functions send"
		if len(named) > mostListed {
			fix = "take */* out of " + key + ", and list the types that functions send"
		}
		all = append(all, problem{
			pos: pos, what: fmt.Sprintf("%s has */*, and OPTIONS %s is a MOCK integration", key, a.deployed.Preflights[at].Path),
			why: "API Gateway cannot read a preflight then, and answers 500; SAM local answers it",
			fix: fix + "; pages ask for one: fetch(url, {headers: {Accept: " + strconv.Quote(named[0]) + "}})",
		})
	}
	return all
}
