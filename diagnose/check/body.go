package check

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/api/schema"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

// bodyCheck holds the request's body against what the operation documents:
// whether there is one, its content type, its syntax, its members and values.
func bodyCheck() Check {
	return Check{
		Family: "body",
		Run:    bodyFindingsOf,
	}
}

// maxBodyFindings bounds the findings of one body; a reader mends the first ones
// and asks again.
const maxBodyFindings = 40

func bodyFindingsOf(in *Input) []Finding {
	if in.Exchange.Request == nil {
		return nil
	}
	list := slices.Concat(bodyPresence(in), contentTypeFindings(in), bodyContent(in))
	if in.Class == Success {
		list = withoutErrors(list)
	}
	return list[:min(len(list), maxBodyFindings)]
}

// withoutErrors keeps what is worth knowing of a request that succeeded. That
// the server took it disproves every error, and every doubt about what it takes.
func withoutErrors(list []Finding) []Finding {
	kept := list[:0:0]
	for _, f := range list {
		switch f.ID {
		case finding.BodyUnknownField, finding.BodyUnexpected, finding.BodyPlaceholder, finding.BodyInvalidValue, finding.AmountNotMinorUnits:
			if f.Severity != Error {
				f.Severity = Info
				kept = append(kept, f)
			}
		}
	}
	return kept
}

// takesBody returns the operation's documented body, nil when none is documented
// or no operation is known.
func takesBody(in *Input) *api.RequestBody {
	if in.Operation == nil {
		return nil
	}
	return in.Operation.RequestBody
}

// bodyPresence judges whether there should be a body at all.
func bodyPresence(in *Input) []Finding {
	documented := takesBody(in)
	body := in.Request().Body
	switch {
	case in.Operation == nil:
	case documented == nil && body.Present() && !isNothing(body.Bytes()):
		return []Finding{{
			ID: finding.BodyUnexpected, Severity: Warning, Title: in.Operation.ID + " doesn't accept a body, but one was sent",
			Evidence: fmt.Sprintf("the body has %d bytes; the docs don't describe one", len(body.Bytes())),
			Location: Location{Part: RequestBody, Line: 1, Column: 1}, Docs: in.Operation.Docs,
		}}
	case documented != nil && contentState(in.Request()) == exchange.BodyAbsent:
		return missingBody(in, documented)
	}
	return nil
}

// isNothing reports whether a content says nothing: {}, [], null, white space.
func isNothing(text []byte) bool {
	if len(text) > 1000 {
		return false
	}
	switch string(bytes.Join(bytes.Fields(text), nil)) {
	case "", "{}", "[]", "null", `""`:
		return true
	}
	return false
}

func missingBody(in *Input, documented *api.RequestBody) []Finding {
	f := Finding{
		ID: finding.BodyMissing, Severity: Error, Title: in.Operation.ID + " needs a body, but the request doesn't have one",
		Location: Location{Part: RequestBody}, Docs: in.Operation.Docs,
	}
	required := requiredMembers(in.Operation)
	if !documented.Required {
		if required == "" {
			return nil
		}
		f.Severity = Warning // the documentation marks the body optional and its members required
		f.Title = in.Operation.ID + " was sent without a body"
	}
	f.Evidence = "the request has no body; the docs require " + documented.ContentType
	if required != "" {
		f.Evidence += " with " + required
	}
	f.Fix = "Send the body. If you use curl, check for a missing backslash before the --data line."
	return []Finding{f}
}

// requiredMembers lists what every body of an operation must hold.
func requiredMembers(op *api.Operation) string {
	s, err := schema.ForRequest(op)
	if s == nil || err != nil {
		return ""
	}
	var names []string
	for _, v := range s.Validate(schema.Parse([]byte("{}"))) {
		if v.Keyword == "required" && v.Pointer == "" {
			names = append(names, v.Member)
		}
	}
	return strings.Join(names, ", ")
}

// bodyContent judges what the body holds.
func bodyContent(in *Input) []Finding {
	body := in.Request().Body
	documented := takesBody(in)
	switch {
	case !body.Present() || isEncoded(in):
		return nil
	case in.Operation == nil:
		return strayBody(in)
	case documented == nil:
		return nil
	case strings.HasPrefix(documented.ContentType, "multipart/"):
		return multipartFindings(in)
	}
	return jsonFindings(in)
}

// isEncoded reports whether the content is compressed, as its header says: then
// the bytes are not the text (RFC 9110 section 8.4).
func isEncoded(in *Input) bool {
	coding := strings.ToLower(strings.TrimSpace(in.Request().Header.Text("content-encoding")))
	return coding != "" && coding != "identity"
}

// strayBody judges the syntax of a body whose operation is not known, where it
// says itself that it is JSON.
func strayBody(in *Input) []Finding {
	media, _ := requestMedia(in)
	text := bytes.TrimSpace(in.Request().Body.Bytes())
	if !isJSONMedia(media) || len(text) == 0 || text[0] != '{' && text[0] != '[' {
		return nil
	}
	d := newBodyDoc(in)
	if !d.readJSON() {
		return d.findings()
	}
	return nil
}

// elided reports whether a person cut a body and put dots there: nothing else is in
// its brackets, or the content-length counts more than what is left.
func elided(request *exchange.Request) bool {
	text := bytes.TrimSpace(request.Body.Bytes())
	if len(text) < 4 || !bytes.Contains(text, []byte("...")) && !bytes.Contains(text, []byte("…")) {
		return false
	}
	if inner := strings.TrimFunc(string(text), func(r rune) bool { return strings.ContainsRune("{}[]\".… \t\r\n", r) }); inner == "" {
		return true
	}
	length, err := strconv.Atoi(strings.TrimSpace(request.Header.Text("content-length")))
	return err == nil && length > len(request.Body.Bytes())+1
}

func jsonFindings(in *Input) []Finding {
	d := newBodyDoc(in)
	shell := in.Request().FromShell(string(in.Request().Body.Bytes()))
	if shell && !exchange.ValidJSON(d.text) && !inStrings(in.Request()) {
		return nil // what the shell puts in may make it JSON
	}
	if in.Class != NotSent && elided(in.Request()) {
		return nil
	}
	if !d.readJSON() && d.root == nil {
		return d.findings()
	}
	d.judge()
	return d.findings()
}

// bodyDoc is a JSON body under judgement. text is the body as captured, or as
// the slips' mending left it; slipEdits lead from the one to the other.
type bodyDoc struct {
	in        *Input
	op        *api.Operation // nil when the operation is not known
	text      []byte
	slipEdits []edit
	mended    bool // the text is not what was sent
	root      *schema.Node
	schema    *schema.Schema
	places    []*schema.Place
	unknown   []*schema.Place // the members that are not documented, at most 100
	out       []placedFinding
	fixes     []edit // of text
	claimed   map[int]bool
	renamed   map[string]bool // pointers of members that a fix renames
	judged    map[int]bool    // offsets of values whose violation is noted
	limit     Severity        // the strongest that a violation may be called
}

// placedFinding is a finding with its place in text, and whether one of the
// fixes is its own.
type placedFinding struct {
	Finding
	at    int
	sent  int // the place in the body as sent, where it is known to differ; 0 else
	fixed bool
}

// maxJudged bounds the bodies whose members are judged; no documented body comes
// near it.
const maxJudged = 4 << 20

// Unjudged says in a clause why the members of a JSON body were not all compared
// with what is documented, "" when they were.
func Unjudged(in *Input) string {
	body := in.Request().Body
	text := body.Bytes()
	switch documented := takesBody(in); {
	case !body.Present() || documented == nil || strings.HasPrefix(documented.ContentType, "multipart/"):
		return ""
	case isEncoded(in):
		return "the body is compressed, so it wasn't compared"
	case len(text) > maxJudged:
		return fmt.Sprintf("the body is larger than %d MiB, so its fields weren't compared", maxJudged>>20)
	case exchange.Depth(text) > exchange.MaxDepth:
		return fmt.Sprintf("the body is nested more than %d levels deep, so not all of it was compared", exchange.MaxDepth)
	case !schema.Whole(text):
		return "the body has too many values, so not all of them were compared"
	}
	return ""
}

func newBodyDoc(in *Input) *bodyDoc {
	return &bodyDoc{in: in, op: in.Operation, text: knownText(in.Request()), claimed: map[int]bool{}, renamed: map[string]bool{}, judged: map[int]bool{}, limit: Error}
}

// inStrings reports whether all that only the user's shell knows of a body is inside
// JSON strings, so that it can't make the rest valid or invalid.
func inStrings(request *exchange.Request) bool {
	text, quoted := request.Body.Bytes(), false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && startsWithAny(text[i:], request.Unexpanded):
			return false
		}
	}
	return !quoted
}

func startsWithAny(text []byte, words []string) bool {
	for _, word := range words {
		if word != "" && bytes.HasPrefix(text, []byte(word)) {
			return true
		}
	}
	return false
}

// knownText is the body with a mask of the same length over what only the user's
// shell knows.
func knownText(request *exchange.Request) []byte {
	text := request.Body.Bytes()
	for _, u := range request.Unexpanded {
		if u != "" && bytes.Contains(text, []byte(u)) {
			mask := "…" + strings.Repeat("*", max(0, len(u)-len("…")))
			text = bytes.ReplaceAll(text, []byte(u), []byte(mask))
		}
	}
	return text
}

// add notes a finding at a byte offset of text. Its location is completed from
// the offset.
func (d *bodyDoc) add(at int, f Finding, fixes ...edit) {
	if f.Location.Part == "" {
		f.Location.Part = RequestBody
	}
	if f.Docs == "" && d.op != nil {
		f.Docs = d.op.Docs
	}
	if d.mended && f.Severity == Error && f.ID != finding.BodyInvalidJSON {
		f.Severity = Warning // judged on a text that was not sent
	}
	p := placedFinding{Finding: f, at: at}
	for _, fix := range fixes {
		p.fixed = d.fix(fix) || p.fixed
	}
	d.out = append(d.out, p)
}

// fix keeps an edit unless another one claims its place.
func (d *bodyDoc) fix(e edit) bool {
	for _, other := range d.fixes {
		if other == e {
			return true
		}
		if e.start < other.end && other.start < e.end || e.start == other.start {
			return false
		}
	}
	d.fixes = append(d.fixes, e)
	return true
}

// findings returns what was found in the order of the text, with lines, columns
// and the repaired body.
func (d *bodyDoc) findings() []Finding {
	slices.SortStableFunc(d.out, func(a, b placedFinding) int { return cmp.Compare(a.at, b.at) })
	corrected := d.corrected()
	if len(d.in.Request().Unexpanded) > 0 {
		corrected = nil // a command made of it would put quotes around what the shell fills in
	}
	body := d.in.Request().Body
	var list []Finding
	for _, p := range d.out[:min(len(d.out), maxBodyFindings)] {
		f := p.Finding
		offset := p.at
		switch {
		case p.sent > 0:
			offset = p.sent
		case d.mended:
			offset = originalOffset(d.slipEdits, offset)
		}
		f.Location.Line, f.Location.Column = body.Position(offset)
		if corrected != nil && p.fixed {
			f.Repairs = []Repair{{Kind: RepairBody, Value: string(corrected)}}
		}
		list = append(list, f)
	}
	return list
}

// corrected returns the body with every determined fix applied, nil when there
// is none or the outcome is no JSON.
func (d *bodyDoc) corrected() []byte {
	if len(d.fixes) == 0 && !d.mended {
		return nil
	}
	text := applyEdits(d.text, d.fixes)
	if text == nil || !exchange.ValidJSON(text) {
		return nil
	}
	return text
}
