package probe

import (
	"fmt"
	"strings"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/exchange"
)

// hostAllowed compares only the hosts, as the docs say.
func hostAllowed(w *walk, r reply, path string) (diagnose.State, string) {
	page := exchange.ParseURL(w.content("url").String())
	if page.Host == "" || !r.get(path).IsArray() {
		return diagnose.Unknown, "seen: " + origins(r.get(path))
	}
	for _, allowed := range r.get(path).Array() {
		if exchange.ParseURL(allowed.String()).Host == page.Host {
			return diagnose.OK, fmt.Sprintf("%s is the host of an allowed origin", clip(page.Host))
		}
	}
	return diagnose.Problem, fmt.Sprintf("url has the host %s, %s", clip(page.Host), origins(r.get(path)))
}

// originAllowed compares scheme, host and port.
func originAllowed(w *walk, r reply, path string) (diagnose.State, string) {
	page := exchange.ParseURL(w.content("url").String())
	if page.Host == "" || !r.get(path).IsArray() {
		return diagnose.Unknown, "seen: " + origins(r.get(path))
	}
	origin := page.Scheme + "://" + page.Authority()
	return truth(containsFold(r.get(path), origin), fmt.Sprintf("url has the origin %s, %s", clip(origin), origins(r.get(path))))
}

// originField compares the Origin header character by character.
func originField(w *walk, r reply, path string) (diagnose.State, string) {
	request := w.Diagnosis.Exchange.Request
	field, sent := request.Header.Get("origin")
	switch {
	case !r.get(path).IsArray() || !sent && !request.HeaderCaptured:
		return diagnose.Unknown, "seen: " + origins(r.get(path))
	case !sent:
		return diagnose.Problem, "the request has no Origin header, " + origins(r.get(path))
	}
	for _, allowed := range r.get(path).Array() {
		if allowed.String() == field.Reveal() {
			return diagnose.OK, fmt.Sprintf("%q is an allowed origin", clip(field.String()))
		}
	}
	return diagnose.Problem, fmt.Sprintf("Origin is %q, %s", clip(field.String()), origins(r.get(path)))
}

// origins lists the first few allowed origins.
func origins(list gjson.Result) string {
	var shown []string
	entries := list.Array()
	for i, v := range entries {
		if i == 3 {
			shown = append(shown, fmt.Sprintf("%d more", len(entries)-i))
			break
		}
		shown = append(shown, clip(v.String()))
	}
	return "allowed: " + strings.Join(shown, ", ")
}
