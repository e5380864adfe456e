package crash_test

import (
	"regexp"
	"testing"

	"immersve-doctor/diagnose/crash"
)

func broken(list []string, i int) string { return list[i] }

// recovered runs f and returns its panic.
func recovered(f func()) (c *crash.Crash) {
	defer func() { c = crash.Of(recover()) }()
	f()
	return nil
}

func TestCrashSaysWhereItBegan(t *testing.T) {
	place := regexp.MustCompile(`^diagnose/crash_test\.broken \(crash_test\.go:\d+\)$`)
	for name, f := range map[string]func(){
		"in the caller": func() { broken(nil, 1) },
		"in a goroutine": func() {
			var g crash.Group
			g.Go(func() {})
			g.Go(func() { broken(nil, 2) })
			g.Wait()
		},
		"in a goroutine's goroutine": func() {
			var outer crash.Group
			outer.Go(func() {
				var inner crash.Group
				inner.Go(func() { broken(nil, 3) })
				inner.Wait()
			})
			outer.Wait()
		},
	} {
		c := recovered(f)
		if c == nil || !place.MatchString(c.Where) {
			t.Errorf("%s: %+v", name, c)
		}
	}
	if c := recovered(func() { new(crash.Group).Wait() }); c != nil {
		t.Errorf("a crash without a panic: %+v", c)
	}
}
