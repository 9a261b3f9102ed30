package redact

import (
	"regexp"
	"strings"
)

var (
	// beforeUser is what may stand before the user of an address. A path has none.
	beforeUser = regexp.MustCompile("^[\\s\"'`]*(?:[A-Za-z][A-Za-z0-9+.-]*:)?[/\\\\]{2,}|^[\\s\"'`]*")

	// afterUser ends a user, and may be percent-encoded.
	afterUser = regexp.MustCompile(`(?i)@|%(?:25)*40`)
)

// Address replaces secrets in what somebody gave as an address: a URL, an origin,
// or a host and a port. It need not parse, and a password is a usual reason why one
// does not: whatever stands before the last "@" is taken for a user and a password.
func Address(s string) string {
	begin, end := user(s)
	return s[:begin] + strings.Repeat(Mark, min(end-begin, 1)) + Setting(s[end:])
}

// HasUser reports whether [Address] takes a part of s for a user.
func HasUser(s string) bool {
	begin, end := user(s)
	return end > begin
}

// WithoutUser returns an address without its user and password, as they are told
// for [Address].
func WithoutUser(s string) string {
	begin, end := user(s)
	if end > begin {
		end += len(afterUser.FindString(s[end:]))
	}
	return s[:begin] + s[end:]
}

// user returns where the user of an address begins, and where the "@" is that ends
// it; 0 and 0 where there is none.
func user(s string) (begin, end int) {
	if strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") {
		return 0, 0
	}
	begin = len(beforeUser.FindString(s))
	for _, m := range afterUser.FindAllStringIndex(s, -1) {
		end = m[0]
	}
	if end <= begin {
		return 0, 0
	}
	return begin, end
}
