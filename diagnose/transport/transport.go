// Package transport classifies connection errors. It takes an HTTP client's message or
// curl's exit status, and returns why no complete response arrived. The messages are
// data in phrases.txt and reasons.json. Start at Classify.
package transport

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"immersve-doctor/diagnose/exchange"
)

//go:embed phrases.txt
var phrasesFile string

//go:embed reasons.json
var reasonsFile []byte

// Cause is the cause in a client's message.
type Cause struct {
	Kind   exchange.FailureKind // FailureUnknown if the transport wasn't at fault, or if the message doesn't tell
	Phase  exchange.Phase
	Reason string // a key of reasons.json, or ""
}

// phrase is a line of phrases.txt.
type phrase struct {
	Cause
	text     string // in lower case, or "" for any
	curlCode int    // curl's exit status, or 0 for any
}

// Classify returns the cause that a client's message and curl's exit status (0 if
// it wasn't curl) tell, or the zero Cause.
func Classify(text string, curlCode int) Cause {
	const enough = 4 << 10
	text = strings.ToLower(text[:min(len(text), enough)]) + "\n"
	for _, p := range phrases() {
		if (p.curlCode == 0 || p.curlCode == curlCode) && strings.Contains(text, p.text) {
			return p.Cause
		}
	}
	return Cause{}
}

var phrases = sync.OnceValue(func() []phrase {
	list, err := parse(phrasesFile)
	if err != nil {
		return nil // the test of the file fails
	}
	return list
})

func parse(file string) ([]phrase, error) {
	var list []phrase
	number := 0
	for line := range strings.Lines(file) {
		number++
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		if len(fields) < 4 {
			return nil, fmt.Errorf("line %d: expected kind, phase, reason and phrase", number)
		}
		p := phrase{text: strings.ToLower(strings.Join(fields[3:], " "))}
		for i, to := range []*string{(*string)(&p.Kind), (*string)(&p.Phase), &p.Reason} {
			if fields[i] != "-" {
				*to = fields[i]
			}
		}
		if rest, ok := strings.CutPrefix(p.text, "curl "); ok {
			code, text, _ := strings.Cut(rest, " ")
			if n, err := strconv.Atoi(code); err == nil {
				p.curlCode, p.text = n, text
			}
		}
		p.text = strings.Replace(p.text, "{end}", "\n", 1)
		list = append(list, p)
	}
	return list, nil
}

// Reason is an entry of reasons.json. {host} is replaced with the host.
type Reason struct {
	Finding string // of the finding, if not the kind's
	Title   string
	Fix     string
}

// Explain returns the entry for a reason.
func Explain(reason string) (Reason, bool) {
	r, ok := reasons()[reason]
	return r, ok
}

var reasons = sync.OnceValue(func() map[string]Reason {
	var list map[string]Reason
	if err := json.Unmarshal(reasonsFile, &list); err != nil {
		return nil // the test of the file fails
	}
	return list
})
