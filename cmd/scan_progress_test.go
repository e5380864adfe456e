package cmd_test

import (
	"testing"
	"time"

	"immersve-doctor/cmd"
)

func TestProgressLine(t *testing.T) {
	for _, c := range []struct {
		name                           string
		read, total, exchanges, failed int64
		taken                          time.Duration
		want                           string
	}{
		{"nothing read yet", 0, 2048, 0, 0, 0, "0% of 2.0 KiB, 0 requests, 0 failed"},
		{"too early to tell", 512, 2048, 12, 1, 100 * time.Millisecond, "25% of 2.0 KiB, 12 requests, 1 failed"},
		{"a quarter in two seconds", 1 << 28, 1 << 30, 1234567, 1021, 2 * time.Second, "25% of 1.0 GiB, 1,234,567 requests, 1,021 failed, 6s left"},
		{"nearly done", 1023 << 20, 1 << 30, 9, 0, 60 * time.Second, "99% of 1.0 GiB, 9 requests, 0 failed, 1s left"},
		{"all read", 1 << 30, 1 << 30, 9, 0, 60 * time.Second, "100% of 1.0 GiB, 9 requests, 0 failed"},
		{"a file that grew while it was read", 4096, 2048, 9, 0, 3 * time.Second, "100% of 2.0 KiB, 9 requests, 0 failed"},
		{"a pipe has no end that is known", 5 << 20, 0, 9, 1, 3 * time.Second, "5.0 MiB read, 9 requests, 1 failed"},
		{"a few bytes of a pipe", 17, 0, 0, 0, 0, "17 bytes read, 0 requests, 0 failed"},
	} {
		if got := cmd.ProgressLine(c.read, c.total, c.exchanges, c.failed, c.taken); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
