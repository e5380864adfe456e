package scan

import (
	"slices"
	"strings"
)

// shape is a form of log record: which members of it mean what. Each lies in a
// file of its own, shape_NAME.go; a new one is such a file and a line in shapes.
//
// Records are not sorted into shapes before they are read. All shapes together
// make one tree of members, a line is walked over once, and whatever members it
// has are taken, if their values can be what their names say. So a log of two
// shapes, or a shape with members of another, is read all the same.
type shape struct {
	name string
	sure []place // members whose name leaves no doubt
	weak []place // names that mean other things elsewhere: a status counts only beside a method, a target or an errorCode
}

// place is a member's path, its names joined by dots, and what its value is.
// Nested objects and names with dots in them ("http.response.status_code") are
// the same to it.
type place struct {
	path  string
	field field
}

// shapes lists the known shapes; of two members with the same meaning, that of
// the earlier shape counts.
func shapes() []shape {
	return []shape{
		ownShape(), harShape(), pinoShape(), ecsShape(), openTelemetryShape(), apiGatewayShape(), caddyShape(), traefikShape(),
		nginxShape(), envoyShape(), googleCloudShape(), axiosShape(), genericShape(),
	}
}

// wrappers are members that hold the whole record in some logging set-ups.
func wrappers() []string {
	return []string{
		"attributes", "Attributes", "fields", "data", "context", "ctx", "meta", "metadata", "extra", "payload", "jsonPayload", "json", "props",
		"properties", "details", "record", "_source", "@fields", "log", "message", "msg", "event", "err", "error", "content", "Body", "http", "httpRequest", "result",
	}
}

// tree joins shapes into one tree of members. custom are the members of --map,
// which go before all others.
func tree(custom []place) *node {
	root := newNode()
	for _, p := range custom {
		insert(root, p, 0)
	}
	for i, s := range shapes() {
		for _, p := range s.sure {
			insert(root, p, uint8(1+i))
		}
		for _, p := range s.weak {
			insert(root, p, uint8(weakRank+1+i))
		}
	}
	for _, name := range wrappers() {
		wrap(root, root.add(name))
	}
	return root
}

// wrap makes a member's object one in which records are looked for. What shapes
// say of it themselves goes first.
func wrap(root *node, m *member) {
	if m.inner == nil {
		m.inner = root
		return
	}
	for _, inherited := range root.table {
		if inherited == nil || slices.Contains(wrappers(), inherited.name) {
			continue
		}
		own := m.inner.add(inherited.name)
		if len(own.means) == 0 {
			own.means = inherited.means
		}
		if own.inner == nil {
			own.inner = inherited.inner
		}
	}
}

// insert adds a place under every way in which dots can divide its path.
func insert(n *node, p place, rank uint8) {
	parts := strings.Split(p.path, ".")
	for cut := 1; cut <= len(parts); cut++ {
		m := n.add(strings.Join(parts[:cut], "."))
		if cut == len(parts) {
			if !slices.ContainsFunc(m.means, func(can meaning) bool { return can.field == p.field }) {
				m.means = append(m.means, meaning{p.field, rank})
			}
			continue
		}
		if m.inner == nil {
			m.inner = newNode()
			m.inner.folded = strings.HasSuffix(strings.ToLower(parts[cut-1]), "headers") || parts[cut-1] == "header"
		}
		insert(m.inner, place{strings.Join(parts[cut:], "."), p.field}, rank)
	}
}

// headerPlaces are the request header fields that tell who calls, below a member
// that holds the header section.
func headerPlaces(section string) []place {
	return []place{
		{section, fieldRequestHeaders},
		{section + ".x-api-key", fieldKey},
		{section + ".authorization", fieldAuthorization},
		{section + ".x-account-id", fieldAccount},
		{section + ".host", fieldHost},
	}
}
