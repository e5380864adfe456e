package report

import (
	"fmt"
	"io"
	"strings"

	"immersve-doctor/troubleshoot"
)

// Overview writes what the reference holds, on one screen.
func Overview(w io.Writer, s Style, format string) error {
	if format == "json" {
		_, err := Index(w, s, format, "")
		return err
	}
	t := newText(s)
	t.line(t.bold.Sprint("What can be explained"))
	t.block()
	tags, _ := troubleshoot.OperationsByTag()
	documented := []string{}
	for _, id := range troubleshoot.List("statuses") {
		if page, err := troubleshoot.Status(id); err == nil && page.Documented {
			documented = append(documented, id)
		}
	}
	for _, row := range [][3]string{
		{"Statuses", fmt.Sprint(len(troubleshoot.List("statuses"))), strings.Join(documented, " ")},
		{"errorCodes", fmt.Sprint(len(troubleshoot.List("codes"))), "KYC_REQUIRED, INSUFFICIENT_BALANCE, CARD_PROGRAM_INVALID, …"},
		{"Operations", fmt.Sprint(len(troubleshoot.List("operations"))), "create-card, get-kyc-profile, … of " + strings.Join(tags, ", ")},
		{"Findings", fmt.Sprint(len(troubleshoot.List("findings"))), "token-expired, body-invalid-json, unknown-route, …"},
		{"Values", fmt.Sprint(len(troubleshoot.List("values"))), "families of coded values that are no errorCodes: insufficient-funds, …"},
	} {
		t.entry(entry{label: row[0], lines: []string{row[1] + ": " + row[2]}})
	}
	t.block()
	for _, l := range []string{
		"immersve-doctor explain 403                      a status",
		"immersve-doctor explain 403 INSUFFICIENT_FUNDS   an errorCode",
		"immersve-doctor explain create-card              an operation",
		"immersve-doctor explain POST /api/cards          the same, by its route",
		"immersve-doctor explain token-expired            a finding of the doctor's",
		"immersve-doctor explain --list                   everything, a line each",
	} {
		t.line("  " + truncate(l, t.style.Width-2, ""))
	}
	_, err := io.WriteString(w, t.b.String())
	return err
}

// Index writes what can be explained and holds a text in its id or title, a line
// each, and returns how many lines.
func Index(w io.Writer, s Style, format, holding string) (int, error) {
	all, err := indexRows()
	if err != nil {
		return 0, err
	}
	var rows []indexRow
	for _, r := range all {
		if strings.Contains(strings.ToLower(r.id+" "+r.title), strings.ToLower(holding)) {
			rows = append(rows, r)
		}
	}
	if format == "json" {
		for _, r := range rows {
			if err := WriteJSON(w, map[string]string{"schema": ReferenceSchema, "kind": r.kind, "id": r.id, "title": r.title}); err != nil {
				return 0, err
			}
		}
		return len(rows), nil
	}
	t := newText(s)
	kind := ""
	for _, r := range rows {
		if r.kind != kind {
			kind = r.kind
			t.block()
			t.line(t.bold.Sprint(map[string]string{"status": "Statuses", "code": "errorCodes", "endpoint": "Operations", "finding": "Findings", "value": "Families of coded values"}[kind]))
		}
		pad := strings.Repeat(" ", max(1, 38-len(r.id)))
		t.line("  " + r.id + pad + t.faint.Sprint(t.ascii(truncate(Plain(r.title), max(10, t.style.Width-40), "…"))))
	}
	_, err = io.WriteString(w, t.b.String())
	return len(rows), err
}

type indexRow struct{ kind, id, title string }

func indexRows() ([]indexRow, error) {
	var rows []indexRow
	for _, folder := range []struct {
		name, kind string
		title      func(string) (string, error)
	}{
		{"statuses", "status", func(id string) (string, error) { p, err := troubleshoot.Status(id); return p.Title, err }},
		{"codes", "code", func(id string) (string, error) { p, err := troubleshoot.Code(id); return p.Title, err }},
		{"operations", "endpoint", func(id string) (string, error) { p, err := troubleshoot.Operation(id); return p.Title, err }},
		{"findings", "finding", func(id string) (string, error) { p, err := troubleshoot.Finding(id); return p.Title, err }},
		{"values", "value", func(id string) (string, error) { p, err := troubleshoot.Value(id); return p.Title, err }},
	} {
		for _, id := range troubleshoot.List(folder.name) {
			title, err := folder.title(id)
			if err != nil {
				return nil, err
			}
			rows = append(rows, indexRow{folder.kind, id, title})
		}
	}
	return rows, nil
}
