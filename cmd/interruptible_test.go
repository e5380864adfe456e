package cmd_test

import (
	"context"
	"errors"
	"testing"

	"immersve-doctor/cmd"
)

// waiting is a reader that waits, and counts who asks.
type waiting struct {
	asked chan bool
	hold  chan bool
}

func (w waiting) Read([]byte) (int, error) {
	w.asked <- true
	<-w.hold
	return 0, errors.New("released")
}

// When a read was abandoned, the reader is left alone: it may still be reading.
func TestAbandonedReaderIsLeftAlone(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	w := waiting{make(chan bool, 4), make(chan bool)}
	defer close(w.hold)
	r := cmd.Interruptible(ctx, w)
	done := make(chan error, 1)
	go func() {
		_, err := r.Read(make([]byte, 1))
		done <- err
	}()
	<-w.asked
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("the abandoned read gives %v", err)
	}
	for range 50 {
		if _, err := r.Read(make([]byte, 1)); !errors.Is(err, context.Canceled) {
			t.Errorf("a later read gives %v", err)
		}
	}
	if len(w.asked) != 0 {
		t.Error("a later read used the reader")
	}
}
