package cmd

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot/report"
)

// saveHAR writes exchanges as HAR 1.2.
func saveHAR(name string, exchanges []*exchange.Exchange, reveal bool) error {
	return writeWhole(name, func(w io.Writer) error { return report.HAR(w, exchanges, reveal) })
}

// writeWhole writes a file whole or not at all: into a temporary file beside it,
// readable by its owner only, renamed when complete.
func writeWhole(name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".immersve-doctor-*")
	if err != nil {
		return usage("", "save %s: %w", name, plainCause(err))
	}
	temporary := f.Name()
	err = write(f)
	if err == nil {
		err = f.Sync() // else a crash may leave the new name with no content
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(temporary, name)
	}
	if err != nil {
		_ = os.Remove(temporary) // the error that matters is already there
		return usage("", "save %s: %w", name, fmt.Errorf("%w", plainCause(err)))
	}
	return nil
}
