package diagnosis

import "strings"

// What a route of corsproxy's configuration file says goes before flags: where one
// holds for a path, a flag changes nothing.

// ofRoute is where the settings of such a route stand.
func ofRoute(rule string) string {
	return "in cors of the route " + show(rule) + " in the configuration file"
}

// keysOf returns flags as the configuration file writes them, in one line each
// where that is asked for. A list is not written anew, since it has others.
func keysOf(flags string, inline bool) []string {
	var keys []string
	words := strings.Fields(flags)
	for i, word := range words {
		value := ""
		if i+1 < len(words) {
			value = words[i+1]
		}
		switch word {
		case "--cors-source":
			keys = append(keys, "source: "+value)
		case "--response-headers":
			keys = append(keys, "response_headers: "+value)
		case "--allow-origin":
			if inline {
				keys = append(keys, strings.Trim(value, "'")+" in allow_origins")
				break
			}
			keys = append(keys, "allow_origins: # beside those that are there, and in place of *\n  - "+yamlString(strings.Trim(value, "'")))
		case "--allow-credentials":
			keys = append(keys, "allow_credentials: true")
		}
	}
	return keys
}

// toStart is how corsproxy is given a setting.
const toStart = "start corsproxy with:\n"

// ForRoute returns what is said with flags for a path that a route of the
// configuration file has settings for. The rule is its pattern, "" for none. Each
// hint is one line, as with flags: the log would pass over others, and say a less
// fitting one.
func (d Diagnosis) ForRoute(rule string) Diagnosis {
	if rule == "" {
		return d
	}
	hints := make([]string, len(d.Hints))
	for i, hint := range d.Hints {
		before, flags, ok := strings.Cut(hint, toStart)
		if ok {
			hint = before + "write " + ofRoute(rule) + ": " + strings.Join(keysOf(flags, true), ", ")
		}
		hints[i] = hint
	}
	d.Hints = hints
	return d
}
