package probe_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"immersve-doctor/diagnose/probe"
	"immersve-doctor/troubleshoot"
)

// The pages of what probes prove show the calls that they make: an example that
// fails is walked through, answer by answer, and has to end in the page's finding.
func TestPagesShowTheProbes(t *testing.T) {
	for _, id := range []string{"membership-missing", "role-insufficient", "resource-missing"} {
		page, err := troubleshoot.Finding(id)
		if err != nil {
			t.Fatal(err)
		}
		fails, fixed, _ := strings.Cut(page.Body, "\n## Fixed\n")
		for section, want := range map[string]string{fails: id, fixed: ""} {
			if want != "" && len(transcripts(section)) == 0 {
				t.Errorf("findings/%s.md shows no probes", id)
			}
			for _, example := range transcripts(section) {
				if calls, got := walkThrough(t, example); got != want || !cmp.Equal(calls, example.calls()) {
					t.Errorf("findings/%s.md: accused is %q, want %q; the calls differ (- page, + made):\n%s", id, got, want, cmp.Diff(example.calls(), calls))
				}
			}
		}
	}
}

// transcript is an example: the call that failed, and the probes.
type transcript []exchanged

type exchanged struct{ call, answer string }

func (t transcript) calls() (list []string) {
	for _, e := range t[1:] {
		list = append(list, e.call)
	}
	return list
}

// transcripts reads the blocks fenced as ```text.
func transcripts(text string) (list []transcript) {
	for _, block := range strings.Split(text, "```text\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		var t transcript
		for line := range strings.Lines(block) {
			call, answer, _ := strings.Cut(line, " → ")
			t = append(t, exchanged{strings.TrimPrefix(call, "GET "), answer})
		}
		list = append(list, t)
	}
	return list
}

// walkThrough probes behind the first call of a transcript and gives the answers
// that it shows.
func walkThrough(t *testing.T, example transcript) (calls []string, accused string) {
	t.Helper()
	failing, account := call{op: "list-cards", as: keyed(""), path: []string{cardholder}}, ""
	if strings.HasPrefix(example[0].call, "POST /api/cards/") {
		failing, account = call{op: "freeze-card", as: keyed(cardholder), path: []string{cardID}}, cardholder
	}
	c := caseOf(failed(t, failing, "FORBIDDEN"), account)
	var answers []probe.Answer
	for {
		r, more := probe.Next(c, answers)
		if !more {
			d := c.Diagnosis.With(probe.Judge(c, answers))
			return calls, errorsOf(&d)
		}
		line := r.Target()
		if with := c.With(r); with != "" {
			line += " with " + with
		}
		calls = append(calls, line)
		i := slices.IndexFunc(example[1:], func(e exchanged) bool { return e.call == line })
		if i < 0 {
			return calls, "a call that the page does not show"
		}
		status, _, _ := strings.Cut(example[1+i].answer, ":")
		body := map[string]string{accounts + cardholder: " " + strings.TrimPrefix(isHolder, "200 ")}[r.Path]
		if status == "200" && body == "" {
			body = ` {"items":[]}`
		} else if status != "200" {
			body = ""
		}
		answers = append(answers, probe.AnswerOf(r, responding(status+body)))
	}
}
