package exchange

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

// From which length on a text of a form is masked, and up to which. Shorter ones are
// words, counts and ids, which a report has to show.
func TestLengthsThatAreMasked(t *testing.T) {
	const letters = "x7Kq2Lm9Zr4Tn8Wb3Yc6Vd5Hf1Jg0PsQaEuRiOtUy"
	text := func(alphabet string) func(n int) string {
		return func(n int) string { return strings.Repeat(alphabet, n/len(alphabet)+1)[:n] }
	}
	words := func(n int) string {
		return strings.Join(strings.Fields(strings.Repeat("legal winner thank year wave sausage worth useful ", 4))[:n], " ")
	}
	card := func(n int) string { return withCheckDigit(text("453201511283036")(n - 1)) }
	for _, tc := range []struct {
		form string // %s is the text
		of   func(n int) string
		most int
		want string
	}{
		{"Bearer %s", text(letters), 60, "16-"},
		{"sent Bearer %s to it", text(letters), 60, "16-"},
		{"token=%s", text(letters), 60, "12-"},
		{`{"token":"%s"}`, text(letters), 60, "12-"},
		{`{"accessToken":"%s"}`, text(letters), 60, "1-"},
		{`{"refreshToken": "%s"}`, text(letters), 60, "1-"},
		{"password=%s", text(letters), 40, "1-"},
		{"x-api-secret: %s", text(letters), 60, "1-"},
		{"imm-secret-test-%s", text("0123456789abcdef"), 80, "8-"},
		{"imm-key-test-%s", text("0123456789abcdef"), 80, ""},
		{"paid with %s today", card, 24, "13-13 16-16 19-19"},
		{`"cardPan":"%s"`, text("4532015112830366"), 24, "1-"},
		{`"cardCvv":"%s"`, text("737"), 8, "1-"},
		{`"newPin":"%s"`, text("2748"), 12, "1-"},
		{"mnemonic: %s", words, 26, "1-"},
		{"the words %s are his", words, 26, "8-"},
		{"0x%s", text("4c0883a69102937d"), 140, ""},
		{`"privateKey":"%s"`, text("4c0883a69102937d"), 140, "1-"},
		{"eyJhbGciOiJSUzI1NiJ9.%s", text(letters), 60, "1-"},
		{"Basic %s", func(n int) string { return base64.StdEncoding.EncodeToString([]byte(text(letters)(n))) }, 40, ""},
	} {
		if got := maskedLengths(tc.form, tc.of, tc.most); got != tc.want {
			t.Errorf("%s: masked are the lengths %q, want %q", tc.form, got, tc.want)
		}
	}
}

// withCheckDigit returns digits with their check digit.
func withCheckDigit(digits string) string {
	for c := '0'; c <= '9'; c++ {
		sum := 0
		all := digits + string(c)
		for i := range len(all) {
			d := int(all[len(all)-1-i] - '0')
			if i%2 == 1 {
				if d *= 2; d > 9 {
					d -= 9
				}
			}
			sum += d
		}
		if sum%10 == 0 {
			return all
		}
	}
	return digits
}

func maskedLengths(form string, of func(n int) string, most int) string {
	var list []string
	begin := 0
	for n := 1; n <= most+1; n++ {
		text := fmt.Sprintf(form, of(min(n, most)))
		masked := n <= most && MaskText(text) != text
		switch {
		case masked && begin == 0:
			begin = n
		case !masked && begin > 0:
			if n > most {
				list = append(list, fmt.Sprintf("%d-", begin))
			} else {
				list = append(list, fmt.Sprintf("%d-%d", begin, n-1))
			}
			begin = 0
		}
	}
	return strings.Join(list, " ")
}

func TestBracketsInStringsDoNotNest(t *testing.T) {
	for text, want := range map[string]Nesting{
		`{"a":"[{","b":[1]}`: {Deepest: 2, End: 18},
		`{"a":"\"}"}`:        {Deepest: 1, End: 11},
		`{"a":{}} {`:         {Deepest: 2, End: 8, Open: true},
		`{"a":"`:             {Deepest: 1, End: 6, Open: true},
		`[]]`:                {Deepest: 1, End: 2},
		`text`:               {End: 4},
	} {
		if got := Brackets(text); got != want {
			t.Errorf("Brackets(%q) = %+v, want %+v", text, got, want)
		}
	}
}

func TestSizeCountsBothBodies(t *testing.T) {
	ex := &Exchange{Request: &Request{Body: NewBody([]byte("12345"))}, Response: &Response{Body: NewBody([]byte("123"))}}
	if got := ex.Size(); got != 8 {
		t.Errorf("Size() = %d, want 8", got)
	}
	ex.Request = nil
	if got := ex.Size(); got != 3 {
		t.Errorf("Size() without a request = %d, want 3", got)
	}
	ex.Response = nil
	if got := ex.Size(); got != 0 {
		t.Errorf("Size() of nothing = %d", got)
	}
}

// What an authorization header shows: its scheme, if that's a word, and the edges of a
// token, but nothing of a password.
func TestAuthorizationKeepsItsScheme(t *testing.T) {
	const token = "x7Kq2Lm9Zr4Tn8Wb3Yc6"
	for raw, want := range map[string]string{
		"Bearer " + token:                  "Bearer x7K…Yc6",
		token:                              "x7K…Yc6",
		"Basic dXNlcjpwYXNzd29yZA==":       "Basic …",
		"bASIC dXNlcjpwYXNzd29yZA==":       "bASIC …",
		"Bearer undefined":                 "Bearer undefined",
		"SomethingLong " + token:           "Som…Yc6",
		"Twelveletter " + token:            "Twelveletter x7K…Yc6",
		"two-words " + token + " and more": "two-words x7K…ore",
		"Bearer short":                     "Bearer …",
	} {
		h := Header{}
		h.Add("Authorization", raw)
		v, _ := h.Get("authorization")
		if got := v.String(); got != want {
			t.Errorf("%q is shown as %q, want %q", raw, got, want)
		}
	}
}

// Texts inside binary data are looked at for secrets: runs of at least three characters,
// in UTF-8 and UTF-16.
func TestTextsOfPackedData(t *testing.T) {
	for _, tc := range []struct{ name, packed, want string }{
		{"a text behind its length", "\x0bpassword: x\x00\x00", "password: x"},
		{"two texts", "abcd\x01efgh\x02", "abcd\x00efgh"},
		{"short runs", "abcdefgh\x01ab\x02\x01c\x02ijk", "abcdefgh\x00ijk"},
		{"UTF-16", "s\x00e\x00c\x00r\x00e\x00t\x00=\x00x\x00", "secret=x"},
		{"zeros between texts", "abcdefgh\x00\x00\x00ijkl", "abcdefgh\x00ijkl"},
		{"too little", "abc\x01def", ""},
	} {
		if got := unpack([]byte(tc.packed)); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestGroupsOfANumber(t *testing.T) {
	for _, tc := range []struct {
		sums []int
		want bool
	}{
		{[]int{16}, true},
		{[]int{4, 8}, true},
		{[]int{4, 9}, false},
		{[]int{4, 8, 12, 16}, true},
		{[]int{4, 10, 15}, true},
		{[]int{2, 4, 6, 8}, false},
		{[]int{5, 9, 13}, false},
		{[]int{3, 7, 11, 16}, false},
		{[]int{4, 8, 13, 17}, false},
		{[]int{3, 7, 11, 13}, true},
	} {
		if got := isRegular(tc.sums); got != tc.want {
			t.Errorf("isRegular(%v) = %v", tc.sums, got)
		}
	}
}

// A number in a program may have a suffix that says its type.
func TestSuffixesOfNumbers(t *testing.T) {
	for text, want := range map[string]int{"": 0, "L": 1, "n,": 1, "ULL)": 3, "i64": 3, "u128;": 4, "i1288": 0, "x": 0, "f64": 3, "abc": 0, "lll": 0} {
		if got := suffixEnd("7"+text, 1); got != 0 && got != want+1 || got == 0 && want != 0 {
			t.Errorf("suffixEnd(7%s) = %d, want %d", text, got, want+1)
		}
	}
}
