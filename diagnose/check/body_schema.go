package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"immersve-doctor/diagnose/api/rule"
	"immersve-doctor/diagnose/api/schema"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

// judge holds the parsed body against the documentation.
func (d *bodyDoc) judge() {
	if d.root == nil || d.doubleEncodedBody() {
		return
	}
	d.visit()
	d.placeholders()
	d.amounts()
	for _, v := range d.schema.Validate(d.root) {
		d.violation(v)
	}
	d.strayMembers()
	d.unknownMembers()
	d.duplicatesAndPrecision()
	d.prose()
}

// visit collects the values of the body with what is documented of them.
func (d *bodyDoc) visit() {
	d.schema.Walk(d.root, func(p *schema.Place) {
		d.places = append(d.places, p)
		if !p.Documented {
			d.unknown = append(d.unknown, p)
		}
	})
	d.unknown = d.unknown[:min(len(d.unknown), 100)]
}

// violation turns one violation of the schema into a finding.
func (d *bodyDoc) violation(v schema.Violation) {
	if v.Node.Kind == schema.String && d.claimed[v.Offset] {
		return // the value is a placeholder; what else is wrong with it follows
	}
	switch v.Keyword {
	case "required":
		d.missingMember(v, Error)
	case "type":
		d.wrongType(v)
	case "enum":
		d.wrongValue(v)
	case "anyOf":
		d.noVariant(v)
	default:
		d.outOfForm(v)
	}
}

// strayMembers warns of members that no alternative knows in this form, while
// the body fits an alternative that does not have them at all.
func (d *bodyDoc) strayMembers() {
	d.limit = Warning
	for _, p := range d.places {
		if p.Node.Kind == schema.Object || p.Parent == nil || d.judged[p.Node.Start] || d.claimed[p.Node.Start] {
			continue
		}
		if v, ok := p.Breach(); ok && v.Keyword != "required" && v.Keyword != "anyOf" && v.Node == p.Node {
			d.violation(v)
		}
	}
	d.limit = Error
}

// dotted writes a JSON Pointer as people do: claims[0].attributes.
func dotted(pointer string) string {
	var b strings.Builder
	for i, token := range strings.Split(pointer, "/") {
		switch {
		case i == 0:
			continue
		case isDigits(token):
			b.WriteString("[" + token + "]")
			continue
		case i > 1:
			b.WriteByte('.')
		}
		b.WriteString(clipText(memberName(token)))
	}
	switch {
	case b.Len() == 0:
		return "the body"
	case strings.LastIndexByte(pointer, '/') == 0 && b.String()[0] == '[':
		return "entry " + b.String() // of a body that is a list
	}
	return printable(b.String())
}

// printable keeps what cannot be seen, and what moves a terminal, out of titles
// and evidence.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, s)
}

// location is the place of a value. Names of a megabyte are cut: a pointer is
// for reading.
func (d *bodyDoc) location(pointer string) Location {
	const limit = 300
	if len(pointer) > limit {
		pointer = strings.ToValidUTF8(pointer[:limit], "") + "…"
	}
	name := pointer[strings.LastIndexByte(pointer, '/')+1:]
	return Location{Part: RequestBody, Name: memberName(name), Pointer: pointer}
}

// show quotes a value with its name, masked and short.
func (d *bodyDoc) show(n *schema.Node) string {
	name := n.Name()
	raw := n.Raw
	switch {
	case n.Kind == schema.Object && len(raw) > 60:
		return fmt.Sprintf("an object with %d fields", n.Len())
	case n.Kind == schema.Array && len(raw) > 60:
		return fmt.Sprintf("an array with %d items", n.Len())
	case name != "" && isSensitive(name):
		return fmt.Sprintf("%q is a %s (not shown)", clipText(name), n.Kind)
	}
	text := string(raw[:min(len(raw), 400)])
	if name != "" {
		text = quoteJSON(clipText(name)) + ": " + text
	}
	return printable(clipTo(exchange.MaskText(text), 90))
}

// isSensitive reports whether a member's value is shown nowhere: the mask knows
// secrets by name and form, and a broken card number has neither.
func isSensitive(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"pan", "cvv", "cvc", "pin", "token", "secret", "password", "mnemonic", "privatekey", "signature"} {
		if strings.HasSuffix(name, word) {
			return true
		}
	}
	return false
}

func clipTo(text string, limit int) string {
	count := 0
	for i := range text {
		if count++; count > limit {
			return text[:i] + "…"
		}
	}
	return text
}

// missingMember notes a required member that is absent, and the unknown member
// near it that was probably meant.
func (d *bodyDoc) missingMember(v schema.Violation, severity Severity) {
	pointer := v.Pointer + "/" + schema.Token(v.Member)
	f := Finding{
		ID: finding.BodyMissingField, Severity: severity, Title: missingTitle(v),
		Evidence: fmt.Sprintf("%s requires it; fields sent: %s", d.op.ID, d.memberNames(v.Node)),
		Location: d.location(pointer),
	}
	if severity == Warning {
		f.Evidence = fmt.Sprintf("the docs require it; fields sent: %s", d.memberNames(v.Node))
	}
	if tolerated, because := d.tolerated(v); tolerated < f.Severity {
		f.Severity = tolerated
		f.Evidence += "; " + because
	}
	near := d.meantFor(v)
	if near == nil {
		f.Fix = fmt.Sprintf("Add %s to %s.", v.Member, dotted(v.Pointer))
		if stray := d.strayInto(v); stray != nil {
			f.Title += fmt.Sprintf(", and %s goes in it", stray.Name())
			f.Fix = fmt.Sprintf("Move %s into %s.", stray.Name(), dotted(pointer))
		}
		d.add(v.Offset, f)
		return
	}
	f.Title = fmt.Sprintf("%s has %s instead of %s", dotted(v.Pointer), printable(clipText(near.Name())), v.Member)
	f.Fix = fmt.Sprintf("Rename %.60q to %q.", exchange.MaskText(near.Name()), v.Member)
	f.Hint = "write " + v.Member + " here"
	d.renamed[v.Pointer+"/"+schema.Token(near.Name())] = true
	d.add(near.NameStart, f, edit{near.NameStart, near.NameStart + nameLength(d.text, near), quoteJSON(v.Member)})
}

// missingTitle names a missing field and the object that it is missing in.
func missingTitle(v schema.Violation) string {
	if v.Pointer == "" {
		return v.Member + " is missing"
	}
	return fmt.Sprintf("%s is missing in %s", v.Member, dotted(v.Pointer))
}

// nameLength returns the length of a member's name with its quotes.
func nameLength(text []byte, n *schema.Node) int {
	end := n.NameStart + 1
	for end < n.Start && text[end] != '"' {
		if text[end] == '\\' {
			end++
		}
		end++
	}
	return end + 1 - n.NameStart
}

// memberNames lists what an object holds.
func (d *bodyDoc) memberNames(n *schema.Node) string {
	var names []string
	for c := range n.Children() {
		if len(names) == 8 {
			names = append(names, "…")
			break
		}
		names = append(names, printable(clipText(c.Name())))
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// wrongType notes a value of another JSON type than documented.
func (d *bodyDoc) wrongType(v schema.Violation) {
	if isMasked(v.Node) {
		return
	}
	strength, because := d.tolerated(v)
	severity := min(strength, d.limit)
	d.judged[v.Offset] = true
	if severity < Warning {
		return
	}
	documented := typeWords(v.Types)
	f := Finding{
		ID: finding.BodyWrongType, Severity: severity,
		Title:    fmt.Sprintf("%s is %s instead of %s", dotted(v.Pointer), article(v.Got), documented),
		Evidence: d.show(v.Node), Location: d.location(v.Pointer),
		Hint: "write " + typeWords(v.Types) + " here",
		Fix:  fmt.Sprintf("Send %s as %s.", dotted(v.Pointer), typeForms(v.Types)),
	}
	if because != "" {
		f.Evidence += "; " + because + ", so it may be accepted"
	}
	inner, twice := "", false
	if v.Node.Kind == schema.String {
		if inner, twice = doubleEncoded(v.Node.Text()); twice {
			f.Evidence = "the string contains JSON, because it was encoded twice"
		}
	}
	if mended, ok := d.mendType(v, inner); ok {
		d.add(v.Offset, f, edit{v.Node.Start, v.Node.End(), mended})
		return
	}
	d.add(v.Offset, f)
}

func typeWords(types []string) string {
	words := make([]string, len(types))
	for i, t := range types {
		words[i] = article(t)
	}
	return strings.Join(words, " or ")
}

// typeForms says how types are written.
func typeForms(types []string) string {
	words := make([]string, len(types))
	for i, t := range types {
		words[i] = article(t)
		switch t {
		case "string":
			words[i] += " (in double quotes)"
		case "number", "integer":
			words[i] += " (without quotes)"
		case "boolean":
			words[i] = "true or false (without quotes)"
		case "array":
			words[i] += " ([…])"
		case "object":
			words[i] += " ({…})"
		}
	}
	return strings.Join(words, " or ")
}

func article(kind string) string {
	switch kind {
	case "null":
		return "null"
	case "array", "object", "integer":
		return "an " + kind
	}
	return "a " + kind
}

// mendType writes the value as the type that is due, where that says the same.
func (d *bodyDoc) mendType(v schema.Violation, inner string) (string, bool) {
	if len(v.Types) != 1 {
		return "", false
	}
	raw, text := string(v.Node.Raw), v.Node.Text()
	plain := v.Node.Kind == schema.Number && !strings.ContainsAny(raw, ".eE")
	switch want := v.Types[0]; {
	case inner != "" && (want == "object" && inner[0] == '{' || want == "array" && inner[0] == '['):
		return inner, true
	case want == "string" && plain && d.isDigits(v.Node):
		return `"` + raw + `"`, true
	case (want == "number" || want == "integer") && v.Node.Kind == schema.String && isNumber(text) && !strings.ContainsAny(text, ".eE"):
		return text, true
	case want == "boolean" && (text == "true" || text == "false"):
		return text, true
	case want == "array" && v.Node.Kind == schema.String && text != "" && !d.claimed[v.Offset] && !strings.ContainsAny(text, ",[ "):
		return "[" + raw + "]", true
	case want == "array" && v.Node.Kind == schema.Object:
		return "[" + raw + "]", true
	case want == "object" && v.Node.Kind == schema.String && text != "" && !d.claimed[v.Offset] && d.onlyField(v.Node) != "":
		return "{" + quoteJSON(d.onlyField(v.Node)) + ": " + raw + "}", true
	}
	return "", false
}

// isDigits reports whether a value is documented as a string of digits, so that a
// number only lacks its quotes. A time in seconds isn't the date that it stands for.
func (d *bodyDoc) isDigits(n *schema.Node) bool {
	return strings.HasSuffix(n.Name(), "Id") || rule.Amount(d.op, d.root, n) != nil ||
		slices.ContainsFunc(d.places, func(p *schema.Place) bool { return p.Node == n && p.IsDigits() })
}

// onlyField returns the field of an object that is documented with this field alone, or
// "" if it has others: a string in the object's place is probably the field's value.
func (d *bodyDoc) onlyField(n *schema.Node) string {
	for _, p := range d.places {
		if names := p.Names(); p.Node == n && len(names) == 1 {
			return names[0]
		}
	}
	return ""
}

// isMasked reports whether a tool put a mask in place of the value, as our own
// saved captures have it. What was sent is then not known.
func isMasked(n *schema.Node) bool {
	if n.Kind != schema.String {
		return false
	}
	text := n.Text()
	return !strings.Contains(text, "...") && masked(text) || strings.Contains(strings.ToLower(text), "redacted")
}

// wrongValue notes a value that is none of the documented ones.
func (d *bodyDoc) wrongValue(v schema.Violation) {
	if isMasked(v.Node) {
		return
	}
	tolerated, because := d.tolerated(v)
	severity := min(tolerated, d.limit)
	d.judged[v.Offset] = true
	f := Finding{
		ID: finding.BodyInvalidValue, Severity: severity, Location: d.location(v.Pointer),
		Title:    fmt.Sprintf("%s isn't one of the documented values", dotted(v.Pointer)),
		Evidence: fmt.Sprintf("%s; documented: %s", d.show(v.Node), strings.Join(v.Allowed[:min(16, len(v.Allowed))], ", ")),
	}
	if because != "" {
		f.Evidence += "; " + because
	}
	if len(v.Allowed) == 1 {
		f.Title = fmt.Sprintf("%s isn't %q, the only documented value", dotted(v.Pointer), v.Allowed[0])
	}
	value, _ := nearestValue(v.Node.Text(), v.Allowed)
	switch {
	case len(v.Allowed) <= 5:
		f.Fix = "Write " + quotedList(v.Allowed) + "."
	default:
		f.Fix = fmt.Sprintf("Write one of the %d documented values, such as %q.", len(v.Allowed), firstOr(value, v.Allowed[0]))
	}
	if value == "" {
		d.add(v.Offset, f)
		return
	}
	f.Title += fmt.Sprintf(" (closest: %q)", value)
	if len(v.Allowed) == 1 {
		f.Title = strings.TrimSuffix(f.Title, fmt.Sprintf(" (closest: %q)", value))
	}
	f.Hint = "write " + value + " here"
	if bareName(value) != bareName(v.Node.Text()) {
		d.add(v.Offset, f) // "bsc-mainnet" isn't a misspelt "base-mainnet"
		return
	}
	f.Fix = fmt.Sprintf("Write %q.", value)
	d.add(v.Offset, f, edit{v.Node.Start, v.Node.End(), quoteJSON(value)})
}

func firstOr(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// quotedList joins values by "or".
func quotedList(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = strconv.Quote(v)
	}
	return strings.Join(quoted, " or ")
}

// outOfForm notes a value whose form, length or size is not the documented one.
func (d *bodyDoc) outOfForm(v schema.Violation) {
	if isMasked(v.Node) {
		return
	}
	what := formWords(v)
	d.judged[v.Offset] = true
	f := Finding{
		ID: finding.BodyInvalidValue, Severity: d.limit, Location: d.location(v.Pointer),
		Title: fmt.Sprintf("%s isn't %s", dotted(v.Pointer), what), Evidence: d.show(v.Node), Hint: "write " + what + " here",
		Fix: fmt.Sprintf("Make %s %s.", dotted(v.Pointer), what),
	}
	text := v.Node.Text()
	if v.Keyword == "pattern" {
		f.Evidence = fmt.Sprintf("it has %d characters; %s", len([]rune(text)), describeDigits(text))
		if bare := strings.NewReplacer(" ", "", "-", "", "/", "").Replace(text); bare != text && d.matches(v, bare) {
			f.Fix = "Send only the digits."
			d.add(v.Offset, f, edit{v.Node.Start, v.Node.End(), quoteJSON(bare)})
			return
		}
	}
	d.add(v.Offset, f)
}

// matches reports whether another text would satisfy a violated pattern.
func (d *bodyDoc) matches(v schema.Violation, text string) bool {
	count, ok := digitPattern(v.Limit)
	return ok && isDigits(text) && len(text) == count
}

// digitPattern reads the one form of pattern that the documentation uses,
// ^[0-9]{16}$.
func digitPattern(pattern string) (count int, ok bool) {
	inner, ok := strings.CutPrefix(pattern, "^[0-9]{")
	if !ok {
		return 0, false
	}
	inner, ok = strings.CutSuffix(inner, "}$")
	count, err := strconv.Atoi(inner)
	return count, ok && err == nil
}

func describeDigits(text string) string {
	switch {
	case isDigits(text):
		return "all are digits"
	case strings.ContainsAny(text, " -/"):
		return "some are separators"
	}
	return "some aren't digits"
}

func formWords(v schema.Violation) string {
	if count, ok := digitPattern(v.Limit); ok {
		return fmt.Sprintf("a string of %d digits", count)
	}
	switch v.Keyword {
	case "format":
		switch v.Limit {
		case "uri":
			return "an absolute URL (scheme://host/…)"
		case "date-time":
			return "a date and time like 2024-01-31T12:00:00Z"
		}
		return "of format " + v.Limit
	case "pattern":
		return "of the form " + v.Limit
	case "minimum":
		return "at least " + v.Limit
	case "maximum":
		return "at most " + v.Limit
	case "minLength":
		return "at least " + v.Limit + " characters long"
	case "maxLength":
		return "at most " + v.Limit + " characters long"
	case "minItems":
		return "a list of at least " + v.Limit
	case "maxItems":
		return "a list of at most " + v.Limit
	}
	return "as documented (" + v.Keyword + " " + v.Limit + ")"
}

// noVariant judges a value that fits none of the documented alternatives. What
// is wrong whichever alternative was meant is said for itself; only the rest is
// a matter of alternatives.
func (d *bodyDoc) noVariant(v schema.Violation) {
	nearest := v.Variants[0]
	var own []schema.Violation
	for _, inner := range nearest.Violations {
		if wide, ok := shared(inner, v.Variants); ok {
			d.violation(wide)
			continue
		}
		if inner.Keyword == "anyOf" && nearest.Certain {
			d.noVariant(inner)
			continue
		}
		own = append(own, inner)
	}
	for _, inner := range own {
		d.judged[inner.Offset] = true
	}
	own = d.withoutClaimed(own)
	if len(own) == 0 {
		return
	}
	f := Finding{
		ID: finding.BodyNoVariant, Severity: Error, Location: d.location(v.Pointer),
		Title:    fmt.Sprintf("%s doesn't match any documented alternative; the closest is %s, which %s", dotted(v.Pointer), nearest.Name, d.lacks(own)),
		Evidence: fmt.Sprintf("alternatives: %s; fields sent: %s", variantNames(v.Variants), d.memberNames(v.Node)),
	}
	if v.Node.Kind != schema.Object {
		f.Evidence = fmt.Sprintf("alternatives: %s; %s", variantNames(v.Variants), d.show(v.Node))
	}
	if tolerated, because := d.tolerated(own[0]); len(own) == 1 && tolerated < f.Severity {
		f.Severity = tolerated
		f.Evidence += "; " + because
	}
	at := v.Offset
	if nearest.Certain {
		at, f.Location = d.faultPlace(own[0])
		f.Fix = d.variantFix(nearest, own)
	} else if missing := missingMembers(own); missing != "" {
		f.Fix = fmt.Sprintf("Add %s, or complete a different alternative.", missing)
	}
	d.add(at, f, d.variantFixes(nearest, own)...)
}

// shared returns the violation as it stands for all alternatives, when each of
// those that know the place has it. The allowed values of an enum are joined.
func shared(v schema.Violation, variants []schema.Variant) (schema.Violation, bool) {
	if v.Keyword == "anyOf" {
		return v, false
	}
	wide := v
	wide.Allowed = slices.Clone(v.Allowed)
	for _, other := range variants[1:] {
		same := slices.IndexFunc(other.Violations, func(o schema.Violation) bool {
			return o.Pointer == v.Pointer && o.Keyword == v.Keyword && o.Member == v.Member
		})
		if same < 0 && (v.Keyword == "required" || other.Declares(v.Pointer)) {
			return v, false
		}
		if same >= 0 && v.Keyword == "enum" {
			wide.Allowed = union(wide.Allowed, other.Violations[same].Allowed)
		}
		if same >= 0 && v.Keyword == "type" {
			wide.Types = union(slices.Clone(wide.Types), other.Violations[same].Types)
		}
	}
	return wide, true
}

func union(list, more []string) []string {
	for _, s := range more {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

func (d *bodyDoc) withoutClaimed(list []schema.Violation) []schema.Violation {
	return slices.DeleteFunc(list, func(v schema.Violation) bool {
		return v.Node.Kind == schema.String && (d.claimed[v.Offset] || isMasked(v.Node))
	})
}

// lacks says what keeps a value from an alternative.
func (d *bodyDoc) lacks(list []schema.Violation) string {
	var missing, wrong []string
	for _, v := range list {
		switch v.Keyword {
		case "required":
			missing = append(missing, dotted(v.Pointer+"/"+v.Member))
		case "anyOf":
			wrong = append(wrong, fmt.Sprintf("%s in a form that %s", dotted(v.Pointer), d.lacks(v.Variants[0].Violations)))
		case "type":
			wrong = append(wrong, fmt.Sprintf("%s as %s", dotted(v.Pointer), typeWords(v.Types)))
		case "enum":
			wrong = append(wrong, fmt.Sprintf("%s as %s", dotted(v.Pointer), strings.Join(v.Allowed[:min(8, len(v.Allowed))], " or ")))
		default:
			wrong = append(wrong, dotted(v.Pointer)+" as "+formWords(v))
		}
	}
	var parts []string
	if len(missing) > 0 {
		parts = append(parts, "needs "+strings.Join(missing[:min(6, len(missing))], ", "))
	}
	if len(wrong) > 0 {
		parts = append(parts, "expects "+strings.Join(wrong[:min(4, len(wrong))], ", "))
	}
	return strings.Join(parts, " and ")
}

func variantNames(variants []schema.Variant) string {
	names := make([]string, len(variants))
	for i, v := range variants {
		names[i] = v.Name
	}
	slices.Sort(names)
	return strings.Join(names, " | ")
}

// faultPlace is where the first fault of a certain alternative lies.
func (d *bodyDoc) faultPlace(v schema.Violation) (int, Location) {
	if v.Keyword == "required" {
		return v.Offset, d.location(v.Pointer + "/" + schema.Token(v.Member))
	}
	return v.Offset, d.location(v.Pointer)
}

func (d *bodyDoc) variantFix(nearest schema.Variant, own []schema.Violation) string {
	missing := missingMembers(own)
	if missing == "" {
		return ""
	}
	return fmt.Sprintf("Add %s, which %s requires.", missing, nearest.Name)
}

// missingMembers names the members that violations find missing, "" for none.
func missingMembers(own []schema.Violation) string {
	var missing []string
	for _, v := range own {
		if v.Keyword == "required" {
			missing = append(missing, v.Member)
		}
	}
	return strings.Join(missing, ", ")
}

// variantFixes are the edits that the alternative determines: a member renamed,
// a value misspelt.
func (d *bodyDoc) variantFixes(nearest schema.Variant, own []schema.Violation) []edit {
	var fixes []edit
	for _, v := range own {
		switch v.Keyword {
		case "required":
			near := d.meantFor(v)
			if near == nil {
				continue
			}
			d.renamed[v.Pointer+"/"+schema.Token(near.Name())] = true
			fixes = append(fixes, edit{near.NameStart, near.NameStart + nameLength(d.text, near), quoteJSON(v.Member)})
		case "enum":
			if value, _ := nearestValue(v.Node.Text(), v.Allowed); value != "" && bareName(value) == bareName(v.Node.Text()) {
				fixes = append(fixes, edit{v.Node.Start, v.Node.End(), quoteJSON(value)})
			}
		case "type":
			if mended, ok := d.mendType(v, ""); ok {
				fixes = append(fixes, edit{v.Node.Start, v.Node.End(), mended})
			}
		}
	}
	return fixes
}
