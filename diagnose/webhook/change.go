package webhook

import (
	_ "embed"

	"github.com/tidwall/gjson"
)

//go:embed changes.json
var changes string

// Change describes what happened to a delivery between the signature and the receiver.
type Change struct {
	ID   string
	Part string // "body", "headers", "signature", "algorithm"
	What string // a clause
}

// Describe returns the descriptions of an explanation's changes.
func (e Explanation) Describe() []Change {
	list := make([]Change, 0, len(e.Changes))
	for _, id := range e.Changes {
		c := gjson.Get(changes, id)
		list = append(list, Change{ID: id, Part: c.Get("part").Str, What: c.Get("what").Str})
	}
	return list
}
