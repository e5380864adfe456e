// Package troubleshoot gives the advice. It takes a Diagnosis or the name of a page, and
// returns a Plan or a page: one per status, errorCode, operation, finding, topic and
// family of values. The pages are Markdown files with YAML front matter in statuses/,
// codes/, operations/, findings/, topics/, values/ and help/. After changing one, run
// go generate ./... Start at NewPlan in plan.go, and at Resolve in reference.go.
package troubleshoot

import (
	"errors"
	"fmt"
	"net/http"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/troubleshoot/page"
)

//go:generate go run ./generate

// The types of the pages, under the names that the rest of the module uses.
type (
	StatusPage    = page.Status
	CodePage      = page.Code
	OperationPage = page.Operation
	FindingPage   = page.Finding
	TopicPage     = page.Topic
	ValuePage     = page.Values
	HelpPage      = page.Help
	Item          = page.Item
	Step          = page.Step
	Retry         = page.Retry
	Coded         = page.Coded
)

// ErrNoPage is returned if a page doesn't exist.
var ErrNoPage = errors.New("no such page")

// Status returns the page of a status code or range.
func Status(id string) (StatusPage, error) { return found("status", id, statusPages) }

// Code returns the page of an errorCode.
func Code(name string) (CodePage, error) { return found("errorCode", name, codePages) }

// Operation returns the page of an operation. The page of a GET doesn't have to say
// that it's safe to retry.
func Operation(id string) (OperationPage, error) {
	p, err := found("operation", id, operationPages)
	if err != nil || p.Repeat != "" {
		return p, err
	}
	if facts, err := api.Lookup(id); err == nil && facts.Method == http.MethodGet && facts.Repeat.Safe() {
		p.Repeat = "Safe to retry (GET)."
	}
	return p, nil
}

// Finding returns the page of a finding's ID.
func Finding(id string) (FindingPage, error) { return found("finding", id, findingPages) }

// Topic returns the page of a topic.
func Topic(id string) (TopicPage, error) { return found("topic", id, topicPages) }

// Value returns the page of a family of coded values.
func Value(family string) (ValuePage, error) { return found("family", family, valuePages) }

// Help returns the page of a topic of "help".
func Help(topic string) (HelpPage, error) { return found("help topic", topic, helpPages) }

func found[P any](kind, id string, pages func(string) (P, bool)) (P, error) {
	p, ok := pages(id)
	if !ok {
		return p, fmt.Errorf("%w: %s %q", ErrNoPage, kind, id)
	}
	return p, nil
}

// List returns the ids of the pages of a folder ("statuses", "codes",
// "operations", "findings", "topics", "values", "help"), sorted. The caller does not change it.
func List(folder string) []string { return pageIDs(folder) }
