package api_test

import (
	"strconv"
	"testing"

	"immersve-doctor/diagnose/api"
)

// BenchmarkSuggest looks for the operation that a path that nobody documented
// most likely means, as each such line of a log has it done.
func BenchmarkSuggest(b *testing.B) {
	n := 0
	for b.Loop() {
		n++
		api.Suggest(api.Sent{Method: "GET", Segments: []string{"api", "x" + strconv.Itoa(n), "cards", strconv.Itoa(n * 7919)}})
	}
}
