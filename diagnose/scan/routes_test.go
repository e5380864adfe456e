package scan

import (
	"math/rand/v2"
	"strings"
	"testing"

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
