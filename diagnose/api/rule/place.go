package rule

import (
	"iter"
	"strconv"
	"strings"

	"immersve-doctor/diagnose/api/schema"
)

// place is a value of a body and the way to it. The pointer is written only when asked
// for.
type place struct {
	node   *schema.Node
	parent *place
	index  int // of an item
}

// pointer returns the place's JSON Pointer.
func (p *place) pointer() string {
	switch {
	case p.parent == nil:
		return ""
	case p.node.IsMember():
		return p.parent.pointer() + "/" + schema.Token(p.node.Name())
	}
	return p.parent.pointer() + "/" + strconv.Itoa(p.index)
}

// places iterates over the values at any of some JSON Pointers in which * stands for
// any item or field. No pointers stand for the root.
func places(root *schema.Node, pointers []string) iter.Seq[place] {
	return func(yield func(place) bool) {
		if root == nil {
			return
		}
		if pointers == nil {
			pointers = []string{""}
		}
		for _, pointer := range pointers {
			if !find(place{node: root}, pointer, yield) {
				return
			}
		}
	}
}

// below returns the values at some pointers below a place.
func below(p place, pointers []string) []place {
	var list []place
	for _, pointer := range pointers {
		find(p, pointer, func(found place) bool {
			list = append(list, found)
			return true
		})
	}
	return list
}

func find(p place, pointer string, yield func(place) bool) bool {
	if pointer == "" {
		return yield(p)
	}
	token, rest, _ := strings.Cut(pointer[1:], "/")
	if rest != "" {
		rest = "/" + rest
	}
	if token != "*" {
		if child := p.node.Member(token); child != nil {
			return find(place{node: child, parent: &p}, rest, yield)
		}
		return true
	}
	index := 0
	for child := range p.node.Children() {
		if !find(place{node: child, parent: &p, index: index}, rest, yield) {
			return false
		}
		index++
	}
	return true
}
