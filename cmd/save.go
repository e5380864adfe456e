package cmd

import (
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
// readable by its owner only, renamed when complete. A link keeps pointing at the
// file that is replaced; what is no file, a device or a pipe, is written to as it
// is.
func writeWhole(name string, write func(io.Writer) error) error {
	if name == "-" {
		return usage("for standard output: -o har", "save wants the name of a file")
	}
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return usage("name a file in it", "save %s: it is a folder", name)
	} else if err == nil && !info.Mode().IsRegular() {
		return writeThrough(name, write)
	}
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
		return usage("", "save %s: %w", name, plainCause(err))
	}
	return nil
}

// writeThrough writes to what stands there and is no file.
func writeThrough(name string, write func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return usage("", "save %s: %w", name, plainCause(err))
	}
	err = write(f)
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return usage("", "save %s: %w", name, plainCause(err))
	}
	return nil
}
