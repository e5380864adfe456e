package troubleshoot_test

import (
	"testing"
	"time"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot"
)

// A file's name is one word of the command that it is put into, and nothing of it is
// taken for a placeholder, an option or the place of another file.
func TestFillPutsFileNamesInAsTheyAre(t *testing.T) {
	for name, want := range map[string]string{
		"a.har":               "immersve-doctor replay a.har --probe",
		"-x.har":              "immersve-doctor replay ./-x.har --probe",
		"{path}{errorCode}":   "immersve-doctor replay '{path}{errorCode}' --probe",
		"a FILE":              "immersve-doctor replay 'a FILE' --probe",
		"x --request FILE":    "immersve-doctor replay 'x --request FILE' --probe",
		"$(touch x)'":         `immersve-doctor replay '$(touch x)'\''' --probe`,
		"a\nb\x1b[2J\u202e.t": `immersve-doctor replay "$(printf 'a\012b\033[2J\342\200\256.t')" --probe`,
		"{":                   "immersve-doctor replay '{' --probe",
		"-":                   "",
	} {
		ex := &exchange.Exchange{
			Source:   exchange.Source{Kind: exchange.KindHAR, Name: name},
			Request:  &exchange.Request{Method: "FILE", URL: exchange.ParseURL("https://test.immersve.com/api/cards")},
			Response: &exchange.Response{Status: 403},
		}
		d := diagnose.Diagnose(ex, time.Now())
		if got := troubleshoot.Fill("immersve-doctor replay FILE --probe", &d); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
		if got, want := troubleshoot.Fill("immersve-doctor explain {method} {path}", &d), "immersve-doctor explain FILE /api/cards"; got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}
