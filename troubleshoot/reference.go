package troubleshoot

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot/page"
)

// ReferenceKind is the kind of page that a Reference holds.
type ReferenceKind string

// The kinds, as JSON has them.
const (
	KindStatus   ReferenceKind = "status"
	KindCode     ReferenceKind = "code"
	KindEndpoint ReferenceKind = "endpoint"
	KindFinding  ReferenceKind = "finding"
	KindTopic    ReferenceKind = "topic"
	KindWebhook  ReferenceKind = "webhook"
	KindValue    ReferenceKind = "value" // a value of an enum, or a family of values
	KindList     ReferenceKind = "list"  // several pages
)

// Reference is the result of "explain": one page, or a list of several.
type Reference struct {
	Kind      ReferenceKind
	ID        string
	Status    *StatusPage
	Code      *CodePage
	Operation *OperationPage
	Facts     *api.Operation // with Operation
	Finding   *FindingPage
	Topic     *TopicPage
	Values    []ValuePage // every family that has the value
	Uses      []string    // with Values: the fields that have it, and their endpoints
	List      []Hit       // of KindList, best first
	Note      string      // what the page doesn't say about the words, or ""
}

// Hit is an entry of a list of pages.
type Hit struct {
	Kind  ReferenceKind
	ID    string // "explain ID" shows the page
	Title string
	score float64
}

// UnknownError is returned if no page fits the words.
type UnknownError struct {
	Asked string
	Near  []string // similar names, best first
	Hits  []Hit    // pages that have some of the words
	Why   string   // what is wrong with the words, or "" if they are unknown
}

// Error returns the reason, with the similar names.
func (e *UnknownError) Error() string {
	switch {
	case e.Why != "":
		return e.Why
	case len(e.Near) == 0:
		return fmt.Sprintf("nothing found for %q", e.Asked)
	}
	return fmt.Sprintf("nothing found for %q, similar: %s", e.Asked, strings.Join(e.Near, ", "))
}

// question is what the words of "explain" ask for.
type question struct {
	status string // "403", "5xx", or ""
	method string
	target string // a path or URL
	names  []string
}

// Resolve finds the page that the words of "explain" ask for: a name (Find), a
// method and path, several of them in any order, or free words (search). If several
// pages are named, the code, finding, topic or value comes before the endpoint, and
// the endpoint before the status. The note says if they don't go together.
func Resolve(words []string) (Reference, error) {
	words = strings.Fields(strings.Join(words, " "))
	if len(words) > 1 {
		if r, err := byOtherWords(strings.Join(words, " ")); err == nil {
			return r, nil
		}
	}
	q, err := ask(words)
	if err != nil {
		return Reference{}, err
	}
	if q.status == "" && q.target == "" {
		return byNames(q.names)
	}
	found, err := q.pages()
	if err != nil {
		return Reference{}, err
	}
	return best(q, found), nil
}

// best returns the page that answers a question that names several.
func best(q question, found []Reference) Reference {
	best := found[0]
	for _, r := range found[1:] {
		if weight(r.Kind) >= weight(best.Kind) {
			best = r
		}
	}
	if note := q.note(best, found); note != "" {
		best.Note = note
	}
	return best
}

func weight(k ReferenceKind) int {
	switch k {
	case KindStatus:
		return 0
	case KindEndpoint:
		return 1
	}
	return 2
}

// ask sorts the words into the parts of a question.
func ask(words []string) (question, error) {
	var q question
	for i, word := range words {
		_, isStatus := statusID(word)
		switch {
		case isMethod(word) && i+1 < len(words) && isTarget(words[i+1], true):
			q.method = strings.ToUpper(word)
		case isMethod(word) && len(words) == 1:
			return q, &UnknownError{Asked: word, Why: strings.ToUpper(word) + " needs a path"}
		case isTarget(word, q.method != "" && q.target == ""):
			q.target = word
		case isStatus && q.status != "":
			return q, &UnknownError{Asked: word, Why: "explain shows one status at a time, not " + q.status + " and " + word}
		case isStatus:
			q.status = word
		case strings.HasPrefix(strings.ToUpper(word), "HTTP") && len(words) > 1: // a status line that was pasted
		default:
			q.names = append(q.names, word)
		}
	}
	if n, err := strconv.Atoi(q.status); err == nil && page.Fold(strings.Join(q.names, "")) == page.Fold(http.StatusText(n)) {
		q.names = nil
	}
	if q.status == "" && q.target == "" && len(q.names) == 0 {
		return q, &UnknownError{Why: "explain needs a word"}
	}
	return q, nil
}

// isTarget reports whether a word is a path or a URL. After a method, a path may lack
// its first slash.
func isTarget(word string, behindMethod bool) bool {
	return strings.HasPrefix(word, "/") || strings.Contains(word, "://") || behindMethod && strings.Contains(word, "/")
}

// pages finds a page for each part of the question.
func (q *question) pages() ([]Reference, error) {
	var list []Reference
	if q.status != "" {
		id, _ := statusID(q.status)
		r, err := byStatus(id)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	if q.target != "" {
		r, err := byRoute(q.method, q.target)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	if names := meaningful(q.names); len(names) > 0 {
		r, err := byNames(names)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

// byNames finds the page that one name or several words ask for.
func byNames(names []string) (Reference, error) {
	phrase := strings.Join(names, " ")
	joined := strings.Join(names, "-")
	if len(names) == 1 {
		if r, err := Find(phrase); err == nil || !errors.Is(err, ErrNoPage) {
			return r, err
		}
		if unknown := unknownName(phrase); unknown != nil {
			return Reference{}, unknown
		}
		return search(phrase, nil)
	}
	if pages := identifiers(names); len(pages) == len(names) {
		return best(question{}, pages), nil
	}
	if r, err := byFamily(joined); err == nil {
		return r, nil
	}
	page, err := findPage(joined)
	_, noValue := byValue(joined)
	switch {
	case err == nil && noValue != nil:
		return page, nil
	case err == nil:
		return search(phrase, &page)
	case noValue == nil:
		return Find(joined)
	}
	return search(phrase, nil)
}

// identifiers returns the pages of names that can't be meant as plain words.
func identifiers(names []string) []Reference {
	var list []Reference
	for _, name := range names {
		if r, err := findPage(name); err == nil && isIdentifier(name) {
			list = append(list, r)
		}
	}
	return list
}

// isIdentifier reports whether a word is written as names are, not as words are.
func isIdentifier(word string) bool {
	return strings.ContainsAny(word, "-_") || len(word) > 3 && strings.ToUpper(word) == word && strings.ToLower(word) != word
}

// unknownName returns an error if a word is written as a name and a similar name
// exists, if it's written as an error code, or if it's a number.
func unknownName(word string) *UnknownError {
	u := &UnknownError{Asked: word, Near: near(word)}
	n, err := strconv.Atoi(word)
	switch {
	case err == nil && n >= 100 && n <= 599:
		u.Why = fmt.Sprintf("neither the API nor RFC 9110 has a status %d", n)
	case err == nil, isRange(word):
	case strings.Contains(word, "_") && strings.ToUpper(word) == word:
		hits, _ := rank(allPages(), termsOf(word))
		u.Hits = hits[:min(3, len(hits))]
	case !isIdentifier(word) || len(u.Near) == 0:
		return nil
	}
	return u
}

// note returns what the parts of a question mean together, or that they don't go
// together.
func (q *question) note(r Reference, found []Reference) string {
	switch {
	case r.Kind == KindCode:
		return codeNote(r.ID, q.status, found)
	case r.Kind == KindEndpoint && q.status != "":
		return responseNote(r.Facts, q.status)
	}
	return ""
}

func codeNote(code, status string, found []Reference) string {
	if statuses := StatusesOf(code); status != "" && len(statuses) > 0 && !slices.Contains(statuses, status) && !strings.EqualFold(status, "5xx") {
		return fmt.Sprintf("the docs list %s with status %s, not %s", code, strings.Join(statuses, " and "), status)
	}
	for _, r := range found {
		if r.Kind == KindEndpoint && !documents(r.Facts, code) && code != "FORBIDDEN" && code != "INVALID_REQUEST_INPUT" {
			return fmt.Sprintf("the docs don't list %s on %s", code, r.ID)
		}
	}
	return ""
}

func documents(f *api.Operation, code string) bool {
	for _, r := range f.Responses {
		if slices.Contains(r.ErrorCodes, code) {
			return true
		}
	}
	page, err := Code(code)
	return err == nil && page.Operations[f.ID] != ""
}

// responseNote says what a status means on an operation.
func responseNote(f *api.Operation, status string) string {
	r, listed := f.Responses[status]
	codes := slices.Sorted(slices.Values(r.ErrorCodes))
	switch {
	case listed && len(codes) > 0:
		return fmt.Sprintf("with %s it can return %s. To look one up: immersve-doctor explain %s", status, strings.Join(codes, ", "), codes[0])
	case listed:
		return fmt.Sprintf("the docs list %s without errorCodes. More: immersve-doctor explain %[1]s", status)
	}
	return fmt.Sprintf("the docs don't list %s here. More: immersve-doctor explain %[1]s", status)
}

func isMethod(word string) bool {
	switch strings.ToUpper(word) {
	case "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS":
		return true
	}
	return false
}

func byRoute(method, target string) (Reference, error) {
	segments := exchange.ParseURL(target).PathSegments()
	match := api.MatchRoute(method, segments)
	if match.Found() {
		return byOperation(match.Route.ID)
	}
	if len(match.Others) == 1 && method == "" {
		return byOperation(match.Others[0].ID)
	}
	unknown := &UnknownError{Asked: strings.TrimSpace(method + " " + target)}
	for _, o := range match.Others {
		unknown.Near = append(unknown.Near, o.Method+" "+o.Path)
	}
	if len(unknown.Near) == 0 {
		for _, n := range api.Suggest(api.Sent{Method: method, Segments: segments}).Near {
			unknown.Near = append(unknown.Near, n.Route.Method+" "+n.Route.Path)
		}
	}
	return Reference{}, unknown
}

func byOperation(id string) (Reference, error) {
	page, err := Operation(id)
	if err != nil {
		return Reference{}, err
	}
	facts, err := api.Lookup(id)
	if err != nil {
		return Reference{}, err
	}
	return Reference{Kind: KindEndpoint, ID: id, Operation: &page, Facts: facts}, nil
}

// Find returns the page with a name: a status, a code, an operation, a finding, a
// topic, or a value where nothing else has the name. Upper case, hyphens and
// underscores don't matter.
func Find(name string) (Reference, error) {
	if isExactValue(name) {
		if r, err := byValue(name); err == nil {
			if page, err := findPage(name); err == nil {
				r.Note = fmt.Sprintf("%s is something else, an errorCode: immersve-doctor explain %[1]s", page.ID)
			}
			return r, nil
		}
	}
	r, err := findPage(name)
	if err == nil {
		r.Note = alsoValue(name)
		return r, nil
	}
	for _, try := range []func(string) (Reference, error){byFamily, byValueAsWritten, byOtherWords, byValue, byClass, byItem} {
		r, err := try(name)
		if err == nil && r.Kind != KindValue && r.Kind != KindWebhook {
			r.Note = alsoValue(name)
		}
		if err == nil || !errors.Is(err, ErrNoPage) {
			return r, err
		}
	}
	return Reference{}, fmt.Errorf("%w: %q", ErrNoPage, name)
}

// IsName reports whether a word is the name of a page, or a value spelled as no plain
// word is.
func IsName(word string) bool {
	if _, err := findPage(word); err == nil {
		return true
	}
	_, err := byValueAsWritten(word)
	return err == nil
}

// findPage returns the status, code, operation, finding or topic with a name.
func findPage(name string) (Reference, error) {
	if id, ok := statusID(name); ok {
		return byStatus(id)
	}
	lower := strings.ToLower(strings.ReplaceAll(kebab(name), "_", "-"))
	upper := strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
	for _, try := range []func() (Reference, error){
		func() (Reference, error) { return byTopic(lower) },
		func() (Reference, error) { return byCode(upper) },
		func() (Reference, error) { return byOperation(lower) },
		func() (Reference, error) { return byFinding(lower) },
	} {
		r, err := try()
		if err == nil || !errors.Is(err, ErrNoPage) {
			return r, err
		}
	}
	return Reference{}, ErrNoPage
}

// isExactValue reports whether a name is written as a value and can't be meant as
// the error code that is spelled alike: "insufficient-funds".
func isExactValue(name string) bool {
	if !strings.Contains(name, "-") || strings.ToLower(name) != name {
		return false
	}
	_, err := byCode(strings.ToUpper(strings.ReplaceAll(name, "-", "_")))
	return err == nil
}

// byValueAsWritten returns the page of a value whose spelling is no plain word's, such
// as PASSPORT and expected-spend.
func byValueAsWritten(name string) (Reference, error) {
	r, err := byValue(name)
	if err == nil && (r.ID != name || strings.ToLower(name) == name && !strings.ContainsAny(name, "-_.")) {
		return Reference{}, ErrNoPage
	}
	return r, err
}

// alsoValue notes that the name of a page is also a value of the API.
func alsoValue(name string) string {
	r, err := byValue(name)
	if err != nil || r.ID != name || len(r.Values) == 0 {
		return ""
	}
	var families []string
	for _, page := range r.Values {
		families = append(families, page.Family)
	}
	last := len(families) - 1
	list := strings.TrimPrefix(strings.Join(families[:last], ", ")+" and "+families[last], " and ")
	return fmt.Sprintf("%s is also a value of %s. To see it: immersve-doctor explain %s", name, list, families[0])
}

// byOtherWords finds the page that lists the words as another way to ask for it, or
// the status with these words as its reason phrase.
func byOtherWords(words string) (Reference, error) {
	asked := page.Bare(words)
	if asked == "" {
		return Reference{}, ErrNoPage
	}
	if n, err := strconv.Atoi(asked); err == nil && n < 100 {
		asked = "curl" + asked // too small for a status code: an exit status of curl
	}
	folder, id, _ := strings.Cut(pageAlsoCalled(asked), "/")
	switch folder {
	case "topics":
		return byTopic(id)
	case "findings":
		return byFinding(id)
	case "statuses":
		return byStatus(id)
	case "values":
		return byFamily(id)
	}
	if strings.Contains(words, " ") {
		for _, id := range List("statuses") {
			n, _ := strconv.Atoi(id) // 0 of a range, which has no phrase
			if page.Bare(http.StatusText(n)) == asked {
				return byStatus(id)
			}
		}
	}
	return Reference{}, ErrNoPage
}

// kebab returns createCard as create-card.
func kebab(word string) string {
	var b strings.Builder
	for i, r := range word {
		if i > 0 && 'A' <= r && r <= 'Z' && 'a' <= word[i-1] && word[i-1] <= 'z' {
			b.WriteByte('-')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func byStatus(id string) (Reference, error) {
	page, err := Status(id)
	if err != nil {
		return Reference{}, err
	}
	return Reference{Kind: KindStatus, ID: id, Status: &page}, nil
}

// byItem returns the page with a checklist item, "403.membership" or
// "403.KYC_REQUIRED.1".
func byItem(id string) (Reference, error) {
	page, item, ok := strings.Cut(id, ".")
	if !ok {
		return Reference{}, ErrNoPage
	}
	code, _, _ := strings.Cut(item, ".")
	if r, err := byCode(strings.ToUpper(code)); err == nil {
		return r, nil
	}
	if status, ok := statusID(page); ok {
		return byStatus(status)
	}
	return byFinding(page)
}

// statusID accepts a status code, and ranges as people write them: 5xx, 5XX, 50x.
func statusID(word string) (string, bool) {
	lower := strings.ToLower(word)
	switch lower {
	case "5xx", "50x":
		return "5xx", true
	case "other", "no-response", "not-sent":
		return lower, true
	}
	n, err := strconv.Atoi(word)
	if err != nil || n < 100 || n > 599 {
		return "", false
	}
	if id := StatusPageID(n); id != "other" && (id == word || n >= 500) {
		return id, true
	}
	return "", false
}

func byCode(name string) (Reference, error) {
	page, err := Code(name)
	if err != nil {
		return Reference{}, err
	}
	return Reference{Kind: KindCode, ID: name, Code: &page}, nil
}

func byFinding(id string) (Reference, error) {
	page, err := Finding(id)
	if err != nil {
		return Reference{}, err
	}
	return Reference{Kind: KindFinding, ID: id, Finding: &page}, nil
}

// byClass returns the page of the status that has a class, or of the range if it has
// several.
func byClass(name string) (Reference, error) {
	for _, id := range append([]string{"5xx", "other", "200"}, List("statuses")...) {
		page, err := Status(id)
		if err != nil {
			return Reference{}, err
		}
		if _, ok := page.Classes[name]; ok && slices.Contains(check.Classes(), check.Class(name)) {
			return Reference{Kind: KindStatus, ID: id, Status: &page}, nil
		}
	}
	return Reference{}, ErrNoPage
}

func byTopic(id string) (Reference, error) {
	page, err := Topic(id)
	if err != nil {
		return Reference{}, err
	}
	return Reference{Kind: KindTopic, ID: id, Topic: &page}, nil
}

// byFamily returns the page of a family of values.
func byFamily(family string) (Reference, error) {
	page, err := Value(family)
	if err != nil {
		return Reference{}, err
	}
	return Reference{Kind: KindValue, ID: family, Values: []ValuePage{page}}, nil
}

// byValue returns the page of a value: what each of its families says about it. If
// values differ only in spelling (passport, PASSPORT), the one as written counts.
func byValue(word string) (Reference, error) {
	r := Reference{Kind: KindValue, ID: word}
	exact := false
	for _, family := range familiesOf(page.Fold(word)) {
		p, err := Value(family)
		if err != nil {
			return Reference{}, err
		}
		for i, v := range p.Values {
			if page.Fold(v.Value) != page.Fold(word) || exact && v.Value != word {
				continue
			}
			if v.Value == word && !exact {
				exact, r.Values = true, nil
			}
			r.ID = v.Value
			p.Values = p.Values[i : i+1]
			r.Values = append(r.Values, p)
			if family == "webhook-topic" {
				r.Kind = KindWebhook
			}
			break
		}
	}
	if r.Uses = usesOf(r.ID); len(r.Values) == 0 && len(r.Uses) == 0 {
		return Reference{}, ErrNoPage
	}
	return r, nil
}

// Example returns a command that calls an operation of the simulator.
func Example(operation string) string {
	return strings.Join(strings.Fields("immersve-doctor call "+operation+" "+exampleArguments(operation)), " ") + " --env local"
}

// StatusesOf returns the status codes that a code is documented with, sorted.
func StatusesOf(code string) []string {
	switch code { // documented outside the operations: defaults and the status guide
	case "INVALID_REQUEST_INPUT":
		return []string{"400"}
	case "INSUFFICIENT_FUNDS":
		return []string{"403"}
	}
	found, _ := api.FindCode(code)
	var list []string
	for _, p := range found.Operations {
		if s := strconv.Itoa(p.Status); !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	sort.Strings(list)
	return list
}

// near returns up to three names that differ from a word by a few letters.
func near(word string) []string {
	if len(word) > 64 || page.Fold(word) == "" {
		return nil
	}
	if isRange(word) {
		return statusesOfRange(word[:1])
	}
	type candidate struct {
		name     string
		distance int
	}
	folded := page.Fold(word)
	digits := strings.Trim(word, "0123456789") == ""
	var list []candidate
	add := func(name string) {
		if d := levenshtein.ComputeDistance(folded, page.Fold(name)); d <= max(2, len(word)/4) && d < len(folded) {
			list = append(list, candidate{name, d})
		}
	}
	for _, folder := range []string{"codes", "operations", "findings", "topics", "statuses"} {
		if digits == (folder == "statuses") { // a number is similar to numbers only
			for _, id := range List(folder) {
				add(id)
			}
		}
	}
	for _, family := range List("values") {
		page, err := Value(family)
		if err != nil || digits {
			continue
		}
		for _, v := range page.Values {
			add(v.Value)
		}
	}
	slices.SortStableFunc(list, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(len(a.name), len(b.name)))
	})
	list = slices.CompactFunc(list, func(a, b candidate) bool { return page.Fold(a.name) == page.Fold(b.name) })
	var names []string
	for _, c := range list[:min(3, len(list))] {
		names = append(names, c.name)
	}
	return names
}

// isRange reports whether a word is a range of statuses, such as "4xx".
func isRange(word string) bool {
	return len(word) == 3 && strings.HasSuffix(strings.ToLower(word), "xx")
}

// statusesOfRange returns the documented statuses that begin with a digit, or all of
// them if none is documented.
func statusesOfRange(digit string) []string {
	var documented, all []string
	for _, id := range List("statuses") {
		page, err := Status(id)
		if err != nil || !strings.HasPrefix(id, digit) {
			continue
		}
		all = append(all, id)
		if page.Documented {
			documented = append(documented, id)
		}
	}
	if len(documented) > 0 {
		return documented
	}
	return all
}
