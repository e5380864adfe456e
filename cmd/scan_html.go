package cmd

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"immersve-doctor/diagnose/scan"
	"immersve-doctor/troubleshoot/report"
)

// checkHTML refuses, before hours of reading, what --html could not write in the
// end, and what it should not replace: a log whose name was given by mistake.
func (o *scanOptions) checkHTML() error {
	if o.html == "" {
		return nil
	}
	if o.html == "-" {
		return usage("try: --html report.html", "--html needs a file name, because stdout is for -o")
	}
	if err := o.mayReplace(); err != nil {
		return err
	}
	probe, err := os.CreateTemp(filepath.Dir(o.html), ".immersve-doctor-*")
	if err != nil {
		return usage("choose a folder that you may write to", "save %s: %w", o.html, plainCause(err))
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// mayReplace reports whether there is no file of the report's name yet, or an
// HTML document.
func (o *scanOptions) mayReplace() error {
	info, err := os.Stat(o.html)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return usage("", "save %s: %w", o.html, plainCause(err))
	}
	if !info.Mode().IsRegular() {
		return usage("try: --html report.html", "--html: not a file: %s", o.html)
	}
	if html, err := isHTML(o.html); err != nil || !html && info.Size() > 0 {
		return usage("choose a different name, or remove the file first", "--html: %s exists and isn't an HTML report", o.html)
	}
	return nil
}

func isHTML(name string) (bool, error) {
	f, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }() // it was only read
	head := make([]byte, 64)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, err
	}
	return bytes.HasPrefix(bytes.ToLower(head[:n]), []byte("<!doctype html")), nil
}

// saveHTML writes the report of --html.
func (o *scanOptions) saveHTML(t *scan.Totals) error {
	if o.html == "" || t.Exchanges == 0 && t.Filtered == 0 {
		return nil
	}
	made := report.Made{At: o.env.Now(), Version: Version}
	return writeWhole(context.Background(), o.html, func(w io.Writer) error { return report.ScanHTML(w, t, made) })
}
