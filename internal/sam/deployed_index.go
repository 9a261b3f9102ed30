package sam

import (
	"github.com/corsproxy/corsproxy/internal/sam/transform"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// index sorts what belongs to an API by the API's logical id.
func (d *deployer) index() {
	d.parts = make(map[string][]tree.Entry)
	d.events, d.absent = make(map[string][]declared), make(map[string][]declared)
	live := make(map[string]bool, len(d.live))
	for _, e := range d.live {
		live[e.Name()] = true
	}
	d.sharing = make(map[string]bool)
	for _, e := range d.all.Entries() {
		if live[e.Name()] {
			continue
		}
		d.sharing[d.changedByGlobals(e)] = true
		if kind, _ := e.Value.Get("Type").Str(); kind == transform.Function || kind == transform.StateMachine {
			d.indexEvents(e, d.absent)
		}
	}
	for _, e := range d.live {
		properties := e.Value.Get("Properties")
		switch kind, _ := e.Value.Get("Type").Str(); kind {
		case transform.Function, transform.StateMachine:
			d.indexEvents(e, d.events)
		case typeMethod, typeStage, typeGatewayResponse:
			id := refersTo(properties.Get("RestApiId"), "")
			d.parts[id] = append(d.parts[id], e)
		case typeHTTPRoute, typeHTTPStage:
			id := refersTo(properties.Get("ApiId"), "")
			d.parts[id] = append(d.parts[id], e)
		}
	}
}

// changedByGlobals returns the type of an API of SAM's that has no origin of its
// own, which Globals leave alone, or "": the lists of an HTTP API are put together
// with those of Globals.
func (d *deployer) changedByGlobals(e tree.Entry) string {
	cors := d.written(e, "Cors")
	switch kind, _ := e.Value.Get("Type").Str(); {
	case kind == transform.HTTPAPI:
		return HTTP
	case kind == transform.API && !cors.Is(tree.String) && !cors.Has("AllowOrigin") && !isFunction(cors):
		return REST
	}
	return ""
}
