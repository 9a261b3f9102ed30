package main

import (
	"net"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/corsproxy/corsproxy/internal/child"
)

// beCorsproxy makes the test binary run as corsproxy itself, for tests that
// need a process of its own.
const beCorsproxy = "BE_CORSPROXY"

func TestMain(m *testing.M) {
	if os.Getenv(beCorsproxy) != "" || child.IsGuard(os.Args) {
		main()
		return
	}
	if role := os.Getenv(beUpstream); role != "" {
		os.Exit(fakeSAM(role))
	}
	testscript.Main(m, map[string]func(){"corsproxy": main})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	// An address that another program, this one, listens on.
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	// The scripts run in parallel, and end before the cleanups do.
	t.Cleanup(func() { busy.Close() })
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(e *testscript.Env) error {
			_, port, err := net.SplitHostPort(busy.Addr().String())
			e.Setenv("BUSY", port)
			return err
		},
	})
}
