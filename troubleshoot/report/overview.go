package report

import (
	"fmt"
	"io"
	"strings"

	"immersve-doctor/troubleshoot"
)

// Overview writes what explain can show, on one screen.
func Overview(w io.Writer, s Style, format string) error {
	if format == "json" {
		_, err := Index(w, s, format, "")
		return err
	}
	t := newText(s)
	t.line(t.bold.Sprint("What explain can show"))
	t.block()
	tags, _ := troubleshoot.OperationsByTag()
	documented := []string{}
	for _, id := range troubleshoot.List("statuses") {
		if page, err := troubleshoot.Status(id); err == nil && page.Documented {
			documented = append(documented, id)
		}
	}
	for _, row := range [][2]string{
		{"Topics", strings.Join(troubleshoot.List("topics"), ", ")},
		{"Statuses", strings.Join(documented, ", ") + " and the others of HTTP"},
		{"Error codes", fmt.Sprintf("%d: KYC_REQUIRED, INSUFFICIENT_BALANCE, CARD_PROGRAM_INVALID …", len(troubleshoot.List("codes")))},
		{"Endpoints", fmt.Sprintf("%d: create-card, get-kyc-profile …, by tag: %s", len(troubleshoot.List("operations")), strings.Join(tags, ", "))},
		{"Findings", fmt.Sprintf("%d: token-expired, body-invalid-json, unknown-route …", len(troubleshoot.List("findings")))},
		{"Webhooks", "kyc-succeeded, payment-updated, card-created …"},
		{"Values", fmt.Sprintf("of %d enums: insufficient-funds, polygon-amoy …", len(troubleshoot.List("values")))},
	} {
		t.entry(entry{label: row[0], lines: []string{row[1]}})
	}
	t.block()
	for _, l := range []string{
		"immersve-doctor explain kyc                      a topic",
		"immersve-doctor explain 403                      a status",
		"immersve-doctor explain 403 INSUFFICIENT_FUNDS   an error code",
		"immersve-doctor explain create-card              an endpoint",
		"immersve-doctor explain POST /api/cards          the same, by its route",
		"immersve-doctor explain token-expired            a finding",
		"immersve-doctor explain \"card declined\"          your own words",
		"immersve-doctor explain --list                   everything, a line each",
	} {
		t.line("  " + l)
	}
	_, err := io.WriteString(w, t.b.String())
	return err
}

// Index lists the pages with a text in their ID or title, a line each, and returns
// their number.
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
			t.line(t.bold.Sprint(map[string]string{"topic": "Topics", "status": "Statuses", "code": "Error codes", "endpoint": "Endpoints", "finding": "Findings", "value": "Values, by family"}[kind]))
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
		{"topics", "topic", func(id string) (string, error) { p, err := troubleshoot.Topic(id); return p.Title, err }},
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
