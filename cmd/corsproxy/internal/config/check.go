package config

import (
	"fmt"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// check checks what the values must be together and what only the packages
// that use them can tell. Known are the mistakes that were found before.
func (l *Loaded) check(known Mistakes) Mistakes {
	ms := l.checkPolicies(known)
	if Reaches(l.Upstream, l.Listen) && !known.about("listen") && !known.about("upstream") {
		// The place of the stronger layer is the one that was just changed.
		key := "upstream"
		if l.places["listen"].Layer > l.places[key].Layer {
			key = "listen"
		}
		ms = append(ms, Mistake{l.Where(key), key, fmt.Sprintf(
			"corsproxy would forward to itself: it listens on %s, and its upstream is %s; give it another port, such as --listen 8081, or name the upstream that sam local start-api listens on", l.Listen, l.Upstream)})
	}
	ms = append(ms, l.checkInspect(known)...)
	seen := map[string]int{}
	for i, r := range l.Routes {
		first, twice := seen[r.Path]
		if twice && r.Path != "" {
			at := fmt.Sprintf("routes[%d].path", i)
			ms = append(ms, Mistake{l.Where(at), at, fmt.Sprintf("%s stands in routes[%d] already, and the first that matches wins; remove one of them", quote(r.Path), first)})
			continue
		}
		seen[r.Path] = i
	}
	for i, o := range l.ParameterOverrides {
		if err := sam.CheckOverrides([]string{o}); err != nil {
			at := fmt.Sprintf("parameter_overrides[%d]", i)
			ms = append(ms, Mistake{l.Where(at), at, err.Error()})
		}
	}
	for i, r := range l.SAM.Routes {
		if err := checkRoute(r); err != nil {
			at := fmt.Sprintf("sam.routes[%d]", i)
			ms = append(ms, Mistake{l.Where(at), at, withoutSecrets(r, err, checkRoute).Error()})
		}
	}
	return ms
}

// checkInspect checks that the inspector has an address of its own.
func (l *Loaded) checkInspect(known Mistakes) (ms Mistakes) {
	const key = "inspect.listen"
	if l.Inspect.Listen == "" || known.about(key) {
		return nil
	}
	switch {
	case !known.about("listen") && (Reaches(urlOf(l.Listen), l.Inspect.Listen) || Reaches(urlOf(l.Inspect.Listen), l.Listen)):
		ms = append(ms, Mistake{l.Where(key), key, fmt.Sprintf("%s is where the proxy listens; give the inspector a port of its own, such as 4040", quote(l.Inspect.Listen))})
	case !known.about("upstream") && Reaches(l.Upstream, l.Inspect.Listen):
		ms = append(ms, Mistake{l.Where(key), key, fmt.Sprintf("%s is where the upstream listens; give the inspector a port of its own, such as 4040", quote(l.Inspect.Listen))})
	}
	return ms
}
