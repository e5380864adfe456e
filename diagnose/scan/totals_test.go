package scan

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
)

// document reads inputs with one scanner and returns the totals as JSON.
func document(t testing.TB, o Options, inputs map[string][]byte, order []string) string {
	t.Helper()
	o.Now = clock
	s := New(o)
	for _, name := range order {
		s.Read(context.Background(), name, bytes.NewReader(inputs[name]))
	}
	return marshal(t, s.Totals())
}

func marshal(t testing.TB, totals *Totals) string {
	t.Helper()
	text, err := json.MarshalIndent(totals.Document(), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// traffic is lines of all shapes, broken ones among them, with clocks that jump.
func traffic(random *rand.Rand, n int) []byte {
	var b bytes.Buffer
	shapes := lines()
	for i := range n {
		line := shapes[random.IntN(len(shapes))].line
		switch random.IntN(12) {
		case 0:
			line = line[:random.IntN(len(line)+1)]
		case 1:
			line = "not a record"
		case 2:
			line = ""
		case 3:
			line = strings.ReplaceAll(line, "2026-11-23", fmt.Sprintf("20%02d-0%d-1%d", random.IntN(99), 1+random.IntN(9), random.IntN(9)))
		case 4:
			line = strings.ReplaceAll(line, "KYC_REQUIRED", fmt.Sprintf("CODE_%d", random.IntN(2000)))
		case 5:
			line = strings.ReplaceAll(line, "203.0.113.9", fmt.Sprintf("203.0.%d.%d", random.IntN(99), i%250))
		default:
			line = strings.ReplaceAll(line, ":44:12", fmt.Sprintf(":%02d:12", random.IntN(60)))
		}
		b.WriteString(line)
		b.WriteString([]string{"\n", "\r\n", "\n\n"}[random.IntN(3)])
	}
	return b.Bytes()
}

func compressed(t testing.TB, data []byte, with func(io.Writer) io.WriteCloser) []byte {
	t.Helper()
	var b bytes.Buffer
	w := with(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipped(t testing.TB, data []byte) []byte {
	return compressed(t, data, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
}

func zstandard(t testing.TB, data []byte) []byte {
	return compressed(t, data, func(w io.Writer) io.WriteCloser {
		z, err := zstd.NewWriter(w)
		if err != nil {
			t.Fatal(err)
		}
		return z
	})
}

// Totals depend on what was read alone: not on the size of blocks, the number of
// lanes, the order of inputs or their compression, nor on how the work was
// divided and merged.
func TestTotalsDependOnTheInputAlone(t *testing.T) {
	for seed := range uint64(6) {
		random := rand.New(rand.NewPCG(seed, 7))
		inputs := map[string][]byte{}
		order := []string{"a.log", "b.log", "c.log"}
		for _, name := range order {
			inputs[name] = traffic(random, 400)
		}
		want := document(t, Options{Samples: 3}, inputs, order)
		check := func(how, got string) {
			t.Helper()
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("seed %d, %s (-want +got):\n%s", seed, how, diff)
			}
		}
		for _, size := range []int{1 << 8, 1 << 10, 5000, 1 << 20} {
			for _, workers := range []int{1, 2, 5} {
				check(fmt.Sprintf("blocks of %d, %d lanes", size, workers), document(t, Options{Samples: 3, Block: size, Workers: workers}, inputs, order))
			}
		}
		check("another order", document(t, Options{Samples: 3, Workers: 2}, inputs, []string{"c.log", "a.log", "b.log"}))
		packed := map[string][]byte{"a.log": gzipped(t, inputs["a.log"]), "b.log": zstandard(t, inputs["b.log"]), "c.log": inputs["c.log"]}
		check("compressed", document(t, Options{Samples: 3, Block: 3000, Workers: 3}, packed, order))
		check("merged", merged(t, inputs, order))
		check("merged from the other end", merged(t, inputs, []string{"c.log", "b.log", "a.log"}))
	}
}

// merged scans each input alone and adds up the documents.
func merged(t *testing.T, inputs map[string][]byte, order []string) string {
	t.Helper()
	all := NewTotals(1)
	for _, name := range order {
		part, err := ReadTotals(strings.NewReader(document(t, Options{Samples: 3}, inputs, []string{name})))
		if err != nil {
			t.Fatal(err)
		}
		all.Merge(part)
	}
	return marshal(t, all)
}

// One input in two halves merges to the whole but for its line numbers.
func TestHalvesMergeToTheWhole(t *testing.T) {
	data := traffic(rand.New(rand.NewPCG(3, 4)), 600)
	cut := bytes.IndexByte(data[len(data)/2:], '\n') + len(data)/2 + 1
	numbers := func(text string) string {
		var d Document
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			t.Fatal(err)
		}
		for i := range d.Groups {
			d.Groups[i].Samples = nil
		}
		for i := range d.Inputs {
			d.Inputs[i].Places = nil
		}
		return fmt.Sprintf("%+v", d)
	}
	whole := document(t, Options{}, map[string][]byte{"-": data}, []string{"-"})
	all := NewTotals(1)
	for _, half := range [][]byte{data[:cut], data[cut:]} {
		part, err := ReadTotals(strings.NewReader(document(t, Options{}, map[string][]byte{"-": half}, []string{"-"})))
		if err != nil {
			t.Fatal(err)
		}
		all.Merge(part)
	}
	if diff := cmp.Diff(numbers(whole), numbers(marshal(t, all))); diff != "" {
		t.Error(diff)
	}
}

// A document holds all of the totals.
func TestDocumentIsTheTotals(t *testing.T) {
	text := document(t, Options{Samples: 4}, map[string][]byte{"a": traffic(rand.New(rand.NewPCG(5, 6)), 500)}, []string{"a"})
	again, err := ReadTotals(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text, marshal(t, again)); diff != "" {
		t.Error(diff)
	}
}

// What a bounded map keeps is exact, and the same however its input was divided.
func TestBoundedMergesExactly(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 9))
	for range 200 {
		parts := make([]*bounded[string, int64], 1+random.IntN(4))
		for i := range parts {
			parts[i] = newBounded[string, int64](8, func(s string) uint64 { return hashText(s) })
		}
		truth := map[string]int64{}
		for range 300 {
			key := fmt.Sprint(random.IntN(60))
			truth[key]++
			increase(parts[random.IntN(len(parts))], key)
		}
		all := newBounded[string, int64](8, func(s string) uint64 { return hashText(s) })
		for _, i := range random.Perm(len(parts)) {
			all.merge(parts[i], sum)
		}
		if len(all.items) != 8 {
			t.Fatalf("%d keys are kept", len(all.items))
		}
		for key, n := range all.items {
			if n != truth[key] {
				t.Fatalf("%s counts %d, want %d", key, n, truth[key])
			}
		}
		for key := range truth {
			if _, kept := all.items[key]; !kept && hashText(key) < all.bar {
				t.Fatalf("%s is missing", key)
			}
		}
	}
}

// Consumers that are followed are exact, and the same however the input was
// divided; the others are left out whole.
func TestRateMergesExactly(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 9))
	for range 200 {
		parts := make([]*Rate, 1+random.IntN(4))
		for i := range parts {
			parts[i] = smallRate()
		}
		truth, cells := map[string]int64{}, map[string]map[int64]bool{}
		for range 400 {
			name, second := fmt.Sprint(random.IntN(12)), int64(1795430640+60*random.IntN(9))
			truth[name]++
			if cells[name] == nil {
				cells[name] = map[int64]bool{}
			}
			cells[name][second] = true
			parts[random.IntN(len(parts))].count(name, second, "create-card", false)
		}
		all := smallRate()
		for _, i := range random.Perm(len(parts)) {
			all.merge(parts[i])
		}
		list, others := all.Consumers(400)
		kept := int64(0)
		for _, c := range list {
			kept += c.Sent
			if c.Sent != truth[c.Name] {
				t.Fatalf("%s sent %d, want %d", c.Name, c.Sent, truth[c.Name])
			}
		}
		if kept+others != 400 || len(list) == 0 || len(list) > 5 || len(all.cells) > 30 {
			t.Fatalf("%d consumers with %d cells, %d and %d requests", len(list), len(all.cells), kept, others)
		}
		if want := followed(cells); len(want) != len(list) {
			t.Fatalf("%d consumers are followed, want %d", len(list), len(want))
		}
	}
}

func smallRate() *Rate {
	r := newRate()
	r.maxCells, r.maxConsumers = 30, 5
	return r
}

// followed is the rule, said once more: consumers in the order of their hashes,
// as long as the bounds hold.
func followed(cells map[string]map[int64]bool) []string {
	var names, kept []string
	for name := range cells {
		names = append(names, name)
	}
	for i := range names {
		for j := i + 1; j < len(names); j++ {
			if hashText(names[j]) < hashText(names[i]) {
				names[i], names[j] = names[j], names[i]
			}
		}
	}
	n := 0
	for i, name := range names {
		if n += len(cells[name]); n > 30 || i >= 5 {
			break
		}
		kept = append(kept, name)
	}
	return kept
}

func TestTimelineMergesExactly(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 9))
	for range 100 {
		whole, a, b := newTimeline(20, sum), newTimeline(20, sum), newTimeline(20, sum)
		for range 200 {
			second := int64(1795430640 + random.IntN(1<<(8+random.IntN(16))))
			whole.count(second, 1)
			part := []*Timeline[int64]{&a, &b}[random.IntN(2)]
			part.count(second, 1)
		}
		a.merge(b)
		if a.Width != whole.Width || !cmp.Equal(a.Buckets, whole.Buckets) {
			t.Fatalf("%d %v, want %d %v", a.Width, a.Buckets, whole.Width, whole.Buckets)
		}
	}
	for i, w := range widths()[1:] {
		if w%widths()[i] != 0 {
			t.Errorf("%d does not divide %d", widths()[i], w)
		}
	}
}

// Whatever a document says, reading it ends, and what it says is said again.
// Counts that nothing was counted for would turn negative in sums.
func TestReadTotalsRefusesCountsThatAreNone(t *testing.T) {
	for _, text := range []string{
		`{"schema":"immersve-doctor/scan/v1","exchanges":9223372036854775807}`,
		`{"schema":"immersve-doctor/scan/v1","exchanges":-1}`,
		`{"schema":"immersve-doctor/scan/v1","exchanges":1,"byStatus":{"200":9223372036854775807}}`,
		`{"schema":"immersve-doctor/scan/v1","exchanges":1,"byErrorCode":{"KYC_REQUIRED":-5}}`,
	} {
		if totals, err := ReadTotals(strings.NewReader(text)); !errors.Is(err, ErrNotTotals) {
			t.Errorf("%s gives %+v, %v", text, totals, err)
		}
	}
}

func FuzzReadTotals(f *testing.F) {
	f.Add([]byte(document(f, Options{}, map[string][]byte{"a": traffic(rand.New(rand.NewPCG(5, 6)), 60)}, []string{"a"})))
	f.Add([]byte(`{"schema":"immersve-doctor/scan/v1","timeline":{"bucketSeconds":60}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if totals, err := ReadTotals(bytes.NewReader(text)); err == nil {
			all := NewTotals(1)
			all.Merge(totals)
			_ = marshal(t, all)
		}
	})
}

// Whatever an input holds, the size of blocks and the number of lanes change
// nothing.
func FuzzBlocks(f *testing.F) {
	f.Add(traffic(rand.New(rand.NewPCG(1, 1)), 20))
	f.Add([]byte(`{"log":{"version":"1.2","entries":[` + lines()[19].line + `,{"a":[}},` + lines()[19].line + `]}}`))
	f.Add([]byte("[" + lines()[0].line + ",\n" + lines()[1].line + "]"))
	f.Add([]byte("{\n\"statusCode\":200\n}\n{\n\"statusCode\":403}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		inputs := map[string][]byte{"x": data}
		want := document(t, Options{Block: 1 << 20}, inputs, []string{"x"})
		for _, size := range []int{64, 777} {
			if diff := cmp.Diff(want, document(t, Options{Block: size, Workers: 2}, inputs, []string{"x"})); diff != "" {
				t.Errorf("blocks of %d (-want +got):\n%s", size, diff)
			}
		}
	})
}
