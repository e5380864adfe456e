// Package finding names the findings: a constant for each ID, and what the page of
// each (troubleshoot/findings/ID.md) says about it. It is generated from these pages
// by "go generate ./...", so a new finding is a check and a page.
package finding

// group is a list of IDs under a name.
type group struct {
	name string
	ids  []string
}

// Family returns the IDs of a family ("body"), or nil if there is no such family.
// The caller doesn't change the list.
func Family(name string) []string { return in(families[:], name) }

// Causes returns the IDs that can explain a class ("unauthorized"), the most telling
// ones first. The caller doesn't change the list.
func Causes(class string) []string { return in(causes[:], class) }

// Answering returns the IDs that decide a checklist item ("401.current"). The caller
// doesn't change the list.
func Answering(item string) []string { return in(answers[:], item) }

// Named returns the classes and the checklist items that the pages name.
func Named() (classes, items []string) {
	for _, g := range causes {
		classes = append(classes, g.name)
	}
	for _, g := range answers {
		items = append(items, g.name)
	}
	return classes, items
}

// FamilyOf returns the family of an ID, or "" if there is no such finding.
func FamilyOf(id string) string {
	for _, f := range families {
		for _, known := range f.ids {
			if known == id {
				return f.name
			}
		}
	}
	return ""
}

func in(table []group, name string) []string {
	for _, g := range table {
		if g.name == name {
			return g.ids[:len(g.ids):len(g.ids)]
		}
	}
	return nil
}
