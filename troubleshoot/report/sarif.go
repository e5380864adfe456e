package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"slices"

	"immersve-doctor/troubleshoot"
)

// sarifWriter writes SARIF 2.1.0
// (https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html): a run with
// a result per finding. Results are written as they come. The rules that they name
// follow in the end, since members of a JSON object may be in any order.
type sarifWriter struct {
	w       io.Writer
	version string
	rules   map[string]Result
	begun   bool
}

const sarifSchema = "https://json.schemastore.org/sarif-2.1.0.json"

type (
	sarifText   struct{ Text string } // marshaled by hand, see MarshalJSON
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Occurrences  int64             `json:"occurrenceCount,omitempty"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		Physical struct {
			Artifact struct {
				URI string `json:"uri"`
			} `json:"artifactLocation"`
			Region struct {
				Line int `json:"startLine"`
			} `json:"region"`
		} `json:"physicalLocation"`
		Logical []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
	}
	sarifRule struct {
		ID    string     `json:"id"`
		Short sarifText  `json:"shortDescription"`
		Help  *sarifText `json:"help,omitempty"`
		URI   string     `json:"helpUri,omitempty"`
	}
)

// MarshalJSON returns the message object of SARIF.
func (t sarifText) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{"text": t.Text})
}

func (s *sarifWriter) Add(c Case) error {
	for _, r := range c.Results {
		if _, known := s.rules[r.Rule]; !known {
			s.rules[r.Rule] = r
		}
		result := sarifResult{RuleID: r.Rule, Level: "warning", Message: sarifText{r.Message}, Occurrences: c.Count}
		if r.Error {
			result.Level = "error"
		}
		for _, p := range c.Places {
			var l sarifLocation
			l.Physical.Artifact.URI, l.Physical.Region.Line = p.uri(), max(p.Line, 1)
			if r.Part != "" {
				l.Logical = []sarifLogical{{r.Part}}
			}
			result.Locations = append(result.Locations, l)
		}
		// What stays the same when the input is captured again tells an old problem
		// from a new one.
		sum := sha256.Sum256([]byte(r.Rule + "\n" + c.Name + "\n" + r.Part))
		result.Fingerprints = map[string]string{"immersveDoctor/v1": hex.EncodeToString(sum[:16])}
		if err := s.result(result); err != nil {
			return err
		}
	}
	return nil
}

func (s *sarifWriter) result(r sarifResult) error {
	if err := s.begin(); err != nil {
		return err
	}
	var b bytes.Buffer
	if s.begun {
		b.WriteString(",")
	}
	s.begun = true
	b.WriteString("\n")
	if err := WriteJSON(&b, r); err != nil {
		return err
	}
	_, err := s.w.Write(bytes.TrimRight(b.Bytes(), "\n"))
	return err
}

// begin writes what precedes the first result.
func (s *sarifWriter) begin() error {
	if s.begun {
		return nil
	}
	_, err := io.WriteString(s.w, `{"$schema": "`+sarifSchema+`", "version": "2.1.0", "runs": [{"columnKind": "unicodeCodePoints", "results": [`)
	return err
}

func (s *sarifWriter) Close() error {
	if err := s.begin(); err != nil {
		return err
	}
	rules := []sarifRule{}
	for _, id := range slices.Sorted(maps.Keys(s.rules)) {
		rule := sarifRule{ID: id, Short: sarifText{s.rules[id].Title}, URI: s.rules[id].Docs}
		if page, err := troubleshoot.Finding(id); err == nil {
			rule.Short, rule.Help, rule.URI = sarifText{page.Title}, &sarifText{page.Fix}, page.Docs
		}
		rules = append(rules, rule)
	}
	var b bytes.Buffer
	b.WriteString("\n], \"tool\": {\"driver\": ")
	driver := map[string]any{"name": "immersve-doctor", "version": s.version, "informationUri": "https://docs.immersve.com/", "rules": rules}
	if err := WriteJSON(&b, driver); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // without its line break
	b.WriteString("}}]}\n")
	_, err := s.w.Write(b.Bytes())
	return err
}
