package cmd

import (
	"testing"

	"immersve-doctor/diagnose/exchange"
)

// Of what compare chooses from, only so much is kept, and what is wanted longest.
func TestCandidates(t *testing.T) {
	answered := func(status, size int) *exchange.Exchange {
		return &exchange.Exchange{Response: &exchange.Response{Status: status, Body: exchange.NewBody(make([]byte, size))}}
	}
	c := candidates{failed: true}
	first := answered(403, 5<<20)
	c.add(first)
	for range 50 {
		c.add(answered(200, 5<<20))
	}
	if c.list[0] != first || len(c.list) != 3 || c.size > maxComparedBytes {
		t.Errorf("kept are %d with %d bytes, the failed one among them: %v", len(c.list), c.size, c.list[0] == first)
	}
	c = candidates{failed: true}
	for range 10_000 {
		c.add(answered(200, 1))
	}
	if n := len(c.list); n < maxCompared || n > 2*maxCompared || c.size != n {
		t.Errorf("kept are %d with %d bytes", n, c.size)
	}
}
