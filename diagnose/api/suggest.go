package api

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"immersve-doctor/diagnose/api/words"
)

// Sent is what a request shows of the endpoint that it was meant for.
type Sent struct {
	Method   string
	Segments []string // of the path, percent-decoded
	Query    []string // names of the parameters
	Fields   []string // names of the body's top-level fields
	Body     Presence // of a body
	Account  string   // the account that another part of the request names, or ""
}

// Presence says whether something was sent. Its zero value claims nothing.
type Presence int

// The presences.
const (
	Unseen Presence = iota
	Absent
	Present
)

// Near is a documented route that a request may have been meant for.
type Near struct {
	Route  Route
	Score  float64 // 1 means that every word fits
	Path   string  // the template with the request's IDs filled in
	Filled bool    // no parameter of the template is left in Path

	words float64 // how much of the words agree
}

// Suggestion is what a request was probably meant for.
type Suggestion struct {
	Near   []Near // best first, three at most
	Clear  bool   // the first is the only sensible reading
	Absent string // what was probably wanted, if the API has no endpoint for it: "card programs"
}

// Intent is what a request or an operation does.
type intent string

const (
	intentRead   intent = "read"
	intentCreate intent = "create"
	intentChange intent = "change"
	intentRemove intent = "remove"
	intentAct    intent = "act"
	intentPost   intent = "post" // a POST without a verb: creates, changes or acts
)

// The types of the generated tables.
type (
	profile struct {
		intent        intent
		fields, query string   // names, separated by blanks
		owners        []string // by parameter of the path: the key of the segment before it
	}
	term struct {
		stem   string
		weight float64
	}
	phrase struct {
		route  int
		intent intent // that the request must have, or "" for any
		terms  []uint16
	}
	verb struct {
		word   string
		intent intent
	}
)

// The weights of the evidence, set by the routes in diagnose/check/testdata.
const (
	unknownWeight   = 2.0  // of a word that no operation has
	enough          = 0.50 // the score that is worth naming
	convincing      = 0.62 // the score of a reading that is followed
	agreeing        = 0.45 // of the words alone, for the same
	margin          = 0.07 // by which it is better than the next
	far             = 0.25 // by which a reading is too far from the best to be named
	missingID       = 0.10
	knownAccount    = 0.03 // instead of missingID, if the account is named elsewhere
	surplusID       = 0.04
	foreignID       = 0.12 // if an ID belongs to another resource
	otherEnding     = 0.12
	samePath        = 0.15
	absent          = 0.30 // if the words fit an absent endpoint as well
	sameMethod      = 0.03
	fieldsWeight    = 0.40
	bodyMismatch    = 0.10
	maxSegments     = 16
	maxSegmentBytes = 128
)

// Suggest returns the operations that a request without a documented route was
// probably meant for. It compares words, not letters: what the path names, what
// the method and the verbs intend, which fields and parameters were sent.
func Suggest(sent Sent) Suggestion {
	if len(sent.Segments) > maxSegments || slices.ContainsFunc(sent.Segments, func(s string) bool { return len(s) > maxSegmentBytes }) {
		return Suggestion{}
	}
	r := newReading(sent)
	if near, ok := r.almost(sent.Method); ok {
		return Suggestion{Near: []Near{near}, Clear: true}
	}
	if len(r.terms) == 0 {
		return Suggestion{}
	}
	scores := r.similarities()
	absence, at := 0.0, 0
	for i, s := range scores[len(routes):] {
		if s.words > absence {
			absence, at = s.words, i
		}
	}
	same := MatchRoute("", r.segments)
	var list []Near
	for i, route := range routes {
		if scores[i].words < enough/2 {
			continue
		}
		score := r.judge(sent, i, scores[i])
		if slices.ContainsFunc(same.Others, func(o Route) bool { return o.ID == route.ID }) {
			score = max(score+samePath, enough)
		}
		if scores[i].words <= absence {
			score -= absence * absent
		}
		if score >= enough {
			path, filled, _ := r.fill(i, sent.Account)
			list = append(list, Near{route, score, path, filled, scores[i].words})
		}
	}
	slices.SortStableFunc(list, func(a, b Near) int { return cmp.Compare(b.Score, a.Score) })
	for i := range list {
		if i == 3 || list[i].Score < list[0].Score-far {
			list = list[:i]
			break
		}
	}
	s := Suggestion{Near: list}
	if absence >= convincing && (len(list) == 0 || list[0].Score < convincing) {
		s.Absent = absences[at]
	}
	if len(list) > 0 {
		reads := list[0].Route.Reads()
		fits := reads == (r.intent == intentRead) || reads && (r.intent == intentPost || onlyRead(list[0].Route.Tag)) || r.intent == ""
		removes := profileOf(list[0].Route).intent == intentRemove
		fits = fits && (!removes || r.intent == intentRemove || r.intent == intentPost && list[0].Route.Method == "POST")
		s.Clear = s.Absent == "" && list[0].Score >= convincing && list[0].words >= agreeing && (len(list) == 1 || list[1].Score <= list[0].Score-margin) && fits
	}
	return s
}

// almost returns the route that a path is but for its prefix or its case: without /api
// or with one too many, with a word such as test after it, with capitals.
func (r *reading) almost(method string) (Near, bool) {
	if method == "" || len(r.terms) == 0 {
		return Near{}, false
	}
	segments := make([]string, 0, len(r.segments)+1)
	for _, s := range r.segments {
		if !IsID(s) {
			s = strings.ReplaceAll(strings.ToLower(s), "_", "-")
		}
		segments = append(segments, s)
	}
	if len(segments) > 0 && segments[0] == "api" {
		segments = segments[1:]
	}
	if near, ok := documented(method, segments); ok || len(segments) < 2 || !slices.Contains(prefixes, segments[0]) {
		return near, ok
	}
	return documented(method, segments[1:])
}

// documented returns the route that segments are, with or without /api.
func documented(method string, segments []string) (Near, bool) {
	for _, all := range [...][]string{append([]string{"api"}, segments...), segments} {
		if m := MatchRoute(method, all); m.Found() && !slices.ContainsFunc(m.Parameters, func(id string) bool { return !IsID(id) && !slices.Contains(m.Names, "faultTypeName") }) {
			return Near{Route: m.Route, Score: 1, Path: "/" + strings.Join(all, "/"), Filled: true, words: 1}, true
		}
	}
	return Near{}, false
}

// onlyRead reports whether no operation of a tag changes anything.
func onlyRead(tag string) bool {
	for i := range routes {
		if routes[i].Tag == tag && profiles[i].intent != intentRead {
			return false
		}
	}
	return true
}

// Reads reports whether an operation changes nothing, whatever its method.
func (r Route) Reads() bool { return profileOf(r).intent == intentRead }

func profileOf(r Route) profile {
	for i := range routes {
		if routes[i].ID == r.ID {
			return profiles[i]
		}
	}
	return profile{}
}

// reading is what a request's path and method mean.
type reading struct {
	segments []string    // without what is never part of a documented path
	keys     []string    // by segment: what its forms have in common
	ids      []int       // indexes of the segments that are IDs
	terms    []usedTerm  // the words that name something
	matches  [][]quality // by term
	intent   intent
	// endsWithID reports whether nothing but fillers follows the last ID.
	endsWithID bool
}

type usedTerm struct {
	stem   string
	weight float64
}

type quality struct {
	term  uint16
	value float64
}

func newReading(sent Sent) *reading {
	r := &reading{intent: intentOfMethod(sent.Method)}
	r.segments = Significant(sent.Segments)
	for _, segment := range r.segments {
		r.keys = append(r.keys, words.Key(segment))
	}
	var list []string
	for i, segment := range r.segments {
		if IsID(segment) || i > 0 && r.named(i) {
			r.ids = append(r.ids, i)
			r.endsWithID = true
			continue
		}
		parts := words.Split(segment)
		r.endsWithID = r.endsWithID && !slices.ContainsFunc(parts, func(word string) bool { return !slices.Contains(fillers[:], word) && !isVerb(word) })
		list = append(list, parts...)
	}
	list = joined(list)
	for _, word := range list {
		if slices.Contains(fillers[:], word) {
			continue
		}
		if i := slices.IndexFunc(verbs[:], func(v verb) bool { return v.word == word }); i >= 0 {
			r.intent = verbs[i].intent
			continue
		}
		r.add(word)
	}
	return r
}

// named reports whether a segment is the name of a resource: a word of no
// operation, after a segment that a documented path follows with a parameter.
func (r *reading) named(i int) bool {
	if IsID(r.segments[i-1]) {
		return false
	}
	unknown := false
	for _, word := range words.Split(r.segments[i]) {
		if _, known := findTerm(words.Stem(word)); !known && !slices.Contains(fillers[:], word) && !isVerb(word) {
			unknown = true
		}
	}
	return unknown && isOwner(r.keys[i-1])
}

// isOwner reports whether some documented path has an ID after a segment of the key.
func isOwner(key string) bool {
	for i := range profiles {
		if slices.Contains(profiles[i].owners, key) {
			return true
		}
	}
	return false
}

func isVerb(word string) bool {
	return slices.ContainsFunc(verbs[:], func(v verb) bool { return v.word == word })
}

// joined puts together the words that are one word elsewhere: "sign-up", "re-issue".
func joined(list []string) []string {
	var out []string
	for i := 0; i < len(list); i++ {
		if i+1 < len(list) {
			both := list[i] + list[i+1]
			_, known := findTerm(words.Stem(both))
			if known {
				out = append(out, both)
				i++
				continue
			}
		}
		out = append(out, list[i])
	}
	return out
}

// add adds a word that names something; a compound counts as its parts.
func (r *reading) add(word string) {
	stem := words.Stem(word)
	matches := similarTerms(stem)
	if len(matches) == 0 {
		for i := 3; i <= len(word)-3; i++ {
			first, ok1 := findTerm(words.Stem(word[:i]))
			second, ok2 := findTerm(words.Stem(word[i:]))
			if ok1 && ok2 {
				r.addTerm(word[:i], vocabulary[first].weight, []quality{{uint16(first), 1}})
				r.addTerm(word[i:], vocabulary[second].weight, []quality{{uint16(second), 1}})
				return
			}
		}
		r.addTerm(stem, unknownWeight, nil)
		return
	}
	best := slices.MaxFunc(matches, func(a, b quality) int { return cmp.Compare(a.value, b.value) })
	r.addTerm(stem, vocabulary[best.term].weight, matches)
}

func (r *reading) addTerm(stem string, weight float64, matches []quality) {
	if slices.ContainsFunc(r.terms, func(t usedTerm) bool { return t.stem == stem }) {
		return
	}
	r.terms = append(r.terms, usedTerm{stem, weight})
	r.matches = append(r.matches, matches)
}

func findTerm(stem string) (int, bool) {
	i := sort.Search(len(vocabulary), func(i int) bool { return vocabulary[i].stem >= stem })
	return i, i < len(vocabulary) && vocabulary[i].stem == stem
}

func similarTerms(stem string) []quality {
	if i, ok := findTerm(stem); ok {
		return []quality{{uint16(i), 1}}
	}
	var list []quality
	for i := range vocabulary {
		if v := words.Similar(stem, vocabulary[i].stem); v > 0 {
			list = append(list, quality{uint16(i), v})
		}
	}
	return list
}

// similarity is how much the words of a request and of a route agree. intended says
// that the intent is part of the agreement.
type similarity struct {
	words    float64
	intended bool
}

// similarities returns by route how much of the words agree: twice the shared
// weight by the weight of both sides, of the phrase that agrees most.
func (r *reading) similarities() []similarity {
	own := 0.0
	for _, t := range r.terms {
		own += t.weight
	}
	best := make([]similarity, len(routes)+len(absences))
	for _, p := range phrases {
		if p.intent != "" && p.intent != r.intent || p.route >= len(routes) && p.intent == intentPost && r.endsWithID {
			continue // to create something isn't what a POST to it is for
		}
		total, shared := own, 0.0
		for _, id := range p.terms {
			weight := vocabulary[id].weight
			total += weight
			shared += 2 * weight * r.match(id)
		}
		if s := shared / total; s > best[p.route].words {
			best[p.route] = similarity{s, p.intent != ""}
		}
	}
	return best
}

// match returns how well the best of the request's words fits a term.
func (r *reading) match(term uint16) float64 {
	best := 0.0
	for _, matches := range r.matches {
		for _, q := range matches {
			if q.term == term {
				best = max(best, q.value)
			}
		}
	}
	return best
}

// judge turns the similarity of the words into the score of a route.
func (r *reading) judge(sent Sent, i int, by similarity) float64 {
	route, profile := routes[i], profiles[i]
	score := by.words
	if !by.intended {
		score *= fitting(r.intent, profile.intent, route.Method)
	}
	missing := strings.Count(route.Path, "{") - len(r.ids)
	switch {
	case missing > 0 && sent.Account != "" && strings.Contains(route.Path, "/accounts/{"):
		score -= knownAccount + float64(missing-1)*missingID
	case missing > 0:
		score -= float64(missing) * missingID
	default:
		score += float64(missing) * surplusID
	}
	if r.endsWithID != strings.HasSuffix(route.Path, "}") {
		score -= otherEnding
		if r.endsWithID && !strings.Contains(route.Path, "{") {
			score -= otherEnding // who names the resource doesn't mean all of them
		}
	}
	if _, filled, foreign := r.fill(i, sent.Account); foreign && !filled {
		score -= foreignID
	}
	if route.Method == sent.Method {
		score += sameMethod
	}
	score += fieldsWeight * (overlap(sent.Fields, profile.fields+" "+profile.query) + overlap(sent.Query, profile.query))
	switch takes := profile.fields != ""; {
	case sent.Body == Present && !takes, sent.Body == Absent && takes:
		score -= bodyMismatch
	}
	return score
}

// overlap returns how much of the sent names an operation has, between -1/4 for
// none and 3/4 for all, or 0 if nothing was sent.
func overlap(sent []string, documented string) float64 {
	if len(sent) == 0 {
		return 0
	}
	found := 0
	for _, name := range sent {
		for has := range strings.SplitSeq(documented, " ") {
			if has == name {
				found++
				break
			}
		}
	}
	return float64(found)/float64(len(sent)) - 0.25
}

func intentOfMethod(method string) intent {
	switch strings.ToUpper(method) {
	case "GET", "HEAD":
		return intentRead
	case "PUT", "PATCH":
		return intentChange
	case "DELETE":
		return intentRemove
	case "POST":
		return intentPost
	}
	return ""
}

// fitting returns how well an operation's intent fits the request's.
func fitting(of, has intent, method string) float64 {
	switch of {
	case intentRead:
		return pick(has, 1, 0.55, 0.55, 0.3, 0.55)
	case intentRemove:
		return pick(has, 0.4, 0.3, 0.5, 1, 0.5)
	case intentChange:
		return pick(has, 0.5, 0.85, 1, 0.6, 0.9)
	case intentCreate:
		return pick(has, 0.5, 1, 0.9, 0.4, 0.9)
	case intentPost:
		if has == intentRead && method == "POST" {
			return 0.95
		}
		return pick(has, 0.6, 1, 0.95, 0.9, 1)
	}
	return 1
}

func pick(has intent, read, create, change, remove, act float64) float64 {
	switch has {
	case intentRead:
		return read
	case intentCreate:
		return create
	case intentChange:
		return change
	case intentRemove:
		return remove
	}
	return act
}

// fill returns a route's template with the request's IDs in its parameters: each
// the one after the template's own word for it, otherwise the last that is left
// unless that is the ID of another resource.
func (r *reading) fill(i int, account string) (path string, filled, foreign bool) {
	parts, owners := strings.Split(routes[i].Path, "/"), profiles[i].owners
	left := slices.Clone(r.ids)
	filled = true
	for j, k := len(parts)-1, len(owners)-1; k >= 0; j-- {
		if !strings.HasPrefix(parts[j], "{") {
			continue
		}
		owner := owners[k]
		k--
		at := slices.IndexFunc(left, func(id int) bool { return id > 0 && r.keys[id-1] == owner })
		if at < 0 && len(left) > 0 && (len(owners) >= len(left) || owner != accountOwner) {
			at = len(left) - 1
			if id := left[at]; id > 0 && isOwner(r.keys[id-1]) {
				at, foreign = -1, true
			}
		}
		switch {
		case at >= 0:
			parts[j] = r.segments[left[at]]
			left = slices.Delete(left, at, at+1)
		case account != "" && owner == accountOwner:
			parts[j] = account
		default:
			filled = false
		}
	}
	return strings.Join(parts, "/"), filled, foreign
}

// accountOwner is the key of the segment before an account's ID.
const accountOwner = "account"

// IsWord reports whether a text consists of words of the API or of requests, so that
// it can't be an ID: "list", "secure-details".
func IsWord(s string) bool {
	parts := words.Split(s)
	return len(parts) > 0 && !slices.ContainsFunc(parts, func(word string) bool {
		_, known := findTerm(words.Stem(word))
		return !known && !isVerb(word) && !slices.Contains(fillers[:], word)
	})
}

// IsID reports whether a path segment is an ID or a placeholder for one rather
// than a word.
func IsID(s string) bool {
	if s == "" {
		return false
	}
	if strings.ContainsAny(s, "{}<>$:") && !strings.Contains(s, "//") && !strings.HasSuffix(s, ":") {
		return true
	}
	digits, letters, other := 0, 0, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case '0' <= c && c <= '9':
			digits++
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
			letters++
		default:
			other++
		}
	}
	switch {
	case digits == len(s):
		return true
	case len(s) >= 16 && digits >= 4:
		return true
	case s == "undefined" || s == "null" || s == "NaN" || s == "[object Object]":
		return true
	}
	return digits >= 2 && letters+digits+other >= 5 && !strings.Contains(s, "3ds")
}

// Significant returns a path's segments without what no documented path has: empty
// segments, a host, a version, whatever precedes "api", an extension.
func Significant(segments []string) []string {
	var out []string
	for i, s := range segments {
		switch {
		case s == "", strings.HasSuffix(s, ":"), isVersion(s):
			continue
		case strings.Contains(s, ".") && (FindHost(s).Ours() || i == 0 && strings.HasSuffix(s, ".com")):
			out = out[:0]
			continue
		case strings.EqualFold(s, "api"):
			out = append(out[:0], "api")
			continue
		}
		out = append(out, strings.TrimSuffix(s, ".json"))
	}
	return out
}

func isVersion(s string) bool {
	return len(s) >= 2 && len(s) <= 4 && (s[0] == 'v' || s[0] == 'V') && strings.Trim(s[1:], "0123456789.") == ""
}
