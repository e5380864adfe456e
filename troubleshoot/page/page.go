// Package page defines the types of the advice pages. Each page is a Markdown file with
// YAML front matter in a folder of package troubleshoot. The command generate parses
// them into Go values of these types, so that the binary doesn't have to. Start at Code.
package page

import "strings"

// Status is the page of a status code ("403"), of a range ("5xx"), or of
// what has no status ("no-response", "not-sent").
type Status struct {
	Status      string            `yaml:"status"`
	Title       string            `yaml:"title"`       // at most 72 characters, no full stop
	Means       string            `yaml:"means"`       // one or two sentences
	Documented  bool              `yaml:"documented"`  // the API's documentation names this status
	Classes     map[string]string `yaml:"classes"`     // class -> clause that completes "403 on get-card: " if nothing is proven
	Cleared     map[string]string `yaml:"cleared"`     // class -> the same, if every item of the checklist is in order
	ClearedStep string            `yaml:"clearedStep"` // the first step if every item of the checklist is in order, one sentence
	Step        string            `yaml:"step"`        // the first step if nothing is proven and no command answers an item, one sentence
	Checklists  map[string][]Item `yaml:"checklists"`  // class -> the items that the docs recommend to check
	Retry       Retry             `yaml:"retry"`
	Related     []string          `yaml:"related"`
	Also        []string          `yaml:"also"` // other words that people ask with
	Docs        string            `yaml:"docs"`
	Body        string            `yaml:"-"` // Markdown after the front matter
}

// Item is an item of a checklist.
type Item struct {
	ID     string `yaml:"id"`     // "403.membership"
	Text   string `yaml:"text"`   // a noun phrase, because the mark in front of it says the result
	Verify string `yaml:"verify"` // the command that checks it, with {placeholders}
}

// Retry is the advice about sending again.
type Retry struct {
	Advice string `yaml:"advice"` // none, after-fix, after-delay, backoff
	Why    string `yaml:"why"`
	Wait   Wait   `yaml:"wait"`
}

// Wait names the state that passes without a fix. While it lasts, the advice is
// after-delay.
type Wait struct {
	Operation string   `yaml:"operation"` // operationId whose response shows the state
	Field     string   `yaml:"field"`     // of that response
	Values    []string `yaml:"values"`    // that pass
	Why       string   `yaml:"why"`       // a clause
}

// Code is the page of an errorCode.
type Code struct {
	Code       string            `yaml:"code"`
	Title      string            `yaml:"title"`      // the cause, one sentence with a full stop
	Operations map[string]string `yaml:"operations"` // operationId -> its meaning there
	Causes     []string          `yaml:"causes"`     // most frequent first
	Steps      []Step            `yaml:"steps"`      // the checklist "403.CODE.1", …
	Fix        []string          `yaml:"fix"`        // the first one ends the summary line
	Retry      Retry             `yaml:"retry"`
	Related    []string          `yaml:"related"` // codes, values, findings
	Docs       string            `yaml:"docs"`
	Body       string            `yaml:"-"`
}

// Step is an item of the checklist of an errorCode or a transport failure.
type Step struct {
	Text    string `yaml:"text"`    // a noun phrase, because the mark in front of it says the result
	Verify  string `yaml:"verify"`  // the command that checks it, with {placeholders}
	Get     string `yaml:"get"`     // operationId of the read-only request in Verify, or "" if no GET answers it
	Pointer string `yaml:"pointer"` // JSON Pointer (RFC 6901) to the field of the request body that has to be present
}

// Operation is the page of an operation, with what the facts don't include.
type Operation struct {
	Operation string   `yaml:"operation"`
	Title     string   `yaml:"title"`  // imperative, at most 60 characters, no full stop
	About     string   `yaml:"about"`  // one to three sentences
	Caller    string   `yaml:"caller"` // who calls it, with which credentials
	Repeat    string   `yaml:"repeat"` // what a second request does, and how to find out whether the first worked, or "" for a GET that's safe to retry
	Traps     []string `yaml:"traps"`
	Related   []string `yaml:"related"` // operationIds
	Docs      string   `yaml:"docs"`
	Body      string   `yaml:"-"`
}

// Finding is the page of a finding id.
type Finding struct {
	ID       string `yaml:"id"`
	Family   string `yaml:"family"`   // the file of package check that produces it
	Severity string `yaml:"severity"` // the strongest severity that it can have

	// Facts for package finding, which the generator moves there.
	Explains map[string]int `yaml:"explains"` // classes that it can be the cause of, with its place among their causes
	Answers  []string       `yaml:"answers"`  // checklist items that it decides

	Title   string   `yaml:"title"` // general statement, no full stop
	Fix     string   `yaml:"fix"`   // one imperative sentence, for when the evidence gives no better one
	Steps   []Step   `yaml:"steps"` // checklist of a transport failure: "timeout.1", …
	Related []string `yaml:"related"`
	Also    []string `yaml:"also"` // other words that people ask with: a client's error code, "curl 28"
	Docs    string   `yaml:"docs"`
	Body    string   `yaml:"-"` // what it means; ## Fails and ## Fixed with an example each
}

// Values is the page of a family of values that are not errorCodes: an enum, the
// webhook topics, the roles.
type Values struct {
	Family string   `yaml:"family"` // "kyc-reason"
	Title  string   `yaml:"title"`
	Where  string   `yaml:"where"` // the fields that have these values
	Also   []string `yaml:"also"`  // other words that people ask with
	Values []Coded  `yaml:"values"`
	Docs   string   `yaml:"docs"`
	Body   string   `yaml:"-"`
}

// Coded is one value of a family. Only messages that Immersve sends have a payload,
// an answer and a limit.
type Coded struct {
	Value   string   `yaml:"value"`
	Means   string   `yaml:"means"`   // of a message: when it is sent
	Payload []string `yaml:"payload"` // its fields
	Answer  string   `yaml:"answer"`  // the response that it needs
	Limit   string   `yaml:"limit"`   // the time for the response
}

// Topic is the page of a subject that several endpoints, codes and webhooks share.
// The lists name other pages. They come first, so they hold what readers look for.
type Topic struct {
	Topic     string   `yaml:"topic"` // "kyc"
	Title     string   `yaml:"title"` // at most 72 characters, no full stop
	About     string   `yaml:"about"` // one to three sentences
	Codes     []string `yaml:"codes"`
	Findings  []string `yaml:"findings"`
	Endpoints []string `yaml:"endpoints"`
	Webhooks  []string `yaml:"webhooks"`
	Values    []string `yaml:"values"` // families of values
	Try       []string `yaml:"try"`    // commands that succeed as printed
	Related   []string `yaml:"related"`
	Also      []string `yaml:"also"` // other words that people ask with
	Docs      string   `yaml:"docs"`
	Body      string   `yaml:"-"`
}

// Bare returns the letters and digits of a string in lower case, without a plural s at
// the end, to compare other words for a page.
func Bare(text string) string {
	text = strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '<' {
			return r
		}
		return -1
	}, strings.ToLower(text))
	if len(text) > 3 && !strings.HasSuffix(text, "ss") {
		text = strings.TrimSuffix(text, "s")
	}
	return text
}

// Fold returns a name in lower case without hyphens, underscores and spaces, which don't
// matter in what people type.
func Fold(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(name))
}

// Help is a page of "help TOPIC", about this program.
type Help struct {
	Topic string `yaml:"topic"`
	Title string `yaml:"title"` // at most 60 characters, no full stop
	Body  string `yaml:"-"`
}
