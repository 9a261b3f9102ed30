package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func newVersion(w world) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Long:  "version prints the version and the revision that corsproxy was built from.",
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(w.stdout, versionLine(version, revision))
			return err
		},
	}
}

// versionLine returns "corsproxy 1.2.3 (revision 0123abc, go1.26.0 linux/amd64)".
func versionLine(version, revision string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		version = cmp.Or(version, info.Main.Version)
		settings := map[string]string{}
		for _, s := range info.Settings {
			settings[s.Key] = s.Value
		}
		if revision == "" && settings["vcs.revision"] != "" {
			revision = settings["vcs.revision"]
			if settings["vcs.modified"] == "true" {
				revision += ", modified"
			}
		}
	}
	return fmt.Sprintf("corsproxy %s (revision %s, %s %s/%s)",
		cmp.Or(version, "(devel)"), cmp.Or(revision, "unknown"), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
