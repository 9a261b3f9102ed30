// Package sam knows what `sam local start-api` serves.
//
// A [Route] is one method on one path. Routes come from the user
// ([ParseRoute]) or from what SAM prints at start-up ([ParseMounting]). A
// [Table] holds them and matches requests as SAM's own router does, so that a
// 403 Missing Authentication Token can be told apart from a 403 that the
// function behind a mounted route has sent.
package sam
