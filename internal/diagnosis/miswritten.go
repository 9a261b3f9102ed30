package diagnosis

import (
	"net/url"
	"slices"
	"strings"
)

// miswritten returns what a list of origins has for the page's and is not written
// as browsers send it: with a slash or a path at the end, in capital letters,
// with the scheme's own port, or without a scheme. It is "" where the list has
// nothing like it.
func miswritten(listed []string, origin string) string {
	if slices.Contains(listed, origin) {
		return ""
	}
	if i := slices.IndexFunc(listed, func(o string) bool { return isMeantFor(o, origin) }); i >= 0 {
		return listed[i]
	}
	return ""
}

func isMeantFor(listed, origin string) bool {
	page, err := url.Parse(origin)
	if err != nil || page.Host == "" {
		return false
	}
	text := strings.ToLower(strings.Trim(listed, `'" `))
	if !strings.Contains(text, "://") {
		text = page.Scheme + "://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != page.Scheme || u.Hostname() != page.Hostname() {
		return false
	}
	port := u.Port()
	if port == "443" && u.Scheme == "https" || port == "80" && u.Scheme == "http" {
		port = ""
	}
	return port == page.Port()
}

// miswrittenSays is the clause on it, "" where there is none.
func miswrittenSays(listed []string, origin string) string {
	switch written := miswritten(listed, origin); {
	case written == "":
		return ""
	case strings.TrimRight(written, "/") == origin:
		return "; " + show(written) + " ends with a slash, which no browser sends"
	default:
		return "; " + show(written) + " is not written as browsers send it"
	}
}
