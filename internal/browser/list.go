package browser

import "strings"

// find returns the first member of a list that matches. The list may stand in
// several lines; empty members are passed over. Commas within double quotes part
// nothing, but what has a double quote is no token either way.
func find(lines []string, match func(string) bool) (string, bool) {
	for _, line := range lines {
		for rest, more := line, true; more; {
			var member string
			member, rest, more = strings.Cut(rest, ",")
			if member = strings.Trim(member, blanks); member != "" && match(member) {
				return member, true
			}
		}
	}
	return "", false
}

// members returns all members of a list. They are counted before, since a list may
// have as many as a head has room for.
func members(lines []string) []string {
	n := 0
	find(lines, func(string) bool {
		n++
		return false
	})
	if n == 0 {
		return nil
	}
	all := make([]string, 0, n)
	find(lines, func(m string) bool {
		all = append(all, m)
		return false
	})
	return all
}
