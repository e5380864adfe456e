package compare

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

const cards = "/api/accounts/0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6/cards"

// get is a captured call: the request's headers and the response's status.
func get(host, headers string, status int) string {
	return fmt.Sprintf("GET %s HTTP/1.1\nHost: %s\n%s\nHTTP/1.1 %d X\nDate: Mon, 23 Nov 2026 10:44:12 GMT\nContent-Type: application/json\n\n{\"statusCode\":%d}\n", cards, host, headers, status, status)
}

func jwtOf(claims string) string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"RS256"}`)) + "." + part([]byte(claims)) + ".c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"
}

func bearer(claims string) string { return "Authorization: Bearer " + jwtOf(claims) + "\n" }

func keys(key, secret string) string {
	return "x-api-key: " + key + "\nx-api-secret: " + secret + "\n"
}

// lines describes the differences of two calls.
func lines(t *testing.T, failed, worked string) string {
	t.Helper()
	f, w := diagnosed(t, failed), diagnosed(t, worked)
	if len(f) != 1 || len(w) != 1 {
		t.Fatalf("%d and %d calls", len(f), len(w))
	}
	c := Compare(f[0], w[0])
	var list []string
	for _, d := range c.Differences {
		if d.InAnswer() {
			continue
		}
		explains := ""
		if d.Explains {
			explains = "!"
		}
		list = append(list, explains+d.Name+d.Pointer+" "+d.Failed.Text+"→"+d.Worked.Text+" ("+d.Describe()+")")
	}
	return strings.Join(list, "\n")
}

func has(text string, parts ...string) bool {
	for _, p := range parts {
		if !strings.Contains(text, p) {
			return false
		}
	}
	return true
}

const (
	test1 = "imm-key-test-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	test2 = "imm-key-test-ffff456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	live  = "imm-key-prod-LIVE-0123456789abcdef0123456789abcdef"
	sec1  = "imm-secret-test-fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
	sec2  = "imm-secret-test-ffffba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
)

// What the two calls' credentials differ in, and what of it explains a 401.
func TestCredentialsThatDiffer(t *testing.T) {
	for _, tc := range []struct {
		name, failed, worked string
		want, never          []string
	}{
		{"an expired token", bearer(`{"sub":"a","exp":1795429865}`), bearer(`{"sub":"a","exp":1795430952}`), []string{"!authorization/exp", "2026-11-23"}, nil},
		{"a token without a time", bearer(`{"sub":"a","exp":"soon"}`), bearer(`{"sub":"a","exp":1795430952}`), []string{"authorization"}, []string{"!authorization/exp"}},
		{"a time that isn't one", bearer(`{"sub":"a","exp":1e300}`), bearer(`{"sub":"a","exp":1795430952}`), []string{"authorization"}, nil},
		{"the same user's other token", bearer(`{"sub":"a","jti":"1"}`), bearer(`{"sub":"a","jti":"2"}`), []string{"a different token with the same sub"}, nil},
		{"another user's token", bearer(`{"sub":"a"}`), bearer(`{"sub":"b"}`), []string{"authorization/sub a→b"}, []string{"same sub"}},
		{"a key of the other environment", keys(live, sec1), keys(test1, sec1), []string{"a live key, but a test key in WORKED"}, nil},
		{"a key of no environment", keys("my-own-key-of-some-length", sec1), keys(test1, sec1), []string{"x-api-key"}, []string{"but a"}},
		{"another key of the same environment", keys(test2, sec1), keys(test1, sec1), []string{"!x-api-key"}, []string{"but a", "x-api-secret"}},
		{"another secret", keys(test1, sec2), keys(test1, sec1), []string{"!x-api-secret"}, []string{"x-api-key", "ba9876543210fedcba"}},
		{"no secret", "x-api-key: " + test1 + "\n", keys(test1, sec1), []string{"!x-api-secret"}, []string{"x-api-key "}},
		{"a key where the other had none", keys(test1, sec1), "", []string{"!x-api-key API key imm-key-test-…cdef→"}, []string{"x-api-secret"}},
		{"no credentials", "", keys(test1, sec1), []string{"!x-api-key →API key imm-key-test-…cdef"}, []string{"x-api-secret"}},
		{"a claim with a secret's name", bearer(`{"sub":"a","password":"hunter22hunter"}`), bearer(`{"sub":"a","password":"hunter33hunter"}`), []string{"authorization"}, []string{"hunter"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := lines(t, get("test.immersve.com", tc.failed, 401), get("test.immersve.com", tc.worked, 200))
			if !has(got, tc.want...) {
				t.Errorf("no %q in\n%s", tc.want, got)
			}
			for _, n := range tc.never {
				if strings.Contains(got, n) {
					t.Errorf("%q in\n%s", n, got)
				}
			}
		})
	}
}

// A header that only one call has differs, whichever of the two it is.
func TestAHeaderOfOneSideDiffers(t *testing.T) {
	with, without := keys(test1, sec1)+"x-account-id: 1c6e7a4e0b2d5f8899bb1d2e3f40f607\n", keys(test1, sec1)
	if got := lines(t, get("test.immersve.com", with, 403), get("test.immersve.com", without, 200)); !has(got, "!x-account-id") {
		t.Errorf("only in the failed call:\n%s", got)
	}
	if got := lines(t, get("test.immersve.com", without, 403), get("test.immersve.com", with, 200)); !has(got, "!x-account-id") {
		t.Errorf("only in the call that worked:\n%s", got)
	}
}

// What both calls have in common explains nothing, even if it's a finding of the failed one.
func TestSharedFindingsExplainNothing(t *testing.T) {
	body := func(extra string, status int) string {
		return "POST /api/support/session HTTP/1.1\nHost: test.immersve.com\n" + keys(test1, sec1) + "Content-Type: application/json\n\n{\"accountId\":\"0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6\",\"memo\":\"x\"" + extra + "}\n\n" +
			fmt.Sprintf("HTTP/1.1 %d X\nContent-Type: application/json\n\n{\"statusCode\":%d}\n", status, status)
	}
	got := lines(t, body("", 400), body("", 200))
	if got != "" {
		t.Errorf("two equal requests differ in\n%s", got)
	}
	if got = lines(t, body(`,"note":"y"`, 400), body("", 200)); !has(got, "note/note") || strings.Contains(got, "memo") {
		t.Errorf("one field more:\n%s", got)
	}
}

// Another host of another environment explains what its credentials can't.
func TestHostsThatDiffer(t *testing.T) {
	got := lines(t, get("api.immersve.com", keys(test1, sec1), 401), get("test.immersve.com", keys(test1, sec1), 200))
	if !has(got, "!host") {
		t.Errorf("a test key on the live host:\n%s", got)
	}
}

// A value is masked by its name or its form, and shown otherwise.
func TestMaskedPair(t *testing.T) {
	for _, tc := range []struct{ name, value, want string }{
		{"limit", "50", "50"},
		{"password", "", ""},
		{"password", "x", "…"},
		{"password", "two words", "…"},
		{"refreshToken", "x7Kq2Lm9Zr4Tn8Wb3Yc6Vd5H", "x7K…d5H"},
		{"password", strings.Repeat("x", maxMasked), fmt.Sprintf("%d bytes", maxMasked)},
	} {
		if got := maskedPair(tc.name, tc.value); got != tc.want {
			t.Errorf("maskedPair(%q, %.20q) = %q, want %q", tc.name, tc.value, got, tc.want)
		}
	}
}
