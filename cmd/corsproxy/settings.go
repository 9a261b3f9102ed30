package main

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
	"github.com/corsproxy/corsproxy/internal/inspect"
	"github.com/corsproxy/corsproxy/internal/redact"
)

// settingsOf lists the settings with the place where each was given, and how
// far each is in use.
func settingsOf(c *config.Loaded) []inspect.Setting {
	settings := sectionOf(c, config.Keys(), reflect.ValueOf(c.Config), "")
	for i := range settings {
		settings[i].Limit = limitOf(c, settings[i].Key)
	}
	if c.Found {
		settings = append([]inspect.Setting{{Key: "config", Value: c.File, From: "read", Help: "the configuration file"}}, settings...)
	}
	return settings
}

func sectionOf(c *config.Loaded, keys []config.Key, values reflect.Value, prefix string) (out []inspect.Setting) {
	for i, k := range keys {
		v, path := values.Field(i), prefix+k.Path
		switch k.Kind {
		case config.Section:
			out = append(out, sectionOf(c, k.Keys, v, prefix)...)
		case config.Sections:
			for n := range v.Len() {
				out = append(out, sectionOf(c, k.Keys, v.Index(n), fmt.Sprintf("%s[%d].", path, n))...)
			}
		default:
			from := c.Where(path)
			if prefix != "" && from == c.Where(path[:strings.LastIndexByte(path, '.')]) {
				continue // the route has it from the top level
			}
			out = append(out, inspect.Setting{Key: path, Value: valueText(v.Interface()), From: from.String(), Help: k.Help})
		}
	}
	return out
}

// valueText returns a value as it may stand in the file.
func valueText(v any) string {
	switch v := v.(type) {
	case []string:
		shown := make([]string, len(v))
		for i, item := range v { // a parameter of the template may be a password
			shown[i] = redact.Setting(item)
		}
		return strings.Join(shown, ", ")
	case string:
		if u, err := url.Parse(v); err == nil && u.User != nil {
			return u.Redacted()
		}
		return v
	}
	return fmt.Sprint(v)
}

// A use is how far a setting of a policy is in use, the widest first.
type use int

const (
	inUse use = iota
	whereTemplateIsSilent
	onOwnErrors
	notInUse
)

func (u use) String() string {
	return [...]string{
		"",
		"used only where the template does not tell, and in corsproxy's own errors",
		"used only in corsproxy's own errors",
		"not in use: the upstream answers OPTIONS",
	}[u]
}

// limitOf says how far the setting with a key is in use; "" is in full.
func limitOf(c *config.Loaded, key string) string {
	section, name, ok := strings.Cut(key, "cors.")
	if !ok {
		return ""
	}
	widest := notInUse
	if section == "" {
		widest = useOf(name, c.CORS)
	}
	for i, r := range c.Routes {
		at := fmt.Sprintf("routes[%d].", i)
		inherits := section == "" && c.Where(at+key) == c.Where(at+"cors")
		if section == at || inherits {
			widest = min(widest, useOf(name, r.CORS))
		}
	}
	return widest.String()
}

// useOf returns how far a rule uses one of its settings. A policy that does not
// answer OPTIONS still answers for corsproxy itself.
func useOf(name string, rule config.CORS) use {
	ofResponses := false
	switch name {
	case "allow_methods", "allow_headers", "max_age", "preflight_status":
	case "allow_origins", "allow_credentials", "expose_headers":
		ofResponses = true
	default:
		return inUse
	}
	switch {
	case rule.Source == "config", ofResponses && rule.ResponseHeaders != "keep":
		return inUse
	case rule.Source == "template":
		return whereTemplateIsSilent
	case ofResponses:
		return onOwnErrors
	}
	return notInUse
}
