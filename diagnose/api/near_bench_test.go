package api_test

import (
	"strconv"
	"testing"

	"immersve-doctor/diagnose/api"
)

// BenchmarkNearest looks for the operation that a path that nobody documented
// most likely means, as each such line of a log has it done.
func BenchmarkNearest(b *testing.B) {
	n := 0
	for b.Loop() {
		n++
		api.Nearest("GET", []string{"api", "x" + strconv.Itoa(n), "cards", strconv.Itoa(n * 7919)})
	}
}
