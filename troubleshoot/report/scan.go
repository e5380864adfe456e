package report

import (
	"io"

	"immersve-doctor/diagnose/scan"
)

// ScanJSON writes totals as one JSON document.
func ScanJSON(w io.Writer, t *scan.Totals) error { return WriteJSON(w, t.Document()) }
func ScanText(w io.Writer, t *scan.Totals, s Style) error {return nil}
func ScanMarkdown(w io.Writer, t *scan.Totals) error {return nil}
