package check

import (
	"fmt"
	"strings"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/api/rule"
	"immersve-doctor/diagnose/api/schema"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

// placeholders notes values that stand where a value belongs.
func (d *bodyDoc) placeholders() {
	for _, p := range d.places {
		if p.Node.Kind == schema.String {
			d.placeholder(p)
		}
	}
}

func (d *bodyDoc) placeholder(p *schema.Place) {
	text := p.Node.Text()
	what, severity := d.placeholderKind(p, text)
	if what == "" {
		return
	}
	f := Finding{
		ID: finding.BodyPlaceholder, Severity: severity, Location: d.location(p.Pointer()),
		Title:    fmt.Sprintf("%s is %s", dotted(p.Pointer()), what),
		Evidence: d.showPlaceholder(p.Node, text), Hint: "put the real value here",
	}
	if text == "" {
		f.Evidence += ", which happens if a shell variable isn't set"
	}
	if severity == Error {
		d.claimed[p.Node.Start] = true
	}
	d.add(p.Node.Start, f)
}

// showPlaceholder shows the text even of a secret's member: it is no secret.
func (d *bodyDoc) showPlaceholder(n *schema.Node, text string) string {
	return fmt.Sprintf("%q: %q", clipText(n.Name()), clipTo(exchange.MaskText(text), 60))
}

// placeholderKind says what a text is in place of a value and how sure that is.
// Free text may hold nearly anything, so that a mere word (null, None, string)
// is an error only where a value is demanded.
func (d *bodyDoc) placeholderKind(p *schema.Place, text string) (string, Severity) {
	switch {
	case text == "":
		if p.Required() {
			return "empty", Error
		}
		if isReference(p.Node.Name()) && p.Documented {
			return "empty", Warning
		}
		return "", Info
	case strings.TrimSpace(text) == "" && p.Required():
		return "only whitespace", Error
	case len(text) > 2000:
		return "", Info
	case text == "string" && p.Documented:
		return "the word string, which generated samples contain", d.wordSeverity(p)
	case embeddedVariable(text):
		return "a string with a variable that wasn't filled in", Error
	case len(text) > 200:
		return "", Info
	}
	what := placeholder(text)
	switch {
	case isMasked(p.Node) && what != "":
		return "a masked value", min(maskSeverity(d.in), d.wordSeverity(p))
	case what == "":
		return d.sampleKind(p, text)
	case p.Listed():
		return "", Info // a documented value, whatever it looks like: NATIONAL_ID
	case strings.HasPrefix(what, "the word"), what == "a placeholder", text[0] == '[' && text != "[object Object]":
		return what, d.wordSeverity(p)
	}
	return what, Error
}

// wordSeverity is how sure a mere word is no value: free text may hold any.
func (d *bodyDoc) wordSeverity(p *schema.Place) Severity {
	if p.Required() || isReference(p.Node.Name()) {
		return Error
	}
	return Warning
}

// sampleKind finds the documentation's own shortened examples.
func (d *bodyDoc) sampleKind(p *schema.Place, text string) (string, Severity) {
	if !strings.HasSuffix(text, "..") && !strings.Contains(text, "...") || strings.Contains(text, " ") {
		return "", Info
	}
	if p.IsExample() {
		return "a shortened example from the docs", Warning
	}
	return "", Info
}

// isReference reports whether a member holds an id, address or credential rather
// than text of a person's choice.
func isReference(name string) bool {
	if name == "id" {
		return true
	}
	for _, end := range []string{"Id", "ID", "Address", "Token", "signature", "Amount", "Url"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// embeddedVariable reports whether a template variable stands inside a longer
// text: https://${HOST}/callback.
func embeddedVariable(text string) bool {
	for _, p := range [...][2]string{{"${", "}"}, {"{{", "}}"}} {
		_, after, ok := strings.Cut(text, p[0])
		if !ok {
			continue
		}
		if name, _, ok := strings.Cut(after, p[1]); ok && name != "" && len(name) <= 64 && !strings.ContainsAny(name, "\n{}\"<>") {
			return placeholder(p[0]+name+p[1]) != ""
		}
	}
	return false
}

// amounts notes amounts that are not written as whole numbers of the smallest unit.
func (d *bodyDoc) amounts() {
	for _, p := range d.places {
		if p.Node.Kind != schema.String && p.Node.Kind != schema.Number || p.Parent == nil || p.Parent.Parent != nil || d.claimed[p.Node.Start] {
			continue
		}
		if r := rule.Amount(d.op, d.root, p.Node); r != nil {
			d.amount(p, r)
		}
	}
}

func (d *bodyDoc) amount(p *schema.Place, r *api.Rule) {
	text := p.Node.Text()
	why, severity := "", Error
	switch {
	case p.Node.Kind == schema.String && (isMasked(p.Node) || text == ""):
		return
	case isDigits(strings.TrimPrefix(text, "-")):
		if p.Node.Kind == schema.Number || p.Allows(schema.String) {
			if r.Minimum != "" && (strings.HasPrefix(text, "-") || strings.Trim(text, "0") == "") {
				d.warn(p.Node, p.Pointer(), "isn't above zero", "an amount of money is expected", "")
			}
			return
		}
		why = "a string instead of a number"
	case p.Node.Kind == schema.Number && p.Node.IsInteger():
		why, severity = "written with a decimal point or exponent", Warning
	default:
		why = amountFault(text)
	}
	d.add(p.Node.Start, Finding{
		ID: finding.AmountNotMinorUnits, Severity: severity, Location: d.location(p.Pointer()),
		Title:    fmt.Sprintf("%s is %s", dotted(p.Pointer()), why),
		Evidence: fmt.Sprintf("%s; amounts are whole numbers of %s: 13.14 is %s", d.show(p.Node), r.Unit, r.Sample),
		Fix:      fmt.Sprintf("Send only digits, in %s.", r.Unit),
		Hint:     "write only digits",
	}, d.mendAmount(p, why)...)
}

func amountFault(text string) string {
	digits := strings.TrimPrefix(strings.TrimPrefix(text, "-"), "+")
	switch {
	case isNumber(strings.ToLower(digits)) && strings.Contains(digits, "."):
		return "a decimal number instead of smallest units"
	case strings.Trim(digits, "0123456789.,'_ \u00a0\u202f") == "" && strings.ContainsAny(digits, "0123456789"):
		return "written with separators"
	case strings.ContainsAny(digits, "0123456789") && strings.ContainsAny(text, "$€£¥"):
		return "written with a currency sign"
	case strings.ContainsAny(digits, "0123456789"):
		return "not only digits"
	}
	return "not a number"
}

// mendAmount takes the quotes off a whole number. A decimal is never turned into
// minor units: which were meant is the caller's to say.
func (d *bodyDoc) mendAmount(p *schema.Place, why string) []edit {
	if why != "a string instead of a number" || !isNumber(p.Node.Text()) {
		return nil
	}
	return []edit{{p.Node.Start, p.Node.End(), p.Node.Text()}}
}

// duplicatesAndPrecision warns of what two parsers may read differently
// (RFC 8259 sections 4 and 6).
func (d *bodyDoc) duplicatesAndPrecision() {
	for _, p := range d.places {
		switch p.Node.Kind {
		case schema.Object:
			d.duplicates(p)
		case schema.Number:
			d.precision(p)
		}
	}
}

func (d *bodyDoc) duplicates(p *schema.Place) {
	if p.Node.Len() < 2 {
		return
	}
	seen := map[string]bool{}
	for c := range p.Node.Children() {
		name := c.Name()
		if seen[name] {
			d.add(c.NameStart, Finding{
				ID: finding.BodyInvalidValue, Severity: Warning, Location: d.location(p.Pointer() + "/" + schema.Token(name)),
				Title:    fmt.Sprintf("%s is there twice", dotted(p.Pointer()+"/"+schema.Token(name))),
				Evidence: "JSON doesn't define which one counts (RFC 8259); most parsers use the last",
				Hint:     "a second field with this name",
			})
			return
		}
		seen[name] = true
	}
}

func (d *bodyDoc) precision(p *schema.Place) {
	digits := strings.TrimPrefix(string(p.Node.Raw), "-")
	const limit = "9007199254740992" // 2^53
	if !isDigits(digits) || len(digits) < len(limit) || len(digits) == len(limit) && digits <= limit {
		return
	}
	d.add(p.Node.Start, Finding{
		ID: finding.BodyInvalidValue, Severity: Warning, Location: d.location(p.Pointer()),
		Title:    fmt.Sprintf("%s is larger than 2^53, so many JSON parsers round it", dotted(p.Pointer())),
		Evidence: fmt.Sprintf("it has %d digits; with 18 decimals, less than 0.01 tokens exceed 2^53", len(digits)),
	})
}
