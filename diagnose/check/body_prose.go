package check

import (
	"fmt"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/api/rule"
	"immersve-doctor/diagnose/api/schema"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

// prose judges the body by the rules that the docs give outside the schema. A breach
// is a warning: prose is no schema, and the API may be more lenient.
func (d *bodyDoc) prose() {
	breaches := rule.Breaches(d.op, d.root)
	if len(breaches) == 0 {
		return
	}
	unknown := map[*schema.Node]bool{}
	for _, p := range d.places {
		unknown[p.Node] = !p.Documented
	}
	for _, b := range breaches {
		switch {
		case unknown[b.Node]:
		case b.Rule.Kind == api.RuleApart:
			d.excluded(b)
		case b.Field != "":
			d.wanted(b)
		case b.Rule.Kind == api.RuleMinorUnits || !d.shown(b):
		case b.Rule.Kind == api.RuleType:
			d.otherType(b)
		default:
			d.otherValue(b)
		}
	}
}

// shown reports whether the value that breaks a rule is what was sent. What is no value
// at all is a finding of its own.
func (d *bodyDoc) shown(b rule.Breach) bool {
	n := b.Node
	if n.Kind != schema.String {
		return true
	}
	text := n.Text()
	return text != "" && !d.claimed[n.Start] && !isMasked(n) && placeholder(text) == "" &&
		(!b.Rule.BeforeSending || d.in.Class == NotSent && !d.in.Request().FromShell(text))
}

// wanted warns of a field that is needed, although the schema doesn't require it.
func (d *bodyDoc) wanted(b rule.Breach) {
	d.missingMember(schema.Violation{Pointer: b.Pointer, Offset: b.Node.Start, Member: b.Field, Node: b.Node}, Warning)
	f := &d.out[len(d.out)-1].Finding
	f.Evidence = b.Rule.Because + "; " + f.Evidence
}

// excluded warns of a field that doesn't go together with another one.
func (d *bodyDoc) excluded(b rule.Breach) {
	d.add(b.Node.NameStart, Finding{
		ID: finding.BodyInvalidValue, Severity: Warning, Location: d.location(b.Pointer),
		Title: fmt.Sprintf("both %s and %s were sent", b.Rule.Fields[0][1:], b.Field), Evidence: b.Rule.Because, Fix: "Send only the one that you mean.",
	})
}

// otherType warns of a value whose type depends on another field.
func (d *bodyDoc) otherType(b rule.Breach) {
	var fixes []edit
	if text := b.Node.Text(); b.Rule.Types[0] == schema.Boolean.String() && (text == "true" || text == "false") {
		fixes = []edit{{b.Node.Start, b.Node.End(), text}}
	}
	d.add(b.Node.Start, Finding{
		ID: finding.BodyWrongType, Severity: Warning, Location: d.location(b.Pointer),
		Title:    fmt.Sprintf("%s is %s instead of %s", dotted(b.Pointer), article(b.Node.Kind.String()), b.Rule.Says),
		Evidence: d.show(b.Node) + "; " + b.Rule.Because,
	}, fixes...)
}

// otherValue warns of a value that isn't what prose says.
func (d *bodyDoc) otherValue(b rule.Breach) {
	title, fix := b.Rule.Says, b.Rule.Fix
	if near, _ := nearestValue(b.Node.Text(), b.Rule.Values); near != "" {
		title += fmt.Sprintf(" (closest: %q)", near)
		fix = fmt.Sprintf("Write %q.", near)
	}
	if b.Suggest != "" {
		fix = fmt.Sprintf("Write %.80q.", exchange.MaskText(b.Suggest))
	}
	d.warn(b.Node, b.Pointer, title, b.Rule.Because, fix)
}

// warn notes a value that breaks a rule.
func (d *bodyDoc) warn(n *schema.Node, pointer, title, because, fix string) {
	d.add(n.Start, Finding{
		ID: finding.BodyInvalidValue, Severity: Warning, Location: d.location(pointer),
		Title: dotted(pointer) + " " + title, Evidence: d.show(n) + "; " + because, Fix: fix,
	})
}

// tolerated returns how strong a violation of the schema is if the docs contradict the
// schema there, otherwise Error.
func (d *bodyDoc) tolerated(v schema.Violation) (severity Severity, because string) {
	r := rule.Tolerated(d.op, d.root, v)
	switch {
	case r == nil || r.Severity == Error.String():
		return Error, ""
	case r.Severity == Info.String():
		return Info, r.Because
	}
	return Warning, r.Because
}
