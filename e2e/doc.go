// Package e2e tests the built corsproxy in front of real upstreams: the AWS SAM
// CLI with a Lambda function in a container, Express and Flask; with raw
// requests and in headless Chromium; as a process and in its image.
//
// The tests stand behind the build tag e2e, and in a module of their own, so
// that go test ./... needs nothing but Go. To install what they need and run
// them:
//
//	make e2e
//
// These variables change what they do:
//
//	CORSPROXY_BINARY  test this binary rather than a new build
//	CORSPROXY_IMAGE   test this image rather than a new build
//	E2E_CACHE         where install.sh put its things
//	E2E_REQUIRE       not empty: a missing tool is a failure, not a skip; so is CI
//
// Every server listens on loopback and on a port that was free. Nothing is sent
// anywhere else.
package e2e
