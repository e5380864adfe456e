package compare

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"immersve-doctor/diagnose/exchange"
)

func jsonPairs() []struct{ name, a, b, want string } {
	return []struct{ name, a, b, want string }{
		{"white space", "{ \"a\" : 1 }\n", `{"a":1}`, ""},
		{"order of members", `{"a":1,"b":2}`, `{"b":2,"a":1}`, ""},
		{"numbers by value", `[1,1.50,1e3,-0,100]`, `[1.0,1.5,1000,0,1.00E+2]`, ""},
		{"an amount that no float holds", `13140000000000000001`, `13140000000000000000`, "<root>"},
		{"escapes", `{"\u0061":"\u00e9"}`, `{"a":"é"}`, ""},
		{"missing and added", `{"a":1,"b":2}`, `{"b":2,"c":3}`, "/a /c"},
		{"changed", `{"a":{"b":[1,2,3]}}`, `{"a":{"b":[1,9,3]}}`, "/a/b/1"},
		{"longer array", `[1]`, `[1,2,3]`, "/1 /2"},
		{"type changed", `{"a":"1"}`, `{"a":1}`, "/a"},
		{"null is a value", `{"a":null}`, `{}`, "/a"},
		{"empty name and empty string", `{"":1}`, `{"":""}`, "/"},
		{"names that a pointer escapes", `{"a/b":1,"m~n":1}`, `{"a/b":2,"m~n":2}`, "/a~1b /m~0n"},
		{"root", `[]`, `{}`, "<root>"},
		{"the last duplicate counts", `{"a":1,"a":2}`, `{"a":2}`, ""},
		{"a whole object", `{"a":{"b":1,"c":2}}`, `{}`, "/a"},
	}
}

func TestJSONByPointer(t *testing.T) {
	for _, tt := range jsonPairs() {
		for _, order := range [][2]string{{tt.a, tt.b}, {tt.b, tt.a}} {
			got := pointers([]byte(order[0]), []byte(order[1]))
			want := strings.Fields(tt.want)
			if i := slices.Index(want, "<root>"); i >= 0 {
				want[i] = ""
			}
			if diff := cmp.Diff(want, got, cmp.Transformer("empty", func(s []string) string { return strings.Join(s, " ") + fmt.Sprint(len(s)) })); diff != "" {
				t.Errorf("%s, %s with %s: %s", tt.name, order[0], order[1], diff)
			}
		}
	}
}

func FuzzJSONIsSymmetrical(f *testing.F) {
	for _, tt := range jsonPairs() {
		f.Add([]byte(tt.a), []byte(tt.b))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if !exchange.ValidJSON(a) || !exchange.ValidJSON(b) {
			return
		}
		if got := pointers(a, a); len(got) > 0 {
			t.Errorf("%q differs from itself at %q", a, got)
		}
		there, back := pointers(a, b), pointers(b, a)
		if !slices.Equal(there, back) {
			t.Errorf("%q with %q: %q one way, %q the other", a, b, there, back)
		}
	})
}

func TestNumbersByValue(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		same bool
	}{
		{"1", "1.0", true},
		{"0", "-0.00e5", true},
		{"1e2", "100", true},
		{"0.001", "1E-3", true},
		{"123456789012345678901234567890", "123456789012345678901234567890.0", true},
		{"123456789012345678901234567890", "123456789012345678901234567891", false},
		{"1", "-1", false},
		{"10", "1", false},
		{"1e400", "1e401", false},
		{"1e99999999999999999999", "1e99999999999999999998", false}, // no number of ours: as written
		{"1e99999999999999999999", "1e99999999999999999999", true},
	} {
		if got := sameNumber(tt.a, tt.b); got != tt.same || sameNumber(tt.b, tt.a) != tt.same {
			t.Errorf("%s and %s: same is %v, want %v", tt.a, tt.b, got, tt.same)
		}
	}
}

// Of bodies of megabytes and of great depth, no more differences are kept than
// anybody reads.
func TestJSONIsBounded(t *testing.T) {
	wide := func(v string) []byte { return []byte("[" + strings.Repeat(v+",", 300_000) + v + "]") }
	deep := func(v string) []byte {
		return []byte(strings.Repeat(`{"a":[`, 499) + v + strings.Repeat("]}", 499))
	}
	for name, pair := range map[string][2][]byte{"wide": {wide("1"), wide("2")}, "deep": {deep("1"), deep("2")}, "same": {wide("1"), wide("1.0")}} {
		got := pointers(pair[0], pair[1])
		if len(got) > maxDifferences || name != "same" && len(got) == 0 || name == "same" && len(got) > 0 {
			t.Errorf("%s: %d differences", name, len(got))
		}
		for _, p := range got {
			if len(p) > maxPointer+len("…") {
				t.Errorf("%s: a pointer of %d bytes", name, len(p))
			}
		}
	}
}
