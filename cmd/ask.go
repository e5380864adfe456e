package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot"
)

// errInputEnded is why a question got no answer.
var errInputEnded = errors.New("the input ended before the last question")

// mayAsk reports whether a person is there to answer.
func (o *callOptions) mayAsk() bool {
	return o.env.InTTY && o.env.ErrTTY && o.data != "@-" && o.secret != "-" && o.token != "-"
}

// complete adds the values that a named operation requires and that weren't given:
// the simulator's own with --env local, otherwise what the user types. Without a
// terminal it lists them.
func (o *callOptions) complete(d *draft, c credentials, sim *local) error {
	if d.operation == nil {
		return nil
	}
	var missing []place
	hasBody := o.data != "" || slices.ContainsFunc(d.items, item.inBody)
	for _, p := range placesOf(d.operation) {
		if !p.required || p.in == "header" || d.has(&p) || p.in == "body" && o.data != "" {
			continue
		}
		if value := sim.value(d.operation, p.name); value != "" && (p.in == "path" || d.named && !(o.dryRun && hasBody)) {
			d.items = append(d.items, item{name: p.name, sign: p.sign(), value: value})
			continue
		}
		if p.in == "path" || d.named && o.simulate == "" && !o.dryRun {
			missing = append(missing, p)
		}
	}
	switch {
	case len(missing) == 0:
		return nil
	case o.mayAsk():
		return o.ask(d, missing, c)
	}
	return missingValues(d.operation, missing)
}

// has reports whether the draft has a value for a place.
func (d *draft) has(p *place) bool {
	if p.in == "path" && !strings.Contains(d.target, "{"+p.name+"}") || p.in == "query" && strings.Contains(d.target, p.name+"=") {
		return true
	}
	return p.givenIn(d.items)
}

// missingValues lists what an operation needs, with types.
func missingValues(op *api.Operation, missing []place) error {
	var names, lines []string
	widest := 0
	for _, p := range missing {
		names = append(names, p.name)
		widest = max(widest, len(p.name+p.sign()))
	}
	for _, p := range missing {
		lines = append(lines, fmt.Sprintf("  %-*s  %s", widest, p.name+p.sign(), p.words()))
	}
	lines = append(lines, "see: immersve-doctor call "+op.ID+" --help")
	return usage(strings.Join(lines, "\n"), "nothing was sent: %s needs %s", op.ID, listed(names, "and"))
}

// ask asks for each missing value, and shows the whole command, to be used again.
func (o *callOptions) ask(d *draft, missing []place, c credentials) error {
	fmt.Fprintf(o.env.Err, "%s: %s\n\n", d.operation.ID, pageTitle("operations", d.operation.ID))
	for _, p := range missing {
		value, err := o.askFor(&p, p.suggestion(c))
		if err != nil {
			return err
		}
		d.items = append(d.items, item{name: p.name, sign: p.sign(), value: value})
	}
	words := []string{"immersve-doctor", "call", d.operation.ID}
	for _, it := range d.items {
		words = append(words, exchange.QuoteLine(it.name+it.sign+it.value))
	}
	if o.environment != "" {
		words = append(words, "--env", exchange.QuoteLine(o.environment))
	}
	fmt.Fprintf(o.env.Err, "\n%s\n\n", strings.Join(words, " "))
	return nil
}

// suggestion is the value that Enter takes, or "" if there is none.
func (p *place) suggestion(c credentials) string {
	switch {
	case oneOf(p.name, "accountId", "cardholderAccountId", "partnerAccountId"):
		return c.account
	case len(p.enum) == 1:
		return p.enum[0]
	}
	return ""
}

// askFor asks until the value is of the place's type.
func (o *callOptions) askFor(p *place, suggested string) (string, error) {
	question := fmt.Sprintf("%s (%s)", p.name, p.words())
	if suggested != "" {
		question += " [" + suggested + "]"
	}
	if p.example != "" && !p.isID() && suggested == "" && len(p.enum) == 0 {
		question += ", such as " + p.example
	}
	for {
		fmt.Fprintf(o.env.Err, "%s: ", question)
		value, err := readLine(o.env.In)
		if value == "" {
			value = suggested
		}
		wrong := p.wrong(value)
		switch {
		case wrong == "":
			return value, nil
		case err != nil:
			return "", usage("", "%w", errInputEnded)
		}
		fmt.Fprintf(o.env.Err, "  %s\n", wrong)
	}
}

// wrong says why a value doesn't fit, or returns "".
func (p *place) wrong(value string) string {
	_, notNumber := strconv.ParseFloat(value, 64)
	switch {
	case value == "":
		return "a value is required; Ctrl-C stops"
	case len(p.enum) > 0 && !slices.Contains(p.enum, value):
		if near := nearest(value, p.enum); near != "" {
			return "did you mean " + near + "?"
		}
		return "use " + listed(p.enum, "or")
	case oneOf(p.kind, "integer", "number") && notNumber != nil:
		return "not a number"
	case p.sign() == ":=" && !json.Valid([]byte(value)):
		return "not JSON"
	}
	return ""
}

// readLine returns a line without its end. It reads no byte more: what follows
// belongs to the next question.
func readLine(r io.Reader) (string, error) {
	var line strings.Builder
	one := make([]byte, 1)
	for line.Len() < 64<<10 {
		n, err := r.Read(one)
		if n == 1 && one[0] == '\n' {
			break
		}
		line.Write(one[:n])
		if err != nil {
			return strings.TrimSpace(line.String()), err
		}
	}
	return strings.TrimSpace(line.String()), nil
}

// operationsWith returns the operations with all the words in their name or title,
// those with the words in their name first.
func operationsWith(words string) []string {
	var named, titled []string
	for _, id := range troubleshoot.List("operations") {
		title := strings.ToLower(pageTitle("operations", id))
		switch {
		case hasWords(id, words):
			named = append(named, id)
		case hasWords(id+" "+title, words):
			titled = append(titled, id)
		}
	}
	return append(named, titled...)
}

// hasWords reports whether a text has each of the words, in the singular at least.
func hasWords(text, words string) bool {
	for word := range strings.FieldsFuncSeq(strings.ToLower(words), func(r rune) bool { return r == ' ' || r == '-' || r == '_' || r == '/' }) {
		if !strings.Contains(text, word) && !strings.Contains(text, strings.TrimSuffix(word, "s")) {
			return false
		}
	}
	return true
}

// unknownOperation names the operations that a word most likely means.
func unknownOperation(word string) error {
	const all = "to list them: immersve-doctor explain --list"
	if near := nearest(word, troubleshoot.List("operations")); near != "" {
		return usage("did you mean: immersve-doctor call "+near+"?", "unknown operation %q", word)
	}
	if word == "" || len(word) > 64 {
		return usage(all, "unknown operation %q", word)
	}
	found := operationsWith(word)
	singular := strings.TrimSuffix(strings.ToLower(word), "s")
	whole := slices.DeleteFunc(slices.Clone(found), func(id string) bool {
		return !slices.ContainsFunc(strings.Split(id, "-"), func(part string) bool { return strings.TrimSuffix(part, "s") == singular })
	})
	switch {
	case len(whole) > 0:
		found = whole
	case len(found) == 0 || len(found) > 20:
		return usage(all, "unknown operation %q", word)
	}
	lines := append([]string{"operations with that word:"}, operationLines(found)...)
	return usage(strings.Join(lines, "\n"), "unknown operation %q", word)
}

func operationLines(ids []string) []string {
	widest := 0
	for _, id := range ids {
		widest = max(widest, len(id))
	}
	var lines []string
	for _, id := range ids {
		lines = append(lines, fmt.Sprintf("  %-*s  %s", widest, id, pageTitle("operations", id)))
	}
	return lines
}

// choose lets the user find an operation by typing a part of its name.
func (o *callOptions) choose() ([]string, error) {
	if !o.mayAsk() {
		return nil, usage("try: immersve-doctor call list-currencies --env local\nto list the operations: immersve-doctor explain --list", "call needs an operation, or a method and a path")
	}
	fmt.Fprint(o.env.Err, "Which operation? Type a part of its name, such as card, or Enter for all: ")
	var shown []string
	for {
		line, err := readLine(o.env.In)
		if err != nil && line == "" {
			return nil, usage("", "%w", errInputEnded)
		}
		if n, numberErr := strconv.Atoi(line); numberErr == nil && n >= 1 && n <= len(shown) {
			return []string{shown[n-1]}, nil
		}
		found := operationsWith(line)
		if slices.Contains(found, line) {
			found = []string{line}
		}
		switch len(found) {
		case 0:
			fmt.Fprint(o.env.Err, "No operation has that in its name. A part of the name: ")
			continue
		case 1:
			return found, nil
		}
		shown = found
		for i, l := range operationLines(found) {
			fmt.Fprintf(o.env.Err, "%3d%s\n", i+1, l)
		}
		fmt.Fprint(o.env.Err, "Number, or a longer part of the name: ")
	}
}
