package api

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every operation is read as encoding/json reads it, unknown members excluded.
func TestDecodeAgreesWithEncodingJSON(t *testing.T) {
	for _, r := range Routes() {
		data, err := operationFiles.ReadFile("operations/" + r.ID + ".json")
		if err != nil {
			t.Fatal(err)
		}
		want := new(Operation)
		if err := json.Unmarshal(data, want); err != nil {
			t.Fatalf("%s: %v", r.ID, err)
		}
		if diff := cmp.Diff(want, decode(data)); diff != "" {
			t.Errorf("%s (-encoding/json +decode):\n%s", r.ID, diff)
		}
	}
}
