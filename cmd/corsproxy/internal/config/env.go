package config

import (
	"regexp"
	"slices"
	"strings"
)

const (
	envPrefix = "CORSPROXY_"
	// envFile names the configuration file, as the flag --config does.
	envFile = envPrefix + "CONFIG"
)

// Orchestrators set variables for the services that a container can reach,
// named after the service. One that is called corsproxy, or corsproxy-web,
// makes these; they are not meant for corsproxy.
var (
	linkName  = regexp.MustCompile(`^CORSPROXY_([A-Z0-9_]+_)?(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_[A-Z]+)?)$`)
	linkValue = regexp.MustCompile(`^(tcp|udp|sctp)://`)
)

func isLink(name, value string) bool {
	return linkName.MatchString(name) || strings.HasSuffix(name, "_PORT") && linkValue.MatchString(value)
}

// readEnv reads the variables of environ, each "NAME=value", that begin with
// CORSPROXY_. An empty variable counts as not set, so that a compose file can
// pass one on that may be missing.
func readEnv(environ []string) *layer {
	l := newLayer()
	vars := variables(environ)
	for _, k := range Leaves() {
		if text, ok := vars[k.Env()]; ok {
			l.texts(k, Place{Layer: FromEnv, Name: k.Env()}, text)
			delete(vars, k.Env())
		}
	}
	delete(vars, envFile)
	names := make([]string, 0, len(vars))
	for name := range vars {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if !isLink(name, vars[name]) {
			l.mistake(Place{Layer: FromEnv, Name: printable(name)}, "", unknownVariable(name))
		}
	}
	return l
}

// variables returns the variables of corsproxy that are not empty. Of a name
// given twice the last one counts, as in os/exec.
func variables(environ []string) map[string]string {
	vars := map[string]string{}
	for _, e := range environ {
		name, value, ok := strings.Cut(e, "=")
		if !ok || !strings.HasPrefix(name, envPrefix) {
			continue
		}
		vars[name] = value
		if value == "" {
			delete(vars, name)
		}
	}
	return vars
}

func unknownVariable(name string) string {
	text := "unknown variable " + quote(name)
	short := strings.TrimPrefix(name, envPrefix)
	for _, k := range Keys() {
		if k.Kind == Sections && fold(k.Name) == fold(short) {
			return k.Name + " can only be given in a file"
		}
	}
	candidates := []string{envFile}
	for _, k := range Leaves() {
		// The flag's name is what people try first.
		if fold(k.Flag) == fold(short) {
			return text + "; did you mean " + k.Env() + "?"
		}
		candidates = append(candidates, k.Env())
	}
	if s := nearest(name, candidates); s != "" {
		return text + "; did you mean " + s + "?"
	}
	return text + "; variables are named after keys, such as CORSPROXY_CORS_ALLOW_ORIGINS for cors.allow_origins"
}
