// Package troubleshoot holds the advice: one page per status, errorCode,
// operation and finding, and the Plan that is made of a Diagnosis and the pages.
// A page is a Markdown file with YAML front matter; only the pages asked for are
// parsed.
package troubleshoot

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/goccy/go-yaml"
)

//go:embed statuses/*.md codes/*.md operations/*.md findings/*.md values/*.md
var files embed.FS

// StatusPage is the page of a status code ("403"), of a range ("5xx"), or of
// what has no status ("no-response", "not-sent").
type StatusPage struct {
	Status     string            `yaml:"status"`
	Title      string            `yaml:"title"`      // at most 72 characters, no full stop
	Means      string            `yaml:"means"`      // one or two sentences
	Documented bool              `yaml:"documented"` // the API's documentation names this status
	Classes    map[string]string `yaml:"classes"`    // class -> summary sentence for a diagnosis without a better one
	Checklists map[string][]Item `yaml:"checklists"` // class -> the documentation's points
	Retry      Retry             `yaml:"retry"`
	Related    []string          `yaml:"related"`
	Docs       string            `yaml:"docs"`
	Body       string            `yaml:"-"` // Markdown behind the front matter
}

// Item is a point of a checklist.
type Item struct {
	ID     string `yaml:"id"`     // "403.membership"
	Text   string `yaml:"text"`   // a statement that is true when the point is in order
	Verify string `yaml:"verify"` // the command that settles it, with {placeholders}
}

// Retry is the advice about sending again.
type Retry struct {
	Advice string `yaml:"advice"` // none, after-fix, after-delay, backoff
	Why    string `yaml:"why"`
}

// CodePage is the page of an errorCode.
type CodePage struct {
	Code       string            `yaml:"code"`
	Title      string            `yaml:"title"`      // what is the matter, one sentence with a full stop
	Operations map[string]string `yaml:"operations"` // operationId -> its meaning there
	Causes     []string          `yaml:"causes"`     // most frequent first
	Steps      []Step            `yaml:"steps"`      // the checklist "403.CODE.1", …
	Fix        []string          `yaml:"fix"`        // the first one ends the summary line
	Retry      Retry             `yaml:"retry"`
	Related    []string          `yaml:"related"` // codes, values, findings
	Docs       string            `yaml:"docs"`
	Body       string            `yaml:"-"`
}

// Step is one point that a code's page has people check.
type Step struct {
	Text    string `yaml:"text"`    // a statement that is true when the point is in order
	Verify  string `yaml:"verify"`  // the command that settles it, with {placeholders}
	Get     string `yaml:"get"`     // operationId of the read-only call in Verify; "" when no GET settles it
	Pointer string `yaml:"pointer"` // member of the request body that settles it by being there (RFC 6901)
}

// OperationPage is the page of an operation: what the facts cannot say.
type OperationPage struct {
	Operation string   `yaml:"operation"`
	Title     string   `yaml:"title"`  // imperative, at most 60 characters, no full stop
	About     string   `yaml:"about"`  // one to three sentences
	Caller    string   `yaml:"caller"` // who calls it, with which credentials
	Repeat    string   `yaml:"repeat"` // what a second identical call does, and how to find out whether the first worked
	Traps     []string `yaml:"traps"`
	Related   []string `yaml:"related"` // operationIds
	Docs      string   `yaml:"docs"`
	Body      string   `yaml:"-"`
}

// FindingPage is the page of a finding id.
type FindingPage struct {
	ID       string   `yaml:"id"`
	Family   string   `yaml:"family"`   // the file of package check that produces it
	Severity string   `yaml:"severity"` // the strongest severity that it can have
	Title    string   `yaml:"title"`    // general statement, no full stop
	Fix      string   `yaml:"fix"`      // one imperative sentence, where the evidence gives no better one
	Steps    []Step   `yaml:"steps"`    // checklist of a transport failure: "timeout.1", …
	Related  []string `yaml:"related"`
	Docs     string   `yaml:"docs"`
	Body     string   `yaml:"-"` // what it means; ## Fails and ## Repaired with an example each
}

// ValuePage is the page of a family of coded values that are not errorCodes.
type ValuePage struct {
	Family string  `yaml:"family"` // "kyc-reason"
	Title  string  `yaml:"title"`
	Where  string  `yaml:"where"` // where these values travel
	Values []Coded `yaml:"values"`
	Docs   string  `yaml:"docs"`
	Body   string  `yaml:"-"`
}

// Coded is one value of a family.
type Coded struct {
	Value string `yaml:"value"`
	Means string `yaml:"means"`
}

// ErrNoPage says that a page does not exist.
var ErrNoPage = errors.New("there is no such page")

// Status returns the page of a status code or range.
func Status(id string) (StatusPage, error) {
	return read[StatusPage]("statuses", id, func(p *StatusPage, body string) { p.Body = body })
}

// Code returns the page of an errorCode.
func Code(name string) (CodePage, error) {
	return read[CodePage]("codes", name, func(p *CodePage, body string) { p.Body = body })
}

// Operation returns the page of an operation.
func Operation(id string) (OperationPage, error) {
	return read[OperationPage]("operations", id, func(p *OperationPage, body string) { p.Body = body })
}

// Finding returns the page of a finding id.
func Finding(id string) (FindingPage, error) {
	return read[FindingPage]("findings", id, func(p *FindingPage, body string) { p.Body = body })
}

// Value returns the page of a family of coded values.
func Value(family string) (ValuePage, error) {
	return read[ValuePage]("values", family, func(p *ValuePage, body string) { p.Body = body })
}

// List returns the ids of the pages of a folder ("statuses", "codes",
// "operations", "findings", "values"), sorted.
func List(folder string) []string {
	entries, err := fs.ReadDir(files, folder)
	if err != nil {
		return nil // only for a folder that is not embedded, which the completeness test excludes
	}
	ids := make([]string, len(entries))
	for i, e := range entries {
		ids[i] = strings.TrimSuffix(e.Name(), ".md")
	}
	return ids
}

func read[P any](folder, id string, setBody func(*P, string)) (P, error) {
	var page P
	name := folder + "/" + id + ".md"
	data, err := files.ReadFile(name)
	if err != nil {
		return page, fmt.Errorf("%w: %s %q", ErrNoPage, folder, id)
	}
	front, body, err := split(string(data))
	if err != nil {
		return page, fmt.Errorf("read page %s: %w", name, err)
	}
	if err := yaml.UnmarshalWithOptions([]byte(front), &page, yaml.Strict()); err != nil {
		return page, fmt.Errorf("read page %s: %w", name, err)
	}
	setBody(&page, strings.TrimSpace(body))
	return page, nil
}

func split(text string) (front, body string, err error) {
	rest, ok := strings.CutPrefix(text, "---\n")
	if !ok {
		return "", "", errors.New("it does not begin with front matter (a line of three hyphens)")
	}
	front, body, ok = strings.Cut(rest, "\n---\n")
	if !ok {
		return "", "", errors.New("its front matter has no end (a line of three hyphens)")
	}
	return front, body, nil
}
