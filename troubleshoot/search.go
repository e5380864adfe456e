package troubleshoot

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"immersve-doctor/diagnose/api"
)

// Limits of a search.
const (
	maxHits     = 8
	maxPhrase   = 200 // bytes that are searched for
	clearlyBest = 1.5 // how much better than the second the best page must be
)

// document is a page as the search sees it.
type document struct {
	hit    Hit
	fields [4]string // by how much a word in it counts: names, title, lead, text
}

// fieldWeights are for a word in a page's names, title, lead and text.
var fieldWeights = [4]float64{6, 4, 2, 1}

// allPages returns all pages. A search needs them all, nothing else does, so they
// are made when words are searched for.
func allPages() []document {
	var list []document
	add := func(kind ReferenceKind, id, title string, also []string, lead string, text ...string) {
		names := id + " " + strings.Join(also, " ")
		list = append(list, document{Hit{Kind: kind, ID: id, Title: title}, [4]string{names, title, lead, strings.Join(text, " ")}})
	}
	for _, id := range List("topics") {
		p, _ := Topic(id)
		pages := slices.Concat(p.Codes, p.Findings, p.Endpoints, p.Webhooks, p.Values)
		add(KindTopic, id, p.Title, p.Also, p.About+" "+strings.Join(pages, " "), p.Body)
	}
	for _, id := range List("codes") {
		p, _ := Code(id)
		add(KindCode, id, p.Title, nil, strings.Join(p.Causes, " "), strings.Join(p.Fix, " "), p.Body)
	}
	for _, id := range List("statuses") {
		p, _ := Status(id)
		add(KindStatus, id, p.Title, p.Also, p.Means, p.Body)
	}
	for _, id := range List("findings") {
		p, _ := Finding(id)
		text, _, _ := strings.Cut(p.Body, "\n## ")
		add(KindFinding, id, p.Title, p.Also, p.Fix, text)
	}
	for _, id := range List("operations") {
		p, _ := Operation(id)
		add(KindEndpoint, id, p.Title, nil, p.About, strings.Join(p.Traps, " "), p.Body, schemaText(id))
	}
	for _, id := range List("values") {
		p, _ := Value(id)
		add(KindValue, id, p.Title, p.Also, p.Where, p.Body)
		kind := KindValue
		if id == "webhook-topic" {
			kind = KindWebhook
		}
		for _, v := range p.Values {
			add(kind, v.Value, v.Means, nil, "", p.Title)
		}
	}
	return list
}

// schemaText returns the names that an operation's requests have.
func schemaText(id string) string {
	facts, err := api.Lookup(id)
	if err != nil {
		return ""
	}
	text := facts.Path
	for _, p := range facts.Parameters {
		text += " " + p.Name
	}
	if facts.RequestBody != nil {
		text += " " + string(facts.RequestBody.Schema)
	}
	return text
}

// search ranks all pages by the words of a phrase. It returns the best page if it's
// clearly better than the others, otherwise a list that begins with first, if there
// is one. The list is called by those of the words that the pages have, because others
// may be secret.
func search(phrase string, first *Reference) (Reference, error) {
	terms := termsOf(phrase)
	hits, found := rank(allPages(), terms)
	if 2*len(found) < len(terms) || len(hits) == 0 {
		return Reference{}, &UnknownError{Asked: phrase, Near: near(phrase), Hits: hits[:min(3, len(hits))]}
	}
	if first != nil {
		isFirst := func(h Hit) bool { return h.Kind == first.Kind && h.ID == first.ID }
		if i := slices.IndexFunc(hits, isFirst); i > 0 {
			hits = slices.Insert(slices.Delete(slices.Clone(hits), i, i+1), 0, hits[i])
		}
	}
	if first == nil && len(found) == len(terms) && (len(hits) == 1 || hits[0].score > clearlyBest*hits[1].score) {
		return Find(hits[0].ID)
	}
	return Reference{Kind: KindList, ID: strings.Join(found, " "), List: hits[:min(maxHits, len(hits))]}, nil
}

// rank returns the pages that have the terms, best first, and the words that any page
// has. A term that no page has is replaced by the most similar one.
func rank(docs []document, terms []term) (hits []Hit, found []string) {
	counts := make([][][4]int, len(docs))
	total := make([]int, len(terms))
	for i, d := range docs {
		counts[i] = d.count(terms)
		for t := range terms {
			if counts[i][t] != [4]int{} {
				total[t]++
			}
		}
	}
	for t := range terms {
		if total[t] == 0 {
			if similar, ok := similar(docs, terms[t].stem); ok {
				corrected := slices.Clone(terms)
				corrected[t] = similar
				return rank(docs, corrected)
			}
			continue
		}
		found = append(found, terms[t].word)
	}
	for i, d := range docs {
		score, has, named := 0.0, 0, 0
		for t := range terms {
			if counts[i][t] == [4]int{} {
				continue
			}
			has++
			if counts[i][t][0] > 0 || counts[i][t][1] > 0 {
				named++
			}
			value := 0.0
			for f, n := range counts[i][t] {
				value += fieldWeights[f] * float64(n) / float64(n+1) * 2
			}
			score += value * math.Log(1+float64(len(docs))/float64(total[t]))
		}
		if n := float64(max(1, len(terms))); float64(has) >= n/2 {
			share := float64(has) / n
			d.hit.score = score * share * share * (0.5 + float64(named)/n) * kindWeight(d.hit.Kind)
			hits = append(hits, d.hit)
		}
	}
	slices.SortStableFunc(hits, func(a, b Hit) int { return cmp.Compare(b.score, a.score) })
	hits = distinct(hits)
	for i := range hits {
		if hits[i].score < hits[0].score/4 {
			return hits[:i], found
		}
	}
	return hits, found
}

// kindWeight returns how likely a reader looks for a kind of page.
func kindWeight(k ReferenceKind) float64 {
	switch k {
	case KindTopic, KindCode:
		return 1.2
	case KindValue:
		return 0.5
	}
	return 1
}

// distinct drops the later ones of hits with one ID: a value of several families has
// one page.
func distinct(hits []Hit) []Hit {
	seen := map[string]bool{}
	return slices.DeleteFunc(hits, func(h Hit) bool {
		old := seen[h.ID]
		seen[h.ID] = true
		return old
	})
}

// count returns how often each term is in each field.
func (d *document) count(terms []term) [][4]int {
	counts := make([][4]int, len(terms))
	for f, text := range d.fields {
		eachTerm(text, func(found term) {
			for t := range terms {
				if terms[t].stem == found.stem {
					counts[t][f]++
				}
			}
		})
	}
	return counts
}

// similar returns the term of the pages that differs least from a misspelled one.
func similar(docs []document, stem string) (best term, ok bool) {
	if len(stem) < 4 || strings.ContainsAny(stem, "0123456789") {
		return term{}, false
	}
	least := len(stem)/5 + 2
	seen := map[string]bool{}
	for _, d := range docs {
		for _, text := range d.fields[:3] {
			eachTerm(text, func(found term) {
				if seen[found.stem] || found.stem[0] != stem[0] || len(found.stem) < 3 {
					return
				}
				seen[found.stem] = true
				if n := levenshtein.ComputeDistance(stem, found.stem); n < least {
					best, least, ok = found, n, true
				}
			})
		}
	}
	return best, ok
}

// termsOf returns the terms to search for, without the words that say nothing.
func termsOf(phrase string) []term {
	var terms, all []term
	eachTerm(phrase[:min(len(phrase), maxPhrase)], func(t term) {
		if slices.ContainsFunc(all, func(o term) bool { return o.stem == t.stem }) {
			return
		}
		all = append(all, t)
		if len(meaningful([]string{t.word})) > 0 {
			terms = append(terms, t)
		}
	})
	if len(terms) == 0 {
		return all
	}
	return terms
}

// meaningful drops words that are in every question.
func meaningful(words []string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool {
		switch strings.ToLower(w) {
		case "a", "an", "the", "of", "on", "in", "to", "for", "from", "with", "by", "at", "and", "or", "is", "are", "was", "be", "do", "does", "not", "no",
			"my", "i", "it", "what", "why", "how", "when", "where", "which", "can", "cant", "doesn", "get", "got", "error", "immersve", "api", "http", "this", "code", "s", "t":
			return true
		}
		return false
	})
}

// term is a word and what is left of it without inflection.
type term struct{ word, stem string }

// eachTerm calls yield with each word. camelCase and kebab-case names are several
// words.
func eachTerm(text string, yield func(term)) {
	start := -1
	for i := 0; i <= len(text); i++ {
		isWord := i < len(text) && isWordByte(text[i])
		if start >= 0 && (!isWord || isUpper(text[i]) && !isUpper(text[i-1])) {
			word := strings.ToLower(text[start:i])
			yield(term{word, stem(word)})
			start = -1
		}
		if isWord && start < 0 {
			start = i
		}
	}
}

func isWordByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

// stem cuts the endings of English inflection, so that "declined", "declines" and
// "decline" are one term.
func stem(word string) string {
	for _, ending := range []string{"ations", "ation", "ies", "ing", "ion", "ied", "ed", "es", "s", "e", "y"} {
		if rest, ok := strings.CutSuffix(word, ending); ok && len(rest) >= 3 && !strings.HasSuffix(word, "ss") {
			if n := len(rest); ending[0] != 's' && n > 3 && rest[n-1] == rest[n-2] && rest[n-1] != 's' && rest[n-1] != 'l' {
				rest = rest[:n-1] // "stopped"
			}
			return rest
		}
	}
	return word
}
