package scan_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose/scan"
)

// generated returns what the generator writes.
func generated(tb testing.TB, arguments ...string) []byte {
	tb.Helper()
	name := filepath.Join(tb.TempDir(), "generated")
	f, err := os.Create(name)
	if err != nil {
		tb.Fatal(err)
	}
	c := exec.Command("go", append([]string{"run", "./generate"}, arguments...)...)
	c.Stdout, c.Stderr = f, os.Stderr
	if err := c.Run(); err != nil {
		tb.Fatal(err)
	}
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func scanned(data []byte, workers int) *scan.Totals {
	s := scan.New(scan.Options{Workers: workers, Now: clock})
	s.Read(context.Background(), "bench", bytes.NewReader(data))
	return s.Totals()
}

// Each benchmark reports its speed as a multiple of what else reads JSON, on the
// same bytes and in the same run.
func BenchmarkLines(b *testing.B) {
	data := generated(b, "-size", "20000000")
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		scanned(data, 1)
	}
	mine := float64(b.Elapsed()) / float64(b.N)
	b.ReportMetric(took(func() {
		for line := range bytes.Lines(data) {
			json.Valid(line)
		}
	})/mine, "x-json.Valid")
	b.ReportMetric(took(func() {
		for line := range bytes.Lines(data) {
			gjson.GetManyBytes(line, "res.statusCode", "req.method", "req.url", "time", `req.headers.x-api-key`)
		}
	})/mine, "x-gjson")
}

func BenchmarkAccessLog(b *testing.B) {
	data := generated(b, "-size", "20000000", "-form", "access")
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		scanned(data, 1)
	}
}

func BenchmarkHAR(b *testing.B) {
	data := generated(b, "-count", "10000", "-form", "har")
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		scanned(data, 1)
	}
	mine := float64(b.Elapsed()) / float64(b.N)
	b.ReportMetric(took(func() { typedHAR(b, data) })/mine, "x-encoding/json")
}

// typedHAR counts statuses with a stream of typed entries.
func typedHAR(b *testing.B, data []byte) {
	b.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	for {
		token, err := d.Token()
		if err != nil {
			b.Fatal(err)
		}
		if token == "entries" {
			break
		}
	}
	if _, err := d.Token(); err != nil {
		b.Fatal(err)
	}
	statuses := map[int]int{}
	for d.More() {
		var e struct {
			StartedDateTime time.Time
			Request         struct {
				Method, URL string
			}
			Response struct {
				Status  int
				Content struct{ Text string }
			}
		}
		if err := d.Decode(&e); err != nil {
			b.Fatal(err)
		}
		statuses[e.Response.Status]++
	}
}

func took(f func()) float64 {
	start := time.Now()
	f()
	return float64(time.Since(start))
}

var clock = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
