package check

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"immersve-doctor/diagnose/api/schema"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

// readJSON parses the body. It reports false when the body is no JSON, after
// noting why; root is then set only if the slips could be mended.
func (d *bodyDoc) readJSON() bool {
	body := d.in.Request().Body
	if exchange.ValidJSON(d.text) {
		if !body.Truncated {
			d.openText()
		}
		return true
	}
	if exchange.Depth(d.text) > exchange.MaxDepth && json.Valid(d.text) {
		return true // too deep to judge, and no slip
	}
	slips, repaired, edits := findSlips(d.text)
	if body.Truncated {
		slips, repaired = beforeTheCut(slips, len(d.text)), nil
	}
	slips = d.withoutUnseen(slips)
	fixed := repaired != nil
	for _, s := range firstOfEachKind(slips) {
		d.addSlip(s, slips, fixed)
	}
	if fixed {
		d.mend(repaired, edits)
	}
	return false
}

// mend goes on with the text as it was meant.
func (d *bodyDoc) mend(repaired []byte, edits []edit) {
	for i := range d.out {
		d.out[i].sent = d.out[i].at
		d.out[i].at = mendedOffset(edits, d.out[i].at)
	}
	d.text, d.slipEdits, d.mended = repaired, edits, true
	d.openText()
}

// mendedOffset is the inverse of originalOffset for the place of a slip.
func mendedOffset(edits []edit, offset int) int {
	shift := 0
	for _, e := range edits {
		if e.start >= offset {
			break
		}
		if e.end > offset {
			return e.start + shift
		}
		shift += len(e.text) - (e.end - e.start)
	}
	return offset + shift
}

// beforeTheCut keeps the slips that the end of a cut capture cannot explain.
func beforeTheCut(slips []slip, length int) []slip {
	kept := slips[:0:0]
	for i, s := range slips {
		last := i == len(slips)-1
		if s.kind == slipTruncated || s.kind == "missing bracket" || s.at >= length-1 || last && (!s.sure || s.kind == "missing quote") {
			continue
		}
		kept = append(kept, s)
	}
	return kept
}

// withoutUnseen drops what the capture stands in for: a tool's … in place of a
// secret (our own saves have it bare where a number was), and @file in a curl
// command, which curl replaces by the file.
func (d *bodyDoc) withoutUnseen(slips []slip) []slip {
	kept := slips[:0:0]
	for _, s := range slips {
		if s.kind == slipMasked || s.kind == slipFile && d.in.Exchange.Source.Kind == exchange.KindCurlCommand {
			continue
		}
		kept = append(kept, s)
	}
	return kept
}

func firstOfEachKind(slips []slip) []slip {
	var first []slip
	seen := map[string]bool{}
	for _, s := range slips {
		if !seen[s.kind] && len(first) < maxSlipKinds {
			seen[s.kind] = true
			first = append(first, s)
		}
	}
	return first
}

// addSlip notes one kind of slip; further ones of the kind are counted.
func (d *bodyDoc) addSlip(s slip, all []slip, fixed bool) {
	f := Finding{
		ID: finding.BodyInvalidJSON, Severity: Error, Title: "the body isn't valid JSON: " + s.says, Hint: s.hint,
		Evidence: "seen: " + d.around(s.at),
		Fix:      slipFix(s),
	}
	if n := countSlips(all, s.kind); n > 1 {
		f.Evidence += fmt.Sprintf("; %d of this kind", n)
		if lines := d.otherLines(s, all); len(lines) > 0 {
			f.Evidence += ", also on line " + lineList(lines)
		}
	}
	if s.kind == slipNoValue {
		f.Evidence += ", which happens if a shell variable isn't set"
	}
	d.add(s.at, f)
	d.out[len(d.out)-1].fixed = fixed
}

func (d *bodyDoc) otherLines(s slip, all []slip) []int {
	var lines []int
	last, _ := d.in.Request().Body.Position(s.at)
	for _, other := range all {
		if other.kind != s.kind || len(lines) == 6 {
			continue
		}
		if line, _ := d.in.Request().Body.Position(other.at); line > last {
			lines = append(lines, line)
			last = line
		}
	}
	return lines
}

// slipFix makes a sentence of a hint.
func slipFix(s slip) string {
	switch s.kind {
	case slipForm:
		return "Send JSON: use curl's --json, or your client's JSON option instead of its form option."
	case "shell quotes":
		return "On cmd.exe, write the body in double quotes with \\\" inside, or send it with -d @file."
	case "escaped quotes":
		return "Send the JSON itself, without the escapes of a string literal."
	case slipFile:
		return "Use -d or --data-binary, which read @file, or send the content itself."
	case "unexpanded variable":
		return "Let the variable expand (double quotes around the body in a shell), or write the value."
	case slipNoValue:
		return "Set the variable, or write the value."
	case slipTruncated:
		return "Send the whole body."
	}
	return strings.ToUpper(s.hint[:1]) + s.hint[1:] + "."
}

// around shows the text at a place, masked: a line of at most 60 characters.
func (d *bodyDoc) around(at int) string {
	body := d.in.Request().Body
	if len(body.Bytes()) > maxJudged {
		return fmt.Sprintf("byte %d of %d", at, len(body.Bytes())) // masking a line means reading all of it
	}
	number, column := body.Position(at)
	line, ok := body.Line(number)
	if !ok || strings.TrimSpace(line) == "" {
		return "an empty line"
	}
	begin := max(0, min(column-1, utf8.RuneCountInString(line))-30)
	return printable(strings.TrimSpace(strings.ReplaceAll(string([]rune(exchange.Characters(line, begin, begin+60))), "\t", " ")))
}

// openText parses the text and its schema for the judgement of its members.
func (d *bodyDoc) openText() {
	if d.op == nil || len(d.text) > maxJudged {
		return
	}
	s, err := schema.ForRequest(d.op)
	if s == nil || err != nil {
		return // err: a broken schema, which tests exclude
	}
	d.root, d.schema = schema.Parse(d.text), s
}

// doubleEncodedBody notes a body that is a string which holds the JSON.
func (d *bodyDoc) doubleEncodedBody() bool {
	if d.root.Kind != schema.String {
		return false
	}
	inner, ok := doubleEncoded(d.root.Text())
	if !ok {
		return false
	}
	d.add(d.root.Start, Finding{
		ID: finding.BodyInvalidJSON, Severity: Error, Title: "the body is a string that contains JSON, because it was encoded twice",
		Evidence: "seen: " + d.around(d.root.Start), Hint: "put the object here, not a string",
		Fix: "Encode the body once. Pass your client either the object or the encoded JSON.",
	}, edit{d.root.Start, d.root.End(), inner})
	return true
}
