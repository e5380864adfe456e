// Package planted tests the diagnosis with requests that nobody wrote down: it makes
// sound ones from the documented facts alone, plants one everyday mistake in each,
// shows them as captures, and demands that the mistake is what the diagnosis names
// first. It doesn't use what the checks use.
//
//	PLANTED_SEED=42 PLANTED_COUNT=20 go test ./diagnose/planted -v
package planted_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/scan"
)

// settings returns the seed and how often each pair of operation and mistake is tried.
func settings(t *testing.T) (seed uint64, count int) {
	t.Helper()
	seed, count = 1, 1
	for name, to := range map[string]func(n uint64){
		"PLANTED_SEED": func(n uint64) { seed = n }, "PLANTED_COUNT": func(n uint64) { count = int(n) },
	} {
		if text := os.Getenv(name); text != "" {
			n, err := strconv.ParseUint(text, 10, 63)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			to(n)
		}
	}
	t.Logf("PLANTED_SEED=%d PLANTED_COUNT=%d", seed, count)
	return seed, count
}

// jsonOperations are the operations whose body is JSON, or that have none.
func jsonOperations(t *testing.T) []*api.Operation {
	t.Helper()
	var list []*api.Operation
	for _, r := range api.Routes() {
		op, err := api.Lookup(r.ID)
		if err != nil {
			t.Fatal(err)
		}
		if op.RequestBody == nil || op.RequestBody.ContentType == "application/json" {
			list = append(list, op)
		}
	}
	return list
}

func read(t *testing.T, text string) *diagnose.Diagnosis {
	t.Helper()
	var list []diagnose.Diagnosis
	take := func(ex *exchange.Exchange) bool {
		list = append(list, diagnose.Diagnose(ex, now))
		return true
	}
	_, err := capture.Each(strings.NewReader(text), "planted", capture.Options{}, take)
	if len(list) == 0 {
		_, _, err = scan.Each(t.Context(), "planted", strings.NewReader(text), take)
	}
	if err != nil || len(list) != 1 {
		t.Errorf("%d exchanges, %v:\n%s", len(list), err, text)
		return nil
	}
	return &list[0]
}

func errorsOf(d *diagnose.Diagnosis) []string {
	var list []string
	for _, f := range d.Findings {
		if f.Severity == check.Error {
			list = append(list, f.ID+" ("+f.Title+")")
		}
	}
	return list
}

// The first finding is the planted mistake, in at least 98 of 100 exchanges of each kind
// of capture. Each miss is printed with what reproduces it.
func TestFirstFindingIsThePlantedMistake(t *testing.T) {
	seed, count := settings(t)
	right, all := map[string]int{}, map[string]int{}
	total, hits := 0, 0
	for i, op := range jsonOperations(t) {
		for j, mistake := range mistakes() {
			for k := range count {
				m := maker{rand.New(rand.NewPCG(seed, uint64(i)<<32|uint64(j)<<16|uint64(k)))}
				c := m.sound(op)
				if !mistake.plant(m, c) {
					continue
				}
				usable := slices.DeleteFunc(forms(), func(f form) bool { return f.shows < mistake.needs || f.render(c) == "" })
				f := usable[m.IntN(len(usable))]
				d := read(t, f.render(c))
				if d == nil {
					continue
				}
				total++
				all[mistake.name]++
				first := "nothing"
				if len(d.Findings) > 0 {
					first = d.Findings[0].ID
				}
				if slices.Contains(mistake.wants, first) {
					hits++
					right[mistake.name]++
					continue
				}
				t.Logf("%s with %s as %s: first is %s, want %v\n%s", op.ID, mistake.name, f.name, first, mistake.wants, f.render(c))
			}
		}
	}
	for _, mistake := range mistakes() {
		t.Logf("%-40s %3d of %3d", mistake.name, right[mistake.name], all[mistake.name])
		if all[mistake.name] == 0 {
			t.Errorf("%s was never planted", mistake.name)
		}
	}
	t.Logf("%d of %d (%.1f %%)", hits, total, 100*float64(hits)/float64(max(total, 1)))
	if total < 500 || hits*100 < total*98 {
		t.Errorf("the planted mistake comes first in %d of %d exchanges, want 98 %%; seed %d", hits, total, seed)
	}
}

// A sound request isn't accused: not when it succeeds, not when it's refused for what it
// doesn't show, not before it is sent.
func TestSoundRequestsAreNotAccused(t *testing.T) {
	seed, count := settings(t)
	for i, op := range jsonOperations(t) {
		for k := range 4 * count {
			m := maker{rand.New(rand.NewPCG(seed, uint64(i)<<32|uint64(k)|1<<60))}
			c := m.sound(op)
			state := m.pick("success", "forbidden", "not sent")
			text := ""
			switch state {
			case "forbidden":
				c.answer(403, "Forbidden", "FORBIDDEN", `,"reason":"Unauthorized"`)
			case "not sent":
				text = command(c) + "\n"
			}
			if text == "" {
				f := forms()[m.IntN(len(forms()))]
				text = f.render(c)
			}
			if d := read(t, text); d != nil {
				if list := errorsOf(d); len(list) > 0 {
					t.Errorf("%s (%s): accused of %s; %s\n%s", op.ID, state, strings.Join(list, ", "), fmt.Sprintf("PLANTED_SEED=%d", seed), text)
				}
			}
		}
	}
}
