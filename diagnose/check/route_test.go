package check_test

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
)

// wrongRoute is a line of testdata/routes.txt.
type wrongRoute struct {
	line, method, target, body string
	meant                      []string
}

func wrongRoutes(t *testing.T) []wrongRoute {
	t.Helper()
	file, err := os.Open("testdata/routes.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var list []wrongRoute
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "# ") {
			continue
		}
		request, meant, _ := strings.Cut(line, " = ")
		request, fields, hasBody := strings.Cut(request, " body ")
		r := wrongRoute{line: line, meant: strings.Fields(meant)}
		r.method, r.target, _ = strings.Cut(request, " ")
		for i := 0; strings.Contains(r.target, "#"); i++ {
			r.target = strings.Replace(r.target, "#", fmt.Sprintf("0b5d6f3d9a1c4e7788aa0c1d2e3fe5f%x", i), 1)
		}
		if hasBody {
			r.body = `{"` + strings.ReplaceAll(fields, ",", `":"x","`) + `":"x"}`
		}
		list = append(list, r)
	}
	return list
}

func (r wrongRoute) diagnose() diagnose.Diagnosis {
	request := &exchange.Request{Method: exchange.Method(r.method), URL: exchange.ParseURL("https://test.immersve.com" + r.target), HeaderCaptured: true}
	request.Body = exchange.NewBody(nil)
	if r.body != "" {
		request.Body = exchange.NewBody([]byte(r.body))
		request.Header.Set("content-type", "application/json")
	}
	return diagnose.Diagnose(&exchange.Exchange{Request: request, Response: &exchange.Response{Status: 404}}, time.Unix(1796000000, 0))
}

// The wrong routes lead to the operation that was meant: it is the only one named,
// or one of up to three. A request that only reads is never turned into one that
// changes something.
func TestAdviceOnRoutes(t *testing.T) {
	for _, r := range wrongRoutes(t) {
		d := r.diagnose()
		i := slices.IndexFunc(d.Findings, func(f check.Finding) bool { return f.ID == "unknown-route" || f.ID == "wrong-method" })
		if i < 0 {
			t.Errorf("%s: no finding about the route", r.line)
			continue
		}
		var named []string
		for _, route := range api.Routes() {
			if slices.Contains(strings.FieldsFunc(d.Findings[i].Fix, func(c rune) bool { return strings.ContainsRune(" (),.", c) }), route.ID) {
				named = append(named, route.ID)
			}
		}
		switch ok := slices.ContainsFunc(named, func(id string) bool { return slices.Contains(r.meant, id) }); {
		case slices.Contains(r.meant, "-"):
			if d.Corrected != nil {
				t.Errorf("%s: corrected to %s", r.line, d.Corrected.URL)
			}
		case !ok, len(named) > 3:
			t.Errorf("%s: advice is %q", r.line, d.Findings[i].Fix)
		}
		if d.Corrected == nil {
			continue
		}
		route := api.MatchRoute(string(d.Corrected.Method), d.Corrected.URL.PathSegments()).Route
		if !slices.Contains(r.meant, route.ID) || strings.ContainsAny(d.Corrected.URL.Path, "{}") {
			t.Errorf("%s: corrected to %s %s", r.line, d.Corrected.Method, d.Corrected.URL)
		}
		if route.Method == "DELETE" && r.method != "DELETE" && r.method != "POST" {
			t.Errorf("%s: a %s is corrected to %s", r.line, r.method, route.ID)
		}
		if api.ReadOnly(r.method) && !route.Reads() {
			t.Errorf("%s: a read is corrected to %s", r.line, route.ID)
		}
	}
}
