package cmd

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
)

// isStrange reports whether an exchange has nothing to do with the API: its host
// is neither Immersve's API nor this machine, and its path is no documented one.
// A browser's HAR is full of these.
func isStrange(ex *exchange.Exchange, allowHosts []string) bool {
	r := ex.Request
	if r == nil || r.URL.Host == "" {
		return false
	}
	host := api.FindHost(r.URL.Host)
	return !host.Ours() && !slices.Contains(allowHosts, host.Name) && !api.MatchRoute(string(r.Method), r.URL.PathSegments()).Found()
}

// Bounds of what is kept of strange exchanges while none of the API's was seen.
const (
	maxStrangers     = 20
	maxStrangerBytes = 8 << 20
)

// strangers sorts the exchanges of a HAR: once one of the API's is there, only
// those count. Until then the first strange ones are held back, for they may be
// all there is.
type strangers struct {
	show   func(*exchange.Exchange) bool
	off    bool // show all of them
	seen   bool // an exchange of the API's was seen
	held   []*exchange.Exchange
	size   int
	hidden int
	asked  int // of the hidden ones: CORS preflights that succeeded
}

// add shows an exchange, or holds it back.
func (s *strangers) add(ex *exchange.Exchange) bool {
	switch {
	case s.off || ex.Source.Kind != exchange.KindHAR:
		return s.show(ex)
	case isPreflight(ex):
		s.hidden++
		s.asked++
	case !isStrange(ex, nil):
		s.seen, s.hidden, s.held = true, s.hidden+len(s.held), nil
		return s.show(ex)
	case s.seen || len(s.held) == maxStrangers || s.size > maxStrangerBytes:
		s.hidden++
	default:
		s.held = append(s.held, ex)
		s.size += sizeOf(ex)
	}
	return true
}

func sizeOf(ex *exchange.Exchange) int {
	size := 0
	if ex.Request != nil {
		size = len(ex.Request.Body.Bytes())
	}
	if ex.Response != nil {
		size += len(ex.Response.Body.Bytes())
	}
	return size
}

// rest shows what was held back when nothing of the API's came.
func (s *strangers) rest() {
	for _, ex := range s.held {
		if !s.show(ex) {
			return
		}
	}
}

// isPreflight knows what a browser asks before a call of another origin (Fetch
// standard, CORS-preflight fetch). One that succeeded says nothing of the call.
func isPreflight(ex *exchange.Exchange) bool {
	if ex.Request == nil || ex.Request.Method != http.MethodOptions || ex.Response == nil || ex.Response.Status/100 != 2 {
		return false
	}
	_, ok := ex.Request.Header.Get("access-control-request-method")
	return ok
}

// said says how many exchanges were left out, "" for none.
func (s *strangers) said() string {
	var kinds []string
	if n := s.hidden - s.asked; n > 0 {
		kinds = append(kinds, counted(n, "request")+" to other hosts")
	}
	if s.asked > 0 {
		kinds = append(kinds, counted(s.asked, "successful CORS preflight"))
	}
	if len(kinds) == 0 {
		return ""
	}
	return fmt.Sprintf("skipped %s (use --all-hosts to show them)", strings.Join(kinds, ", "))
}

// counted writes a number of things.
func counted(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	if stem, ok := strings.CutSuffix(word, "y"); ok && stem != "" {
		return fmt.Sprintf("%d %sies", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, word)
}
