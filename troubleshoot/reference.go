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
)

// ReferenceKind is what a page of the reference is about.
type ReferenceKind string

// The kinds, as JSON has them.
const (
	KindStatus   ReferenceKind = "status"
	KindCode     ReferenceKind = "code"
	KindEndpoint ReferenceKind = "endpoint"
	KindFinding  ReferenceKind = "finding"
	KindValue    ReferenceKind = "value" // a coded value that is no errorCode
)

// Reference is the answer to "explain": exactly one of the pages is set.
type Reference struct {
	Kind      ReferenceKind
	ID        string
	Status    *StatusPage
	Code      *CodePage
	Operation *OperationPage
	Facts     *api.Operation // with Operation
	Finding   *FindingPage
	Values    []ValuePage // every family that has the value
	Note      string      // what of the question does not fit, "" for nothing
}

// UnknownError says that nothing is called so, and what is called nearly so.
type UnknownError struct {
	Asked string
	Near  []string
	Why   string // what is wrong with the question, "" when a name is not known
}

// Error names the nearest.
func (e *UnknownError) Error() string {
	switch {
	case e.Why != "":
		return e.Why
	case len(e.Near) == 0:
		return fmt.Sprintf("nothing is called %q", e.Asked)
	}
	return fmt.Sprintf("nothing is called %q; the nearest: %s", e.Asked, strings.Join(e.Near, ", "))
}

// question is what the words of "explain" ask for.
type question struct {
	status string // "403", "5xx"; "" for none
	method string
	target string // a path or URL
	names  []string
}

// Resolve finds the page that the words of "explain" ask for: a status, a code,
// an operation, a finding, a coded value, a method and path, or several of them
// in any order. Of several, the code, finding or value decides, before the
// operation, before the status; what does not fit is noted.
func Resolve(words []string) (Reference, error) {
	words = strings.Fields(strings.Join(words, " "))
	if r, err := byOtherWords(words); err == nil {
		return r, nil
	}
	q, err := ask(words)
	if err != nil {
		return Reference{}, err
	}
	found, err := q.pages()
	if err != nil {
		return Reference{}, err
	}
	best := found[0]
	for _, r := range found[1:] {
		if weight(r.Kind) >= weight(best.Kind) {
			best = r
		}
	}
	best.Note = q.note(best, found)
	if best.Note == "" && len(q.names) == 1 {
		best.Note = alsoValue(q.names[0], best)
	}
	return best, nil
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

// ask sorts the words.
func ask(words []string) (question, error) {
	var q question
	for i, word := range words {
		_, isStatus := statusID(word)
		switch {
		case isMethod(word) && i+1 < len(words) && isTarget(words[i+1], true):
			q.method = strings.ToUpper(word)
		case isMethod(word) && len(words) == 1:
			return q, &UnknownError{Asked: word, Why: fmt.Sprintf("%s is a method and wants a path: %[1]s /api/…", strings.ToUpper(word))}
		case isTarget(word, q.method != "" && q.target == ""):
			q.target = word
		case isStatus && q.status != "":
			return q, &UnknownError{Asked: word, Why: "one status at a time, not " + q.status + " and " + word}
		case isStatus:
			q.status = word
		case strings.HasPrefix(strings.ToUpper(word), "HTTP") && len(words) > 1: // a status line that was pasted
		default:
			q.names = append(q.names, word)
		}
	}
	if n, err := strconv.Atoi(q.status); err == nil && fold(strings.Join(q.names, "")) == fold(http.StatusText(n)) {
		q.names = nil
	}
	if q.status == "" && q.target == "" && len(q.names) == 0 {
		return q, &UnknownError{}
	}
	return q, nil
}

// isTarget reports whether a word is a path or a URL; behind a method the slash in
// front may be missing.
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
	named, err := byNames(q.names)
	return append(list, named...), err
}

// byNames finds the names one by one, or all of them as one: "create card".
func byNames(names []string) ([]Reference, error) {
	if len(names) > 1 {
		if r, err := byName(strings.Join(names, "-")); err == nil {
			return []Reference{r}, nil
		}
	}
	var list []Reference
	for _, name := range names {
		r, err := byName(name)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

// note says what of a question does not fit the page that answers it, and what
// the parts mean together.
func (q *question) note(r Reference, found []Reference) string {
	switch {
	case r.Kind == KindCode:
		return codeNote(r.ID, q.status, found)
	case r.Kind == KindEndpoint && q.status != "":
		return answerNote(r.Facts, q.status)
	}
	return ""
}

// alsoValue notes that a word, as it is written, is a coded value besides being
// the name of a page: kyc_required, submit_kyc_statement.
func alsoValue(word string, r Reference) string {
	if r.Kind == KindValue || word == r.ID {
		return ""
	}
	for _, family := range List("values") {
		page, err := Value(family)
		if err == nil && slices.ContainsFunc(page.Values, func(v Coded) bool { return v.Value == word }) {
			return fmt.Sprintf("%s, so written, is also a coded value: immersve-doctor explain %s.", word, family)
		}
	}
	return ""
}

func codeNote(code, status string, found []Reference) string {
	if statuses := StatusesOf(code); status != "" && len(statuses) > 0 && !slices.Contains(statuses, status) && !strings.EqualFold(status, "5xx") {
		return fmt.Sprintf("%s is documented with status %s, not with %s.", code, strings.Join(statuses, " and "), status)
	}
	for _, r := range found {
		if r.Kind == KindEndpoint && !documents(r.Facts, code) && code != "FORBIDDEN" && code != "INVALID_REQUEST_INPUT" {
			return fmt.Sprintf("%s is not documented for %s.", code, r.ID)
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

// answerNote says what a status means on an operation.
func answerNote(f *api.Operation, status string) string {
	r, listed := f.Responses[status]
	codes := slices.Sorted(slices.Values(r.ErrorCodes))
	switch {
	case listed && len(codes) > 0:
		return fmt.Sprintf("with %s it is documented to answer %s. One of them: immersve-doctor explain %s", status, strings.Join(codes, ", "), codes[0])
	case listed:
		return fmt.Sprintf("%s is listed there without errorCodes. More: immersve-doctor explain %[1]s", status)
	}
	return fmt.Sprintf("%s is not listed there. More: immersve-doctor explain %[1]s", status)
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

// byName tries what a single word may name, in the order in which people ask.
func byName(word string) (Reference, error) {
	if id, ok := statusID(word); ok {
		return byStatus(id)
	}
	lower := strings.ToLower(strings.ReplaceAll(kebab(word), "_", "-"))
	upper := strings.ToUpper(strings.ReplaceAll(word, "-", "_"))
	for _, try := range []func() (Reference, error){
		func() (Reference, error) { return byExactValue(word) }, // "insufficient-funds" is not INSUFFICIENT_FUNDS
		func() (Reference, error) { return byCode(upper) },
		func() (Reference, error) { return byOperation(lower) },
		func() (Reference, error) { return byFinding(lower) },
		func() (Reference, error) { return byValue(word) },
		func() (Reference, error) { return byClass(lower) },
		func() (Reference, error) { return byItem(word) },
	} {
		r, err := try()
		if err == nil || !errors.Is(err, ErrNoPage) {
			return r, err
		}
	}
	unknown := &UnknownError{Asked: word, Near: near(word)}
	if n, err := strconv.Atoi(word); err == nil && n >= 100 && n <= 599 {
		unknown.Why = fmt.Sprintf("neither the API nor RFC 9110 has a status %d", n)
	}
	return Reference{}, unknown
}

// byOtherWords finds the page that lists the words as another way to ask for it, or
// the status whose reason phrase they are.
func byOtherWords(words []string) (Reference, error) {
	asked := bare(strings.Join(words, " "))
	if asked == "" {
		return Reference{}, ErrNoPage
	}
	if n, err := strconv.Atoi(asked); err == nil && n < 100 {
		asked = "curl" + asked // too small for a status code: an exit status of curl
	}
	for _, id := range List("findings") {
		if page, err := Finding(id); err == nil && hasWords(page.Also, asked) {
			return byFinding(id)
		}
	}
	for _, id := range List("statuses") {
		page, err := Status(id)
		if err != nil {
			continue
		}
		n, _ := strconv.Atoi(id) // 0 of a range, which has no phrase
		if hasWords(page.Also, asked) || len(words) > 1 && bare(http.StatusText(n)) == asked {
			return byStatus(id)
		}
	}
	return Reference{}, ErrNoPage
}

func hasWords(list []string, asked string) bool {
	return slices.ContainsFunc(list, func(w string) bool { return bare(w) == asked })
}

// bare leaves of a text its letters and digits, in lower case.
func bare(text string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '<' {
			return r
		}
		return -1
	}, strings.ToLower(text))
}

// Mentions returns up to three names of pages whose text holds a word, those first
// that hold it most often.
func Mentions(word string) []string {
	word = strings.ToLower(word)
	if len(word) < 3 || len(word) > 64 {
		return nil
	}
	type place struct {
		name string
		n    int
	}
	var list []place
	for folder, text := range map[string]func(string) string{"findings": findingText, "operations": operationText, "statuses": statusText, "codes": codeText} {
		for _, id := range List(folder) {
			if n := countWord(strings.ToLower(text(id)), word); n > 0 {
				list = append(list, place{id, n})
			}
		}
	}
	slices.SortFunc(list, func(a, b place) int { return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.name, b.name)) })
	var names []string
	for _, p := range list[:min(3, len(list))] {
		names = append(names, p.name)
	}
	return names
}

// countWord counts where a text has a word that is no part of another.
func countWord(text, word string) int {
	n := 0
	for at := 0; ; {
		i := strings.Index(text[at:], word)
		if i < 0 {
			return n
		}
		i += at
		at = i + len(word)
		if (i == 0 || !isLetter(text[i-1])) && (at == len(text) || !isLetter(text[at])) {
			n++
		}
	}
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' }

func findingText(id string) string {
	page, _ := Finding(id) // of List, so it is there
	text, _, _ := strings.Cut(page.Body, "\n## ")
	return page.Title + "\n" + page.Fix + "\n" + text
}

func statusText(id string) string {
	page, _ := Status(id)
	return page.Title + "\n" + page.Means + "\n" + page.Body
}

func codeText(id string) string {
	page, _ := Code(id)
	return page.Title + "\n" + strings.Join(page.Causes, "\n") + "\n" + strings.Join(page.Fix, "\n") + "\n" + page.Body
}

// operationText is what the page says, and the names that requests and responses
// have.
func operationText(id string) string {
	page, _ := Operation(id)
	text := page.Title + "\n" + page.About + "\n" + page.Caller + "\n" + strings.Join(page.Traps, "\n")
	facts, err := api.Lookup(id)
	if err != nil {
		return text
	}
	for _, p := range facts.Parameters {
		text += "\n" + p.Name
	}
	if facts.RequestBody != nil {
		text += fmt.Sprintf("\n%s", facts.RequestBody.Schema)
	}
	return text
}

// kebab writes createCard as create-card.
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

// byItem answers the id of a checklist's item, "403.membership" or
// "403.KYC_REQUIRED.1", with the page that has it.
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

// byClass answers a class's name with the page of its status: the range's page
// where it has several.
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

// byExactValue finds a coded value that is written in lower case, and so cannot
// be meant as an errorCode.
func byExactValue(word string) (Reference, error) {
	if strings.ToUpper(word) == word || strings.ContainsRune(word, '_') {
		return Reference{}, ErrNoPage
	}
	if slices.Contains(List("findings"), word) || slices.Contains(List("operations"), word) {
		return Reference{}, ErrNoPage
	}
	return byValue(word)
}

func byValue(word string) (Reference, error) {
	r := Reference{Kind: KindValue, ID: word}
	for _, family := range List("values") {
		page, err := Value(family)
		if err != nil {
			return Reference{}, err
		}
		if family == word || slices.ContainsFunc(page.Values, func(v Coded) bool { return v.Value == word || strings.EqualFold(v.Value, word) }) {
			r.Values = append(r.Values, page)
		}
	}
	if len(r.Values) == 0 {
		return Reference{}, ErrNoPage
	}
	return r, nil
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

// near returns up to three names that resemble a word.
func near(word string) []string {
	if len(word) > 64 || fold(word) == "" {
		return nil
	}
	if len(word) == 3 && strings.HasSuffix(strings.ToLower(word), "xx") {
		return statusesOfRange(word[:1])
	}
	type candidate struct {
		name     string
		distance int
	}
	folded := fold(word)
	digits := strings.Trim(word, "0123456789") == ""
	var list []candidate
	for _, folder := range []string{"codes", "operations", "findings", "statuses"} {
		if digits != (folder == "statuses") {
			continue // what is short has no name of the other sort nearby
		}
		for _, id := range List(folder) {
			d := levenshtein.ComputeDistance(folded, fold(id))
			switch {
			case hasPart(id, folded):
				d = min(d, 1)
			case strings.HasPrefix(fold(id), folded) && len(folded) >= 4:
				d = min(d, 2)
			}
			if d <= max(2, len(word)/3) && d < len(folded) {
				list = append(list, candidate{id, d})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(len(a.name), len(b.name)))
	})
	var names []string
	for _, c := range list[:min(3, len(list))] {
		names = append(names, c.name)
	}
	return names
}

// hasPart reports whether a name has a word as one of its parts, in the singular or
// in the plural: list-cards and CARD_NOT_FOUND have "cards".
func hasPart(name, word string) bool {
	if len(word) < 3 {
		return false
	}
	for part := range strings.FieldsFuncSeq(strings.ToLower(name), func(r rune) bool { return r == '-' || r == '_' }) {
		if strings.TrimSuffix(part, "s") == strings.TrimSuffix(word, "s") {
			return true
		}
	}
	return false
}

// statusesOfRange returns the documented statuses that begin with a digit, all of
// them where none is documented.
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

func fold(s string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(s))
}
