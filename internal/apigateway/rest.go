package apigateway

import (
	"net/http"
	"slices"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// The bodies with which API Gateway refuses.
const (
	missingToken = `{"message":"Missing Authentication Token"}`
	unauthorized = `{"message":"Unauthorized"}`
	forbidden    = `{"message":"Forbidden"}`
	internal     = `{"message":"Internal server error"}`
	notFound     = `{"message":"Not Found"}`
)

// restOptions is a REST API's answer to OPTIONS: that of the path's own
// method. The closest path counts, whatever its methods.
func (a *api) restOptions(r Request) Answer {
	p, _ := a.paths.Best(r.Path)
	answer := Answer{API: a.ID, Type: a.Type, Path: p.Path, Guard: p.Guard, Source: p.Source}
	if p.Guard.Kind != sam.GuardNone && p.Guard.Unsure {
		answer.Unknown = append(answer.Unknown, "authorizer "+p.Guard.Name+" may let preflights pass")
	} else if p.Guard.Kind != sam.GuardNone {
		answer.By, answer.Source = ByGuard, p.Guard.Source
		return a.refuse(r, responseTypes[p.Guard.Kind], answer)
	}
	switch p.By {
	case sam.ByMock:
		if p.Status == sam.StatusMissing {
			answer.By, answer.NoStatus = ByMock, true
			return a.refuse(r, "API_CONFIGURATION_ERROR", answer)
		}
		answer.By, answer.Status, answer.CORS, answer.Generated = ByMock, http.StatusOK, p.CORS, p.Generated
		if p.Answer.Status != 0 {
			answer.Status = p.Answer.Status
		}
		answer.Header = make(http.Header)
		answer.set(p.Answer, r)
		answer.echo(p.Echoed, r.Header.Get("Origin"))
		if p.Unsure != "" {
			answer.Unknown = append(answer.Unknown, p.Unsure)
		}
	case sam.ByFunction:
		answer.By, answer.Function = ByFunction, p.Function
	case sam.ByIntegration:
		answer.By = ByIntegration
	default:
		answer.By = ByNothing
		return a.refuse(r, "MISSING_AUTHENTICATION_TOKEN", answer)
	}
	return answer
}

// responseTypes are the gateway responses to a request that lacks what a guard
// asks for.
var responseTypes = map[string]string{
	sam.GuardAuthorizer: "UNAUTHORIZED",
	sam.GuardIAM:        "MISSING_AUTHENTICATION_TOKEN",
	sam.GuardKey:        "INVALID_API_KEY",
}

// Refusal returns what API Gateway answers where it refuses a request that is no
// OPTIONS, since that lacks what the route asks for. It is false where the route asks
// for nothing, or where it cannot be told.
func (g *Gateway) Refusal(r Request) (Answer, bool) {
	answer := g.Answer(r)
	a, ok := g.byID[answer.API]
	if !ok || !answer.Forwarded() || !answer.Certain() || r.Method == http.MethodOptions {
		return Answer{}, false
	}
	answer.Guard = a.Guard(r.Method, answer.Path)
	if answer.Guard.Kind == sam.GuardNone {
		return Answer{}, false
	}
	if a.Type == sam.REST {
		return a.refuse(r, responseTypes[answer.Guard.Kind], Answer{By: ByGuard, Path: answer.Path, Guard: answer.Guard, Source: answer.Guard.Source}), true
	}
	return a.refuseHTTP(answer), true
}

// refuse completes answer by a gateway response.
func (a *api) refuse(r Request, kind string, answer Answer) Answer {
	answer.API, answer.Type = a.ID, a.Type
	family := "DEFAULT_4XX"
	switch kind {
	case "API_CONFIGURATION_ERROR":
		answer.Status, answer.Body, family = http.StatusInternalServerError, internal, "DEFAULT_5XX"
	case "UNAUTHORIZED":
		answer.Status, answer.Body = http.StatusUnauthorized, unauthorized
	case "INVALID_API_KEY":
		answer.Status, answer.Body = http.StatusForbidden, forbidden
	default:
		answer.Status, answer.Body = http.StatusForbidden, missingToken
	}
	response, own := a.Responses[kind]
	if !own {
		// The general one gives its status only to types without one of their
		// own, and all of these have one.
		response = a.Responses[family]
		response.Status = 0
	}
	if response.Status != 0 {
		answer.Status = response.Status
	}
	answer.Header = make(http.Header)
	answer.set(response.Fixed, r)
	return answer
}

// set sets the fields of a fixed answer.
func (answer *Answer) set(f sam.Fixed, r Request) {
	for _, field := range f.Fields {
		value := field.Value
		if field.Request != "" {
			if value = r.Header.Get(field.Request); value == "" {
				continue
			}
		}
		answer.Header.Set(field.Name, value)
	}
	for _, name := range f.Unresolved {
		if name == "Access-Control-Max-Age" { // how long an answer is remembered changes none
			continue
		}
		answer.Unknown = append(answer.Unknown, "the value of "+name)
	}
}

// echo sets the origin of a request that a mapping template answers with.
func (answer *Answer) echo(origins []sam.Echoed, origin string) {
	answer.ByOrigin = len(origins) > 0
	if slices.ContainsFunc(origins, func(e sam.Echoed) bool { return e.Is(origin) }) {
		answer.Header.Set("Access-Control-Allow-Origin", origin)
	}
}

// notDeployed notes that an API is not deployed as the template has it.
func (answer *Answer) notDeployed(a *sam.API) {
	if a.Refused != "" {
		answer.Refused = true
		answer.Unknown = append(answer.Unknown, "what "+a.ID+" answers, since "+a.Refused)
	}
}
