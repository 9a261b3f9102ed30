package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/corsproxy/corsproxy/policy"
)

// Policy returns c as the policy package takes it.
func (c CORS) Policy() policy.Config {
	return policy.Config{
		AllowOrigins:     c.AllowOrigins,
		AllowMethods:     c.AllowMethods,
		AllowHeaders:     c.AllowHeaders,
		ExposeHeaders:    c.ExposeHeaders,
		AllowCredentials: c.AllowCredentials,
		MaxAge:           c.MaxAge,
		PreflightStatus:  c.PreflightStatus,
	}
}

// checkPolicies checks the top level's policy and that of each route. Known
// are the mistakes that were found before: a setting that has one was not
// read, and what stands in its place is not the user's.
func (l *Loaded) checkPolicies(known Mistakes) Mistakes {
	top := l.checkPolicy("cors", l.CORS)
	ms := top
	for i, r := range l.Routes {
		at := fmt.Sprintf("routes[%d].cors", i)
		for _, m := range l.checkPolicy(at, r.CORS) {
			if !inherited(m, at, top) && !known.about("cors"+strings.TrimPrefix(m.Key, at)) {
				ms = append(ms, m)
			}
		}
	}
	var out Mistakes
	for _, m := range ms {
		if !known.about(m.Key) {
			out = append(out, m)
		}
	}
	return out
}

func (l *Loaded) checkPolicy(at string, c CORS) Mistakes {
	_, err := policy.New(c.Policy())
	if err == nil {
		return nil
	}
	var fields policy.Errors
	if !errors.As(err, &fields) {
		return Mistakes{{l.Where(at), at, err.Error()}}
	}
	ms := make(Mistakes, len(fields))
	for i, f := range fields {
		key := at + "." + f.Field
		if f.Index >= 0 {
			key = fmt.Sprintf("%s[%d]", key, f.Index)
		}
		place := l.Where(key)
		if _, given := l.places[at+"."+f.Field]; !given {
			// A default, or what a route inherits, is wrong only beside a
			// setting that is given here, and all such are about credentials.
			place = l.Where(at + ".allow_credentials")
		}
		ms[i] = Mistake{place, key, quote(f.Value) + " " + f.Reason + "; " + f.Suggestion}
	}
	return ms
}

// inherited reports whether a mistake in the policy of the route at is one
// that the top level has already.
func inherited(m Mistake, at string, top Mistakes) bool {
	field := strings.TrimPrefix(m.Key, at)
	for _, t := range top {
		if t.Key == "cors"+field && t.Text == m.Text {
			return true
		}
	}
	return false
}

// about reports whether any of the mistakes is about the setting that key, or
// the list that it is an item of, names.
func (ms Mistakes) about(key string) bool {
	setting, _, _ := strings.Cut(key[strings.LastIndexByte(key, '.')+1:], "[")
	section := key[:strings.LastIndexByte(key, '.')+1]
	for _, m := range ms {
		name, _, _ := strings.Cut(strings.TrimPrefix(m.Key, section), "[")
		if strings.HasPrefix(m.Key, section) && name == setting {
			return true
		}
	}
	return false
}
