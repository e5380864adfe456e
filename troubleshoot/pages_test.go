package troubleshoot

import (
	"slices"
	"strings"
	"testing"

	"immersve-doctor/diagnose/api"
)

// Every page parses strictly, is called as it calls itself, and says all that
// its readers are promised.

func TestStatusPages(t *testing.T) {
	for _, id := range List("statuses") {
		page, err := Status(id)
		if err != nil {
			t.Error(err)
			continue
		}
		complete(t, "statuses/"+id, page.Status == id, page.Title, page.Means, page.Retry.Advice, page.Retry.Why, page.Docs, page.Body)
		short(t, "statuses/"+id, page.Title, 72)
		advice(t, "statuses/"+id, page.Retry.Advice)
	}
}

func TestCodePages(t *testing.T) {
	for _, id := range List("codes") {
		page, err := Code(id)
		if err != nil {
			t.Error(err)
			continue
		}
		name := "codes/" + id
		complete(t, name, page.Code == id, page.Title, page.Retry.Advice, page.Retry.Why, page.Docs)
		advice(t, name, page.Retry.Advice)
		if !strings.HasSuffix(page.Title, ".") {
			t.Errorf("%s: the title %q is a sentence with a full stop", name, page.Title)
		}
		if len(page.Causes) == 0 || len(page.Steps) == 0 || len(page.Fix) == 0 {
			t.Errorf("%s: causes, steps and fix each want an entry", name)
		}
		for i, s := range page.Steps {
			if s.Text == "" {
				t.Errorf("%s: step %d has no text", name, i+1)
			}
			getIsReadOnly(t, name, s.Get)
			if s.Get != "" && !strings.Contains(s.Verify, s.Get) {
				t.Errorf("%s: step %d names %s, its command %q does not", name, i+1, s.Get, s.Verify)
			}
		}
		for op := range page.Operations {
			if o, err := api.Lookup(op); err != nil {
				t.Errorf("%s: %v", name, err)
			} else if api, _ := api.FindCode(id); len(api.Operations) > 0 && !o.Documents(id) {
				t.Errorf("%s: operation %s does not document this code", name, op)
			}
		}
		if code, ok := api.FindCode(id); ok && id != "FORBIDDEN" && id != "INVALID_REQUEST_INPUT" {
			for _, place := range code.Operations {
				if page.Operations[place.Operation] == "" {
					t.Errorf("%s: its meaning on %s is missing", name, place.Operation)
				}
			}
		}
	}
}

func TestOperationPages(t *testing.T) {
	for _, id := range List("operations") {
		page, err := Operation(id)
		if err != nil {
			t.Error(err)
			continue
		}
		name := "operations/" + id
		complete(t, name, page.Operation == id, page.Title, page.About, page.Caller, page.Repeat, page.Docs)
		short(t, name, page.Title, 60)
		for _, op := range append([]string{id}, page.Related...) {
			if _, err := api.Lookup(op); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestFindingPages(t *testing.T) {
	for _, id := range List("findings") {
		page, err := Finding(id)
		if err != nil {
			t.Error(err)
			continue
		}
		name := "findings/" + id
		complete(t, name, page.ID == id, page.Family, page.Severity, page.Title, page.Fix, page.Docs, page.Body)
		short(t, name, page.Title, 72)
		if !slices.Contains([]string{"error", "warning", "info"}, page.Severity) {
			t.Errorf("%s: severity %q", name, page.Severity)
		}
		for _, section := range []string{"\n## Fails\n", "\n## Fixed\n"} {
			if !strings.Contains(page.Body, section) {
				t.Errorf("%s: no section %q", name, strings.TrimSpace(section))
			}
		}
	}
}

func TestValuePages(t *testing.T) {
	for _, id := range List("values") {
		page, err := Value(id)
		if err != nil {
			t.Error(err)
			continue
		}
		complete(t, "values/"+id, page.Family == id, page.Title, page.Where, page.Docs)
		for _, v := range page.Values {
			complete(t, "values/"+id, true, v.Value, v.Means)
		}
	}
}

// Every page that a topic names exists, and is of the kind that its list says.
func TestTopicPages(t *testing.T) {
	for _, id := range List("topics") {
		p, err := Topic(id)
		if err != nil {
			t.Error(err)
			continue
		}
		name := "topics/" + id
		complete(t, name, p.Topic == id, p.Title, p.About, p.Docs, p.Body)
		short(t, name, p.Title, 72)
		if len(p.Try) == 0 || len(p.Also) == 0 {
			t.Errorf("%s: needs a command to try and other words", name)
		}
		for kind, ids := range map[ReferenceKind][]string{
			KindCode: p.Codes, KindFinding: p.Findings, KindEndpoint: p.Endpoints, KindWebhook: p.Webhooks, KindValue: p.Values,
		} {
			for _, other := range ids {
				if r, err := Find(other); err != nil || r.Kind != kind || r.ID != other {
					t.Errorf("%s names %s, which isn't a %s: %v", name, other, kind, err)
				}
			}
		}
		for _, other := range p.Related {
			if _, err := findPage(other); err != nil {
				t.Errorf("%s: related %s: %v", name, other, err)
			}
		}
		for _, words := range p.Also {
			if r, err := findPage(strings.ReplaceAll(words, " ", "-")); err == nil {
				t.Errorf("%s: %q is the name of the %s %s", name, words, r.Kind, r.ID)
			}
		}
	}
}

// Every message that Immersve sends says when, with which payload, and what to answer.
func TestMessages(t *testing.T) {
	for family, want := range map[string]int{"webhook-topic": 24, "custodial-message": 4} {
		p, err := Value(family)
		if err != nil || len(p.Values) != want {
			t.Errorf("%s: %d values, want %d: %v", family, len(p.Values), want, err)
		}
		for _, v := range p.Values {
			if len(v.Payload) == 0 || v.Answer == "" || v.Limit == "" {
				t.Errorf("%s: %s has no payload, answer or limit", family, v.Value)
			}
		}
	}
}

func complete(t *testing.T, name string, called bool, fields ...string) {
	t.Helper()
	if !called {
		t.Errorf("%s: the page calls itself otherwise", name)
	}
	for i, f := range fields {
		if strings.TrimSpace(f) == "" {
			t.Errorf("%s: required text number %d is empty", name, i+1)
		}
	}
}

func short(t *testing.T, name, title string, limit int) {
	t.Helper()
	if n := len([]rune(title)); n > limit {
		t.Errorf("%s: the title has %d characters, at most %d", name, n, limit)
	}
	if strings.HasSuffix(title, ".") {
		t.Errorf("%s: the title %q has a full stop", name, title)
	}
}

func advice(t *testing.T, name, advice string) {
	t.Helper()
	if !slices.Contains([]string{"none", "after-fix", "after-delay", "backoff"}, advice) {
		t.Errorf("%s: retry advice %q", name, advice)
	}
}

func getIsReadOnly(t *testing.T, name, operation string) {
	t.Helper()
	if operation == "" {
		return
	}
	o, err := api.Lookup(operation)
	if err != nil {
		t.Errorf("%s: %v", name, err)
	} else if o.Method != "GET" {
		t.Errorf("%s: %s is no read-only call", name, operation)
	}
}
