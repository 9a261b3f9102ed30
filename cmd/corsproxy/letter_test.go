package main

import (
	"strings"
	"testing"
)

// What a letter is to curl and to SAM CLI has a name here, where a command has it.
func TestFlagsOfOneLetter(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"try -X POST http://localhost:3000": `unknown flag "-X"; write --method METHOD`,
		"check -t template.yaml":            `unknown flag "-t"; write --template FILE`,
		"-p 3000":                           `unknown flag "-p"; write --upstream ADDRESS for the port of SAM local, and --listen PORT for corsproxy's own`,
		"compare -p 3000":                   `unknown flag "-p"; write --upstream ADDRESS`,
		"-X POST":                           `unknown flag "-X"; flags have two dashes`,
		"check -config x":                   `unknown flag "-config"; flags have two dashes`,
	} {
		if _, stderr, code := outcome(t, strings.Fields(args)...); code != exitUsage || !strings.HasPrefix(stderr, "corsproxy: "+want+"\n") {
			t.Errorf("%s: exit code %d, %s", args, code, stderr)
		}
	}
}
