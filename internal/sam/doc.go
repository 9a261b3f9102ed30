// Package sam knows what `sam local start-api` serves.
//
// A [Route] is one method on one path. Routes come from the template
// ([Load]), from the user ([ParseRoute]) or from what SAM prints at start-up
// ([ParseMounting]). A [Table] holds them and matches requests as SAM's own
// router does, so that a 403 Missing Authentication Token can be told apart
// from a 403 that the function behind a mounted route has sent.
//
// # Templates
//
// [Load] follows SAM CLI step by step: it parses (package tree), expands language
// extensions (langext), adds implicit APIs and Globals (transform),
// resolves functions (intrinsic), reads nested stacks, takes the routes of
// events, raw resources and OpenAPI documents (openapi), and mounts them.
// What makes SAM CLI refuse a template, or crash on it, is a [TemplateError].
// From the same template it tells what AWS deploys, API by API.
//
// What `sam build` has written has the places of its source, as far as that says
// the same: the next build writes it anew.
//
// It deviates where SAM CLI leaves the outcome to chance, or reads what a
// template from a stranger has no business to name:
//
//   - SAM CLI keeps routes in a set. Where two functions claim a method and
//     path in a way that leaves both in the set, or one function claims a path
//     for a REST and for an HTTP API, Python's hash seed decides which counts.
//     Here the later in the template does.
//   - Files outside the project are not read: the Git work tree that the
//     template is in, or without Git the folder above the template's. Routes in
//     nested stacks and definitions elsewhere are missing, with a warning.
//   - A nested template that does not exist is a warning. SAM CLI does not
//     start then; if it runs, the file is missing only here.
//   - Applications from the Serverless Application Repository and documents on
//     S3, for which SAM CLI asks AWS, are passed over.
//   - Fn::GetAZs stays as it is. No route depends on it.
package sam
