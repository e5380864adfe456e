package compare

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/exchange"
)

func diagnosed(t testing.TB, text string) []diagnose.Diagnosis {
	t.Helper()
	now := time.Date(2026, 11, 23, 10, 44, 12, 0, time.UTC)
	var list []diagnose.Diagnosis
	_, err := capture.Each(bytes.NewReader([]byte(text)), "test", capture.Options{}, func(ex *exchange.Exchange) bool {
		list = append(list, diagnose.Diagnose(ex, now))
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// The rule, by the answer: which of several differences explains it. Each call
// differs in method or path, query, body, credentials, account and host.
func TestWhatExplainsWhichAnswer(t *testing.T) {
	const account, other = "0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6", "1c6e7a4e0b2d5f8899bb1d2e3f40f607"
	call := func(account, limit, key, target, answer string) string {
		return fmt.Sprintf("GET /api/accounts/%s/cards?limit=%s HTTP/1.1\nHost: test.immersve.com\nx-api-key: imm-key-test-%s\nx-api-secret: imm-secret-test-%s\nx-account-id: %s\n\n%s\n",
			account, limit, strings.Repeat(key, 64), strings.Repeat(key, 64), target, answer)
	}
	worked := call(account, "5", "a", account, "HTTP/1.1 200 OK\n\n{}")
	for _, tt := range []struct{ name, answer, want string }{
		{"400: an id before an optional parameter", "HTTP/1.1 400 Bad Request\n\n{\"statusCode\":400,\"errorCode\":\"INVALID_REQUEST_INPUT\"}", "accountId"},
		{"400 that names the query", "HTTP/1.1 400 Bad Request\n\n{\"statusCode\":400,\"errors\":[{\"path\":\"limit\",\"message\":\"too small\"}]}", "limit"},
		{"400 that names it by its part", "HTTP/1.1 400 Bad Request\n\n{\"statusCode\":400,\"errors\":[{\"path\":\"query.limit\",\"message\":\"\"}]}", "limit"},
		{"401: credentials", "HTTP/1.1 401 Unauthorized\n\n{\"statusCode\":401}", "x-api-key"},
		{"403: account and ids, then credentials", "HTTP/1.1 403 Forbidden\n\n{\"statusCode\":403,\"errorCode\":\"FORBIDDEN\"}", "x-account-id accountId x-api-key"},
		{"404: method, path, host, and none of them differs", "HTTP/1.1 404 Not Found\n\n{\"statusCode\":404}", ""},
		{"429: nothing", "HTTP/1.1 429 Too Many Requests\n\n{\"statusCode\":429}", ""},
		{"500: nothing", "HTTP/1.1 500 Internal Server Error\n\n{\"statusCode\":500}", ""},
		{"200: nothing", "HTTP/1.1 200 OK\n\n{}", ""},
	} {
		failed := call(other, "6", "b", other, tt.answer)
		c := Compare(diagnosed(t, failed)[0], diagnosed(t, worked)[0])
		var got []string
		for _, d := range c.Differences {
			if d.Explains {
				got = append(got, d.Name)
			}
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		if c.Requests() != 4 {
			t.Errorf("%s: %d differences between the requests, want 4", tt.name, c.Requests())
		}
	}
}

// Comparing an exchange with itself finds nothing.
func TestNothingDiffersFromItself(t *testing.T) {
	for _, folder := range []string{"compare/*", "corpus"} {
		files, err := filepath.Glob("../../testdata/" + folder + "/*.in")
		if folder == "corpus" {
			files, err = filepath.Glob("../../testdata/corpus/faulty/*.in")
		}
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", folder, len(files), err)
		}
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range diagnosed(t, string(text)) {
				if c := Compare(d, d); len(c.Differences) > 0 {
					t.Errorf("%s: %+v", name, c.Differences[0])
				}
			}
		}
	}
}

// Of captures with several exchanges the last failure is paired with the last
// success of its operation.
func TestPairs(t *testing.T) {
	cards := func(status int) string {
		return fmt.Sprintf("GET /api/accounts/0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6/cards HTTP/1.1\nHost: test.immersve.com\n\nHTTP/1.1 %d X\n\n{}\n\n", status)
	}
	currencies := func(status int) string {
		return fmt.Sprintf("GET /api/currencies HTTP/1.1\nHost: test.immersve.com\n\nHTTP/1.1 %d X\n\n{}\n\n", status)
	}
	misspelt := "GET /api/curencies HTTP/1.1\nHost: test.immersve.com\n\nHTTP/1.1 404 X\n\n{}\n\n"
	for _, tt := range []struct {
		name           string
		failed, worked string
		f, w           int
	}{
		{"one each", cards(401), cards(200), 0, 0},
		{"the last failure", cards(401) + cards(403) + cards(200), cards(200), 1, 0},
		{"the last success of its operation", currencies(401), currencies(200) + currencies(200) + cards(200), 0, 1},
		{"successes before failures", currencies(401), currencies(200) + currencies(500), 0, 0},
		{"the last failure that has its like", currencies(401) + cards(401), currencies(200), 0, 0},
		{"a misspelt path", misspelt, currencies(200) + cards(200), 0, 0},
		{"no like: the last that worked", cards(401), currencies(200) + currencies(200), 0, 1},
		{"a capture without requests", "HTTP/1.1 401 X\n\n{}\n", cards(200) + currencies(200), 0, 1},
		{"no success: the same operation all the same", cards(401), cards(401) + currencies(500), 0, 0},
		{"nothing failed", cards(200) + currencies(200), cards(200) + currencies(200), 1, 1},
	} {
		f, w := Pair(diagnosed(t, tt.failed), diagnosed(t, tt.worked))
		if f != tt.f || w != tt.w {
			t.Errorf("%s: took %d and %d, want %d and %d", tt.name, f, w, tt.f, tt.w)
		}
	}
}

// What a capture does not show is unseen, never absent.
func TestUnseenIsNotAbsent(t *testing.T) {
	whole := "POST /api/cards HTTP/1.1\nHost: test.immersve.com\nx-api-key: k\nx-api-secret: s\nContent-Type: application/json\n\n{\"cardProgramId\":\"a\"}\n\nHTTP/1.1 200 OK\n\n{}\n"
	response := "HTTP/1.1 403 Forbidden\n\n{\"statusCode\":403}\n"
	verbose := "> POST /api/cards HTTP/1.1\n> Host: test.immersve.com\n> x-api-key: k\n> x-api-secret: s\n> Content-Type: application/json\n> Content-Length: 21\n> \n< HTTP/1.1 403 Forbidden\n< \n{\"statusCode\":403}\n"
	for _, tt := range []struct{ name, failed, worked, unseen string }{
		{"response alone", response, whole, "failed request"},
		{"the other side", whole, response, "worked request"},
		{"both", response, response, "failed request, worked request"},
		{"curl -v shows no body", verbose, whole, "failed request.body"},
		{"nothing is hidden", whole, whole, ""},
	} {
		c := Compare(diagnosed(t, tt.failed)[0], diagnosed(t, tt.worked)[0])
		var got []string
		for _, u := range c.Unseen {
			got = append(got, string(u.Side)+" "+u.Part)
		}
		if diff := cmp.Diff(tt.unseen, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		if c.Requests() > 0 {
			t.Errorf("%s: %+v", tt.name, c.Differences)
		}
	}
}
