package cmd

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"immersve-doctor/troubleshoot"
	"immersve-doctor/troubleshoot/report"
)

// Version is the version of this source tree; CHANGELOG.md tells what each brought.
const Version = "0.1.0"

func newVersion(s *shared) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Show version, commit and size of the reference",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return s.showVersion() },
	}
}

func (s *shared) showVersion() error {
	if s.output == "json" {
		return report.WriteJSON(s.env.Out, map[string]any{"version": Version, "commit": commit(), "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH})
	}
	_, err := fmt.Fprintf(s.env.Out, "immersve-doctor %s (commit %s, %s, %s/%s)\nreference: %d statuses, %d errorCodes, %d operations, %d findings\n",
		Version, commit(), runtime.Version(), runtime.GOOS, runtime.GOARCH,
		len(troubleshoot.List("statuses")), len(troubleshoot.List("codes")), len(troubleshoot.List("operations")), len(troubleshoot.List("findings")))
	return err
}

func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" && len(setting.Value) >= 12 {
			return setting.Value[:12]
		}
	}
	return "unknown"
}
