package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/pathpattern"
)

// usualStages are names that stages often have. The first is SAM's own.
var usualStages = []string{"prod", "stage", "dev", "staging", "test", "production", "development", "preprod", "qa", "uat", "beta", "live", "sandbox", "default", "v1", "v2", "v3", "latest"}

// usualPrefixes stand before paths for the sake of a development server's
// proxy, which is to remove them.
var usualPrefixes = []string{"api", "rest", "backend"}

// ownStage removes the stage of a deployed API.
func ownStage(q *question, path string) []repair {
	return withoutHead(path, func(head string) (Code, string, bool) {
		known := slices.ContainsFunc(q.stages, func(s string) bool { return strings.EqualFold(s, head) })
		return StageInPath, head + " is a stage, which SAM local leaves out of its paths", known
	})
}

// usualStage removes what looks like a stage.
func usualStage(q *question, path string) []repair {
	return withoutHead(path, func(head string) (Code, string, bool) {
		usual := slices.Contains(usualStages, strings.ToLower(head)) && !q.heads[head]
		return StageInPath, head + " looks like a stage, which SAM local leaves out of its paths", usual
	})
}

// basePath removes the base path of a custom domain.
func basePath(q *question, path string) []repair {
	for _, base := range q.BasePaths {
		base = "/" + strings.Trim(base, "/")
		if rest, ok := strings.CutPrefix(path, base+"/"); ok && base != "/" {
			return []repair{{
				code: PrefixInPath, path: "/" + rest,
				why: base + " is the base path of a custom domain, which SAM local leaves out of its paths",
				fix: "take " + base + " off the base URL that the client has for SAM local",
			}}
		}
	}
	return nil
}

// usualPrefix removes what development servers put before paths.
func usualPrefix(q *question, path string) []repair {
	return withoutHead(path, func(head string) (Code, string, bool) {
		return PrefixInPath, "no route begins with /" + head, slices.Contains(usualPrefixes, strings.ToLower(head)) && !q.heads[head]
	})
}

// otherPrefix removes a first segment that no route begins with.
func otherPrefix(q *question, path string) []repair {
	return withoutHead(path, func(head string) (Code, string, bool) {
		return PrefixInPath, "no route begins with /" + head, !q.heads[head]
	})
}

// withoutHead removes the first segment if is says so, for the reason that it
// gives.
func withoutHead(path string, is func(head string) (code Code, why string, ok bool)) []repair {
	all := segments(path)
	if len(all) == 0 || all[0] == "" {
		return nil
	}
	code, why, ok := is(unescape(all[0]))
	if !ok {
		return nil
	}
	return []repair{{
		code: code, path: join(all[1:]), why: show(why),
		fix: show("take /" + all[0] + " off the base URL that the client has for SAM local, or have its development server rewrite the path"),
	}}
}

// maxPrefixes is how many prefixes may be missing for the cause to be told.
const maxPrefixes = 3

// prefixMissing puts the first segment of a route before the path.
func prefixMissing(q *question, path string) []repair {
	var heads []string
	for r := range q.tails.Matches(pathpattern.Decode(path)) {
		head := segments(r.Path)[0]
		if serves(r, q.Method) && !slices.Contains(heads, head) {
			if heads = append(heads, head); len(heads) > maxPrefixes {
				return nil
			}
		}
	}
	var repairs []repair
	for _, head := range heads {
		repairs = append(repairs, repair{
			code: PrefixInPath, path: "/" + head + path,
			why: fmt.Sprintf("/%s is missing before it", head),
			fix: fmt.Sprintf("put /%s behind the base URL that the client has for SAM local, or keep its development server from taking it off", head),
		})
	}
	return repairs
}
