// Package policy decides which cross-origin requests are allowed, says why,
// and writes the response headers that tell a browser so.
//
// A [Policy] is one validated [Config]. The decision is rs/cors's; this
// package checks the configuration, which rs/cors takes as it comes, brings
// requests into the form that rs/cors expects, and explains a refusal, which
// rs/cors answers with silence. Three methods do the work: [Policy.Decide] for
// the verdict alone, [Policy.Answer] for any OPTIONS request, and
// [Policy.Apply] for the response to any other.
//
// The rules are those of the Fetch standard, section "CORS protocol"
// (https://fetch.spec.whatwg.org/#http-cors-protocol). Some of them surprise:
//
//   - Origins are compared byte for byte. Browsers send neither upper case, nor
//     a trailing slash, nor the default port.
//   - Methods are case-sensitive. Browsers turn "get" into "GET" and "put" into
//     "PUT", but send "patch" as it is.
//   - GET, HEAD and POST are always allowed, whatever Access-Control-Allow-Methods
//     says. So are they here: a policy that claimed to refuse them would lie.
//   - OPTIONS is always allowed too, since it never reaches an upstream.
//   - The wildcard "*" in a response means nothing where credentials are sent,
//     and does not cover Authorization everywhere. A Policy never answers "*"
//     for methods or headers; it names the ones that were asked for, so that
//     "any method" and "any header" hold with credentials too.
//
// Nothing in this package logs, and nothing of it changes after [New].
package policy
