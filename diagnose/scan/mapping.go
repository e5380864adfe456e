package scan

import (
	"fmt"
	"slices"
	"strings"
)

// Mapping says where the fields lie in JSON lines that no shape fits.
type Mapping struct{ places []place }

// ParseMapping reads "status=$.res.code,url=$.req.target". Its paths are member
// names joined by dots; the "$." of JSONPath (RFC 9535) may be left out.
func ParseMapping(text string) (Mapping, error) {
	var m Mapping
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		name, path, ok := strings.Cut(part, "=")
		path = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(path), "$"), ".")
		if !ok || path == "" || strings.ContainsAny(path, "[]*@?()") {
			return m, fmt.Errorf("%q isn't FIELD=$.path.to.field", part)
		}
		names := fieldNames()
		f := slices.Index(names[1:], strings.TrimSpace(name)) + 1
		if f == 0 {
			return m, fmt.Errorf("unknown field %q: use %s", strings.TrimSpace(name), strings.Join(names[1:], ", "))
		}
		m.places = append(m.places, place{path, field(f)})
	}
	return m, nil
}
