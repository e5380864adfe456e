// Package crash carries panics to the one place that reports them: an internal
// error costs the user one line, not a stack trace with their data in it.
package crash

import (
	"fmt"
	"path"
	"runtime"
	"strings"
	"sync"
)

// module is what the names of this module's functions begin with.
const module = "immersve-doctor/"

// Crash is a recovered panic.
type Crash struct {
	Where string // "diagnose/exchange.tooWeak (secret_name.go:86)", never a value
	Value any    // what panic was called with; it may quote input
}

// Of describes the value that recover returned, nil if there was no panic. Call it
// in the deferred function itself: the stack still shows where the panic began.
func Of(recovered any) *Crash {
	if recovered == nil {
		return nil
	}
	if c, ok := recovered.(*Crash); ok {
		return c
	}
	return &Crash{Where: where(), Value: recovered}
}

// where returns the innermost function of this module on the stack, this package
// aside, or "an unknown place".
func where() string {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs[:])])
	panicked := false
	for {
		frame, more := frames.Next()
		panicked = panicked || frame.Function == "runtime.gopanic"
		if name, ours := strings.CutPrefix(frame.Function, module); panicked && ours {
			return fmt.Sprintf("%s (%s:%d)", name, path.Base(frame.File), frame.Line)
		}
		if !more {
			return "an unknown place"
		}
	}
}

// Group runs functions side by side. A panic in one of them doesn't end the
// process, but reaches the goroutine that waits for them.
type Group struct {
	wg    sync.WaitGroup
	once  sync.Once
	crash *Crash
}

// Go runs f on a goroutine.
func (g *Group) Go(f func()) {
	g.wg.Go(func() {
		defer func() {
			if c := Of(recover()); c != nil {
				g.once.Do(func() { g.crash = c })
			}
		}()
		f()
	})
}

// Wait returns when every function has returned, and panics with the first
// *Crash if one of them panicked.
func (g *Group) Wait() {
	g.wg.Wait()
	if g.crash != nil {
		panic(g.crash)
	}
}
