package browser

import (
	"iter"
	"strings"
)

// members yields the members of a list that may stand in several lines; empty
// ones are passed over. Commas within double quotes part nothing, but what has
// a double quote is no token either way.
func members(lines []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, line := range lines {
			for m := range strings.SplitSeq(line, ",") {
				if m = strings.Trim(m, blanks); m != "" && !yield(m) {
					return
				}
			}
		}
	}
}
