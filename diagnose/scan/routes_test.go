package scan

import (
	"math/rand/v2"
	"strings"
	"testing"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
)

// The tree gives the operation that api.MatchRoute gives, for every route, for
// what is nearly one, and for paths made of the routes' own words.
func TestRoutesAreThoseOfTheRouteTable(t *testing.T) {
	r := newRoutes()
	var words []string
	for _, route := range api.Routes() {
		words = append(words, strings.Split(route.Path, "/")...)
	}
	random := rand.New(rand.NewPCG(1, 2))
	paths := []string{"/", "//", "", "/api", "/api/cards/", "/api/cards/%7BcardId%7D", "/api//cards", "/API/cards", "x"}
	for _, route := range api.Routes() {
		paths = append(paths, route.Path, route.Path+"/", strings.Replace(route.Path, "/api", "", 1), strings.NewReplacer("{", "", "}", "").Replace(route.Path))
	}
	for range 20000 {
		path := ""
		for range 1 + random.IntN(6) {
			path += "/" + words[random.IntN(len(words))]
		}
		paths = append(paths, path)
	}
	for _, path := range paths {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "get", ""} {
			want := ""
			if path != "" {
				want = api.MatchRoute(strings.ToUpper(method), exchange.URL{Path: path}.PathSegments()).Route.ID
			}
			if got := r.names[r.find([]byte(method), []byte(path))]; got != want {
				t.Errorf("%s %s is %q, want %q", method, path, got, want)
			}
		}
	}
}

// What a lane remembers of an exchange without headers and bodies is what the
// diagnosis of another with other ids says.
func TestRememberedLeadsAreRight(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	ids := []string{"d1bc97edfa4f7dc9b56726c7d82a9956", strings.Repeat("0", 32), strings.Repeat("4", 32), "{id}", "undefined", "17", "", strings.Repeat("F", 32)}
	id := func() string {
		if random.IntN(2) == 0 {
			return ids[random.IntN(len(ids))]
		}
		const digits = "0123456789abcdef"
		b := make([]byte, 32)
		for i := range b {
			b[i] = digits[random.IntN(16)]
		}
		return string(b)
	}
	l := newLane(New(Options{Now: clock}))
	for range 30 {
		for _, route := range api.Routes() {
			segments := strings.Split(route.Path, "/")
			for i, s := range segments {
				if strings.HasPrefix(s, "{") {
					segments[i] = id()
				}
			}
			e := entry{
				method: []byte(route.Method), target: []byte(strings.Join(segments, "/")), status: []int{400, 401, 403, 404, 429, 500, 302}[random.IntN(7)],
				host: []byte([]string{"", "api.immersve.com", "test.immersve.com"}[random.IntN(3)]),
			}
			want := diagnose.LeadOf(e.exchange(), clock)
			for range 2 {
				if got := l.leadOf(&e); got != want {
					t.Fatalf("%s %s: remembered %+v, want %+v", e.method, e.target, got, want)
				}
			}
		}
	}
}
