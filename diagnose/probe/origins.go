package probe

import (
	"fmt"
	"strings"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/exchange"
)

// hostAllowed compares hosts alone, as the API's documentation words it.
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
	return diagnose.Problem, fmt.Sprintf("the host of url is %s; %s", clip(page.Host), origins(r.get(path)))
}

// originAllowed compares scheme, host and port.
func originAllowed(w *walk, r reply, path string) (diagnose.State, string) {
	page := exchange.ParseURL(w.content("url").String())
	if page.Host == "" || !r.get(path).IsArray() {
		return diagnose.Unknown, "seen: " + origins(r.get(path))
	}
	origin := page.Scheme + "://" + page.Authority()
	return truth(containsFold(r.get(path), origin), fmt.Sprintf("the origin of url is %s; %s", clip(origin), origins(r.get(path))))
}

// originField compares the Origin field character for character.
func originField(w *walk, r reply, path string) (diagnose.State, string) {
	request := w.Diagnosis.Exchange.Request
	field, sent := request.Header.Get("origin")
	switch {
	case !r.get(path).IsArray() || !sent && !request.HeaderCaptured:
		return diagnose.Unknown, "seen: " + origins(r.get(path))
	case !sent:
		return diagnose.Problem, "the call has no Origin field; " + origins(r.get(path))
	}
	for _, allowed := range r.get(path).Array() {
		if allowed.String() == field.Reveal() {
			return diagnose.OK, fmt.Sprintf("%q is among the allowed origins", clip(field.String()))
		}
	}
	return diagnose.Problem, fmt.Sprintf("Origin is %q; %s", clip(field.String()), origins(r.get(path)))
}

// origins names the first few allowed origins.
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
	return "allowed are " + strings.Join(shown, ", ")
}
