// Package growth is for tests: it holds how the cost of code grows with its input.
// That is a property of the code; how long it takes is one of the machine, and of
// whatever else runs there.
package growth

import (
	"math"
	"runtime"
	"testing"
	"time"
)

// The bounds of Linear.
const (
	factor  = 4                     // by which the input grows
	plain   = 6                     // by which the cost may without any doubt
	most    = 11                    // by which it may in the best rounds: squares would make it 16
	rounds  = 15                    // of measuring before that is believed
	trifles = 20 * time.Millisecond // what squares would take is much more
)

// Linear fails a test where run costs much more than four times as much for 4n as
// for n. Cost is the time on a processor; the best of several rounds counts, since
// the machine is shared. It ends with the first round that leaves no
// doubt.
func Linear(t testing.TB, n int, run func(n int)) {
	t.Helper()
	small, large := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
	for range rounds {
		if large = min(large, took(run, factor*n)); large < trifles {
			return
		}
		if small = min(small, took(run, n)); large <= plain*small {
			return
		}
	}
	if large <= most*small {
		return
	}
	t.Errorf("an input %d times as long needs %.1f times the time (%v and %v)", factor, float64(large)/float64(small), small, large)
}

func took(run func(int), n int) time.Duration {
	runtime.GC() // what others left is not this run's to clear
	start := spent()
	run(n)
	return spent() - start
}
