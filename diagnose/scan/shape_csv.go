package scan

import (
	"bytes"
	"slices"
	"strings"

	"immersve-doctor/diagnose/exchange"
)

// This file reads tables: CSV (RFC 4180) and its relatives with semicolons or
// tabs, whose first line names the columns, as consoles and spreadsheets export
// them. A row is read as the JSON object of its columns, so that every shape's
// names count there too, and a column that holds whole log lines is read as such.

// table is the columns of an input.
type table struct {
	separator byte
	header    []byte
	names     [][]byte
}

// tableOf reads the header that begins an input, nil when there is none: its
// columns must be those of an exchange, or hold lines and times.
func (s *Scanner) tableOf(head []byte) *table {
	line, _, _ := bytes.Cut(bytes.TrimLeft(head, "\r\n"), []byte("\n"))
	line = bytes.TrimSpace(line)
	if len(line) == 0 || line[0] == '{' || line[0] == '[' || len(line) > 8<<10 {
		return nil
	}
	for _, separator := range []byte{',', ';', '\t'} {
		t := &table{separator: separator, header: bytes.Clone(line)}
		if !eachCell(line, separator, func(cell []byte) { t.names = append(t.names, s.columnName(cell)) }) || len(t.names) < 2 {
			continue
		}
		has := func(fields ...field) bool {
			return slices.ContainsFunc(t.names, func(name []byte) bool { return s.columnIs(name, fields) })
		}
		if has(fieldStatus) && has(fieldMethod, fieldURL, fieldPath, fieldRequestLine, fieldCode) || has(fieldNested) && has(fieldTime) {
			return t
		}
	}
	return nil
}

// secretTable reads the header that begins an input where a column of it holds
// secrets or what is about people, nil when none does: of its rows that are no
// exchange, samples are shown.
func secretTable(head []byte) *table {
	line, _, _ := bytes.Cut(bytes.TrimLeft(head, "\r\n"), []byte("\n"))
	line = bytes.TrimSpace(line)
	if len(line) == 0 || line[0] == '{' || line[0] == '[' || len(line) > 8<<10 {
		return nil
	}
	for _, separator := range []byte{',', ';', '\t', '|'} {
		t := &table{separator: separator, header: bytes.Clone(line)}
		whole := eachCell(line, separator, func(cell []byte) { t.names = append(t.names, bytes.Clone(bytes.TrimSpace(cell))) })
		if whole && len(t.names) > 1 && slices.ContainsFunc(t.names, holdsSecrets) {
			return t
		}
	}
	return nil
}

// holdsSecrets reports whether what stands in a column of this name is masked.
func holdsSecrets(name []byte) bool {
	words := columnWords(name)
	return exchange.NewValue(words, "").Secret() != exchange.SecretNone || exchange.PersonalName(words)
}

// columnWords is a column's name as members have it: people write "Card PAN".
func columnWords(name []byte) string {
	return strings.NewReplacer(" ", "", ".", "_").Replace(string(name))
}

// isRow reports whether a line may be a row of the table: not its header, and no line
// of JSON among them.
func (t *table) isRow(line []byte) bool {
	line = bytes.TrimSpace(line)
	return len(line) > 0 && line[0] != '{' && line[0] != '[' && !bytes.Equal(line, t.header)
}

// masked shows a row. Of one with other columns than the header's, nothing tells
// what stands where.
func (t *table) masked(row []byte) string {
	var cells []string
	ok := eachCell(bytes.TrimRight(row, "\r\n"), t.separator, func(cell []byte) {
		n := len(cells)
		switch {
		case n >= len(t.names), holdsSecrets(t.names[n]) && len(bytes.TrimSpace(cell)) > 0:
			cells = append(cells, "…")
		default:
			cells = append(cells, exchange.MaskShared(string(cell)))
		}
	})
	if !ok || len(cells) != len(t.names) {
		return "…"
	}
	return strings.Join(cells, string(t.separator))
}

// columnName is a column's name as shapes know it: people write "Status Code".
func (s *Scanner) columnName(cell []byte) []byte {
	name := bytes.Clone(bytes.TrimSpace(cell))
	if s.shapes.find(name) != nil {
		return name
	}
	return bytes.ReplaceAll(bytes.ToLower(name), []byte(" "), []byte("_"))
}

func (s *Scanner) columnIs(name []byte, fields []field) bool {
	m := s.shapes.find(name)
	return m != nil && slices.ContainsFunc(m.means, func(can meaning) bool { return slices.Contains(fields, can.field) })
}

// parseRow reads a row of the input's table. One with another number of columns
// is none.
func (l *lane) parseRow(text []byte) bool {
	t, column := l.scanner.table, 0
	out := append(l.row[:0], '{')
	ok := eachCell(text, t.separator, func(cell []byte) {
		if column < len(t.names) {
			out = append(appendText(out, t.names[column]), ':')
			out = append(appendText(out, bytes.TrimSpace(cell)), ',')
		}
		column++
	})
	l.row = out
	if !ok || column != len(t.names) {
		return false
	}
	out[len(out)-1] = '}'
	if !l.parseRecord(out, &l.record) {
		return false
	}
	l.record.form = "table"
	return true
}

// eachCell hands over the cells of a row, and reports whether it is whole.
func eachCell(row []byte, separator byte, yield func([]byte)) bool {
	for {
		if len(row) == 0 || row[0] != '"' {
			i := bytes.IndexByte(row, separator)
			if i < 0 {
				yield(row)
				return true
			}
			yield(row[:i])
			row = row[i+1:]
			continue
		}
		end := quotedCellEnd(row)
		if end < 0 || end < len(row) && row[end] != separator {
			return false
		}
		yield(bytes.ReplaceAll(row[1:end-1], []byte(`""`), []byte(`"`)))
		if end == len(row) {
			return true
		}
		row = row[end+1:]
	}
}

// quotedCellEnd returns the place behind a quoted cell, -1 when it does not end.
func quotedCellEnd(row []byte) int {
	for i := 1; i < len(row); i++ {
		if row[i] != '"' {
			continue
		}
		if i+1 == len(row) || row[i+1] != '"' {
			return i + 1
		}
		i++
	}
	return -1
}
