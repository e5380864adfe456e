package check

import (
	"strings"
	"testing"
)

func TestLookUp(t *testing.T) {
	text := `  {"region": "NZ", "claims": [{"type": "DOB"}, {"type": "ADDRESS", "attributes": {"streetType": "Street", "a/b": [[1], [2, 3]]}}]}`
	tests := []struct {
		pointer, raw string
	}{
		{"/region", `"NZ"`},
		{"/claims/0/type", `"DOB"`},
		{"/claims/1/type", `"ADDRESS"`},
		{"/claims/1/attributes/streetType", `"Street"`},
		{"/claims/1/attributes/a~1b/1/1", `3`},
		{"/claims/1/attributes/a~1b/1", `[2, 3]`},
	}
	for _, tt := range tests {
		got, ok := lookUp([]byte(text), tt.pointer)
		if want := strings.Index(text, tt.raw); !ok || got.Raw != tt.raw || got.Index != want {
			t.Errorf("lookUp(%s) = %s at %d, %v; want %s at %d", tt.pointer, got.Raw, got.Index, ok, tt.raw, want)
		}
	}
	for _, pointer := range []string{"/absent", "/claims/2", "/region/0", "/claims/x"} {
		if got, ok := lookUp([]byte(text), pointer); ok {
			t.Errorf("lookUp(%s) = %s; want nothing", pointer, got.Raw)
		}
	}
}
