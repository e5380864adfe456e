package cmd

import (
	"errors"
	"io"
	"os"
	"slices"

	"immersve-doctor/troubleshoot/report"
)

// formats are the values of -o, with the commands that have them; none means all.
var formats = []struct {
	name, about string
	commands    []string
}{
	{"text", "for people", nil},
	{"json", "one document per request", nil},
	{"markdown", "for tickets", nil},
	{"har", "HAR 1.2", diagnosing},
	{"junit", "JUnit XML, for CI", append([]string{"scan"}, diagnosing...)},
	{"sarif", "SARIF 2.1.0, for code scanning", append([]string{"scan"}, diagnosing...)},
	{"github", "annotations for GitHub Actions", append([]string{"scan"}, diagnosing...)},
	{"short", "one line per check", []string{"check"}},
}

// diagnosing are the commands that diagnose one request after the other.
var diagnosing = []string{"immersve-doctor", "diagnose", "call", "curl", "replay"}

// ciFormats are the formats that a CI system reads.
var ciFormats = []string{"junit", "sarif", "github"}

// formatNames returns the formats of a command, or all of them for "".
func formatNames(command string) []string {
	var names []string
	for _, f := range formats {
		if command == "" || f.commands == nil || slices.Contains(f.commands, command) {
			names = append(names, f.name)
		}
	}
	return names
}

// checkFormat reports a format that a command doesn't have.
func checkFormat(format, command string) error {
	names := formatNames(command)
	switch {
	case slices.Contains(names, format):
		return nil
	case slices.Contains(formatNames(""), format):
		return usage("use -o "+listed(names, "or"), "%s doesn't support -o %s", command, format)
	}
	return usage("use "+listed(names, "or"), "unknown output format %q", format)
}

// ciWriter returns the writer of a CI format, and what closes its files.
func (s *shared) ciWriter(w io.Writer) (report.CIWriter, func() error, error) {
	var files []*os.File
	done := func() error {
		var failed error
		for _, f := range files {
			failed = errors.Join(failed, f.Close())
		}
		return failed
	}
	spool := func() (io.ReadWriteSeeker, error) {
		f, err := temporary("write JUnit")
		if err == nil {
			files = append(files, f)
		}
		return f, err
	}
	var summary io.Writer
	if name := s.env.Getenv("GITHUB_STEP_SUMMARY"); name != "" && s.output == "github" {
		f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return nil, nil, usage("", "write the summary to $GITHUB_STEP_SUMMARY: %w", plainCause(err))
		}
		files, summary = append(files, f), f
	}
	return report.NewCIWriter(s.output, w, Version, spool, summary), done, nil
}

// temporary returns a file that goes with the process. doing says what it is for.
func temporary(doing string) (*os.File, error) {
	f, err := os.CreateTemp("", "immersve-doctor-*")
	if err != nil {
		return nil, usage("set TMPDIR to a different folder", "%s: no temporary file in %s: %w", doing, os.TempDir(), plainCause(err))
	}
	_ = os.Remove(f.Name()) // where open files can't be removed, closing the spool does it
	return f, nil
}
