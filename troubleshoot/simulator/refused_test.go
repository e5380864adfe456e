package simulator

import (
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"immersve-doctor/diagnose/api"
)

// ids are all values of the demo accounts, and some that name nothing.
func ids(d Demo) []string {
	list := []string{"x", "0", "null", "%", "../secure"}
	v := reflect.ValueOf(d)
	for i := range v.NumField() {
		if v.Field(i).Kind() == reflect.String && v.Field(i).String() != "" {
			list = append(list, v.Field(i).String())
		}
	}
	return list
}

// TestEveryOperationRefusesEveryBadCredential asks each operation about each thing
// that exists, with every kind of credential that isn't valid: 401 comes first,
// whatever the request names.
func TestEveryOperationRefusesEveryBadCredential(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.TokenTTL = time.Minute })
	expired := w.user()
	w.pass(time.Minute)
	d := w.d
	bad := map[string][]string{
		"missing":          nil,
		"empty":            {"Authorization", "", "X-Api-Key", "", "X-Api-Secret", ""},
		"account only":     {"X-Account-Id", d.CardholderAccountID},
		"key only":         {"X-Api-Key", d.APIKey},
		"secret only":      {"X-Api-Secret", d.APISecret},
		"wrong secret":     {"X-Api-Key", d.APIKey, "X-Api-Secret", d.AdminSecret},
		"wrong key":        {"X-Api-Key", "imm-key-test-0", "X-Api-Secret", d.APISecret},
		"swapped":          {"X-Api-Key", d.APISecret, "X-Api-Secret", d.APIKey},
		"blank":            {"X-Api-Key", " ", "X-Api-Secret", " "},
		"token expired":    expired,
		"token refresh":    {"Authorization", "Bearer " + d.RefreshToken},
		"token cut":        {"Authorization", "Bearer " + d.AccessToken[:40]},
		"token of dots":    {"Authorization", "Bearer .."},
		"scheme only":      {"Authorization", "Bearer"},
		"scheme and blank": {"Authorization", "Bearer "},
		"no scheme":        {"Authorization", d.AccessToken},
		"other scheme":     {"Authorization", "Basic dTpw"},
	}
	asked := 0
	for _, r := range api.Routes() {
		op, err := api.Lookup(r.ID)
		if err != nil {
			t.Fatal(err)
		}
		if op.Security == api.SecurityNone {
			continue
		}
		for _, id := range ids(d) {
			for name, as := range bad {
				asked++
				c := call{op: r.ID, path: slices.Repeat([]string{id}, strings.Count(r.Path, "{")), as: as}
				if op.RequestBody != nil {
					c.body = `{"accountId":"` + id + `"}`
				}
				if answer := w.do(c); answer.status != http.StatusUnauthorized {
					t.Errorf("%s of %q, credentials %s: status %d, want 401", r.ID, id, name, answer.status)
				}
				w.s.limit = newLimiter(1000, 1000)
			}
		}
	}
	t.Logf("%d requests", asked)
}

// A request on which the simulator panics costs that request only, and shows no
// stack.
func TestServerSurvivesAPanic(t *testing.T) {
	logged := make(chan int, 2)
	s, server := start(t, Options{Log: func(_, _ string, status int) { logged <- status }})
	s.now = func() time.Time { panic("imm-secret-test-value") }
	response, err := http.DefaultClient.Do(newRequest(t, "GET", server.URL+"/api/currencies"))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if text := string(body); response.StatusCode != 500 || strings.Contains(text, "imm-secret") || strings.Contains(text, "goroutine") || !strings.Contains(text, "(refused_test.go:") {
		t.Errorf("status %d, body %s", response.StatusCode, text)
	}
	if status := <-logged; status != 500 {
		t.Errorf("logged %d", status)
	}
}
