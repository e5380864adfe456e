package check

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/agnivade/levenshtein"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/api/schema"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

// maxUnknown bounds the findings about members that are not documented.
const maxUnknown = 10

// unknownMembers warns of members that the documentation does not know: the
// schemas close no object, so that this is a suspicion, but servers drop what
// they do not know.
func (d *bodyDoc) unknownMembers() {
	for _, p := range d.unknown[:min(maxUnknown, len(d.unknown))] {
		d.unknownMember(p)
	}
}

func (d *bodyDoc) unknownMember(p *schema.Place) {
	name, known := p.Node.Name(), p.Parent.Names()
	f := Finding{
		ID: finding.BodyUnknownField, Severity: Warning, Location: d.location(p.Pointer()),
		Title:    fmt.Sprintf("%s isn't a documented field", dotted(p.Pointer())),
		Evidence: fmt.Sprintf("%s; documented: %s", d.show(p.Node), strings.Join(known[:min(12, len(known))], ", ")),
	}
	if homes := d.schema.Homes(name); len(homes) > 0 && !slices.Contains(homes, anyItem(p.Parent.Pointer())) {
		f.Title = fmt.Sprintf("%s goes in %s, not in %s", dotted(p.Pointer()), homeNames(homes), dotted(p.Parent.Pointer()))
		f.Fix = fmt.Sprintf("Move %s into %s.", name, homeNames(homes))
		d.add(p.Node.NameStart, f)
		return
	}
	near := d.nearestMember(name, p.Parent)
	if near == "" {
		d.add(p.Node.NameStart, f)
		return
	}
	f.Title = fmt.Sprintf("%s isn't a documented field, but %s is", dotted(p.Pointer()), near)
	f.Fix = fmt.Sprintf("Rename %.60q to %q.", exchange.MaskText(name), near)
	f.Hint = "write " + near + " here"
	if p.Parent.Node.Member(near) != nil {
		f.Fix = fmt.Sprintf("Remove %.60q, because %q is there too.", exchange.MaskText(name), near)
		f.Hint = ""
		d.add(p.Node.NameStart, f)
		return
	}
	d.add(p.Node.NameStart, f, edit{p.Node.NameStart, p.Node.NameStart + nameLength(d.text, p.Node), quoteJSON(near)})
}

// anyItem writes * for the items of a pointer.
func anyItem(pointer string) string {
	tokens := strings.Split(pointer, "/")
	for i, token := range tokens {
		if isDigits(token) {
			tokens[i] = "*"
		}
	}
	return strings.Join(tokens, "/")
}

// homeNames names the objects that document a field: "email", "claims[].attributes".
func homeNames(homes []string) string {
	names := make([]string, len(homes))
	for i, home := range homes {
		names[i] = strings.ReplaceAll(strings.ReplaceAll(strings.TrimPrefix(home, "/"), "/*", "[]"), "/", ".")
		switch names[i] {
		case "":
			names[i] = "the body"
		case "*":
			names[i] = "an entry of the list"
		}
	}
	return strings.Join(names[:min(3, len(names))], " or ")
}

// strayInto returns the undocumented field of an object that belongs in a missing one, or
// nil if there is none.
func (d *bodyDoc) strayInto(v schema.Violation) *schema.Node {
	for _, p := range d.unknown {
		if p.Parent.Node == v.Node && slices.ContainsFunc(d.schema.Homes(p.Node.Name()), func(home string) bool {
			return home == v.Pointer+"/"+v.Member
		}) {
			return p.Node
		}
	}
	return nil
}

// nearestMember returns the documented member of an object that an unknown name
// stands for, "" when none is near.
func (d *bodyDoc) nearestMember(name string, parent *schema.Place) string {
	var free []string
	for _, n := range parent.Names() {
		if parent.Node.Member(n) == nil {
			free = append(free, n)
		}
	}
	if near := nearName(name, free); near != "" {
		return near
	}
	return nearName(name, parent.Names())
}

// meantFor returns the undocumented member that a missing one was probably
// meant by, nil when there is none.
func (d *bodyDoc) meantFor(v schema.Violation) *schema.Node {
	for _, p := range d.unknown {
		if p.Parent.Node == v.Node && !d.renamed[p.Pointer()] && nearName(p.Node.Name(), []string{v.Member}) != "" {
			return p.Node
		}
	}
	return nil
}

// nearName returns the name that another one was meant for: the same but for
// case and separators, an old name, a name with a prefix left out, or one or
// two letters off.
func nearName(name string, known []string) string {
	if len(name) > 64 || len(name) < 2 {
		return ""
	}
	bare := bareName(name)
	for _, k := range known {
		if bareName(k) == bare {
			return k
		}
	}
	if today := todaysName(name, known); today != "" {
		return today
	}
	if near := byPart(bare, known); near != "" {
		return near
	}
	best, bestDistance := "", 1+len(bare)/5
	for _, k := range known {
		if distance := levenshtein.ComputeDistance(bare, bareName(k)); distance <= min(bestDistance, 3) && distance < len(bare)/2 {
			if distance < bestDistance || best == "" {
				best, bestDistance = k, distance
			}
		}
	}
	return best
}

// todaysName returns which of the documented names is meant by one that is used elsewhere
// or was used before, or "" if none is.
func todaysName(name string, known []string) string {
	same := func(a, b string) bool { return bareName(a) == bareName(b) }
	for _, today := range api.FormerNames(name, same) {
		if slices.Contains(known, today) {
			return today
		}
	}
	return ""
}

// byPart finds the one name that another is the end of, or that ends with it.
func byPart(bare string, known []string) string {
	found := ""
	for _, k := range known {
		b := bareName(k)
		if len(bare) >= 3 && strings.HasSuffix(b, bare) || len(b) >= 4 && strings.HasSuffix(bare, b) {
			if found != "" {
				return ""
			}
			found = k
		}
	}
	return found
}

// bareName is a name in small letters, without what parts its words.
func bareName(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("_- .", r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// nearestValue returns the allowed value nearest to what was sent and the edit
// distance, case and separators not counted; "" when none is near.
func nearestValue(sent string, allowed []string) (value string, distance int) {
	if len(sent) > 100 || sent == "" {
		return "", 0
	}
	bare := bareName(sent)
	best := ""
	distance = 1 + len(sent)/3
	for _, a := range allowed {
		if n := levenshtein.ComputeDistance(bare, bareName(a)); n < distance {
			best, distance = a, n
		}
	}
	if best != "" {
		return best, distance
	}
	for _, a := range allowed {
		if len(bare) < 3 || !strings.Contains(bareName(a), bare) {
			continue
		}
		if best != "" {
			return "", 0 // it is part of several
		}
		best = a
	}
	return best, len(best)
}
