package sam

import "strings"

// DefaultPayload is the version of the events that an HTTP API gives to functions,
// unless the template has another.
const DefaultPayload = "2.0"

// Payload returns the version of the events that an HTTP API gives to a function: as
// it has it on the function's routes, or, of one that has none, as it has it on all.
// It is "" for a REST API, which has no versions.
func (a *API) Payload(function string) string {
	if a.Type != HTTP {
		return ""
	}
	if version, ok := a.payloads[function[strings.LastIndexByte(function, '/')+1:]]; ok {
		return version
	}
	common := ""
	for _, version := range a.payloads {
		if common != "" && version != common {
			return DefaultPayload
		}
		common = version
	}
	if common == "" {
		return DefaultPayload
	}
	return common
}

// notePayloads notes the versions of the events that functions get; of one that gets
// several, the first.
func (a *API) notePayloads(operations []declared) {
	a.payloads = make(map[string]string)
	for _, op := range operations {
		if _, known := a.payloads[op.function]; known || op.function == "" {
			continue
		}
		a.payloads[op.function] = DefaultPayload
		if op.payload == "1.0" {
			a.payloads[op.function] = op.payload
		}
	}
}
