package troubleshoot_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/troubleshoot"
)

// Every value of the API's enums has a page that says what it means and which
// endpoint uses it.
func TestEveryEnumValueIsExplained(t *testing.T) {
	values := map[string]string{} // value -> an operation with it
	var walk func(schema any, operation string)
	walk = func(schema any, operation string) {
		switch s := schema.(type) {
		case map[string]any:
			if list, ok := s["enum"].([]any); ok {
				for _, v := range list {
					if v != nil {
						values[fmt.Sprint(v)] = operation
					}
				}
			}
			for _, member := range s {
				walk(member, operation)
			}
		case []any:
			for _, entry := range s {
				walk(entry, operation)
			}
		}
	}
	for _, route := range api.Routes() {
		op, err := api.Lookup(route.ID)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(op)
		if err != nil {
			t.Fatal(err)
		}
		var document any
		if err := json.Unmarshal(text, &document); err != nil {
			t.Fatal(err)
		}
		walk(document, op.ID)
	}
	if len(values) < 160 {
		t.Fatalf("only %d values found", len(values))
	}
	for value, operation := range values {
		r, err := troubleshoot.Find(value)
		if err != nil {
			t.Errorf("%s (%s): %v", value, operation, err)
			continue
		}
		if r.Kind != troubleshoot.KindValue { // something better has the name: it says where the value is
			if !strings.Contains(r.Note, value+" is also a value of ") {
				t.Errorf("%s: the page of the %s %s doesn't say that it's also a value: %q", value, r.Kind, r.ID, r.Note)
			}
			continue
		}
		if len(r.Values) == 0 {
			t.Errorf("%s (%s): no family says what it means", value, operation)
		}
		if !strings.Contains(strings.Join(r.Uses, "\n"), operation) {
			t.Errorf("%s: the page doesn't name %s: %q", value, operation, r.Uses)
		}
	}
}
