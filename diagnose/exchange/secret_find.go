package exchange

import (
	"slices"
	"strings"
)

// span is the place of a secret in a text. It is small, because a hostile text has
// a million of them.
type span struct {
	start, end int32
	secret     Secret
	escaped    bool // the secret is written with escapes
}

func newSpan(start, end int, secret Secret) span {
	return span{int32(start), int32(end), secret, false}
}

// of returns the secret as it is written.
func (s span) of(text string) string { return text[s.start:s.end] }

// plain returns the secret without its escapes.
func (s span) plain(text string) string {
	if s.escaped {
		return unescapeAll(s.of(text))
	}
	return s.of(text)
}

// mask returns what stands for the secret in an output.
func (s span) mask(text string) string { return maskSecret(s.secret, s.plain(text)) }

// maxLevels is how often a text is read again without its escapes: a URL in a
// query in a JSON text in a log line is written with four.
const maxLevels = 5

// maxLevelsInside is the same for what was encoded in base64, one fewer for each
// further layer: layers and levels multiply.
const maxLevelsInside = 2

// findSecrets returns the secrets of a text in order, without overlap: those
// that show as it stands, and those that show when its escapes are taken away,
// level by level.
func findSecrets(text string) []span {
	return findAt(text, secretMode)
}

// mode is what is looked for.
type mode int

const (
	secretMode mode = iota // secrets by name and form
	formMode               // secrets by form alone: for sentences, in which names stand before other words
	sharedMode             // secrets, and what is about people
	veilMode               // as sharedMode, for sentences
)

func (m mode) names() bool { return m == secretMode || m == sharedMode }

func (m mode) personal() bool { return m == sharedMode || m == veilMode }

// inside is the mode for what is encoded in a sentence: data, not prose.
func (m mode) inside() mode {
	if m.personal() {
		return sharedMode
	}
	return secretMode
}

// meaningOf says what a name stands for.
func (m mode) meaningOf(name string) meaning {
	of := meaningOf(name)
	if of.secret == SecretNone && m.personal() && isPersonal(normalName(name)) {
		return meaning{SecretPersonal, container, false}
	}
	return of
}

// findAt is findSecrets for any mode.
func findAt(text string, m mode) []span {
	return eachLevel(text, func(plain string) []span { return scan(plain, 0, m) })
}

// eachLevel finds spans in a text as it stands and in what is left of it when its
// escapes are taken away, level by level.
func eachLevel(text string, find func(string) []span) []span {
	all := find(text)
	levels := []string{text}
	for len(levels) <= maxLevels {
		plain, changed := unescape(levels[len(levels)-1])
		if !changed {
			break
		}
		found := find(plain)
		for i := range found {
			found[i].escaped = true
		}
		for i := len(levels) - 1; i >= 0; i-- {
			escapedPlaces(levels[i], found)
		}
		all = append(all, found...)
		levels = append(levels, plain)
	}
	if len(levels) > 1 {
		return union(all)
	}
	return all
}

// union sorts spans and joins those that overlap; the longer one names the kind.
func union(spans []span) []span {
	slices.SortStableFunc(spans, func(a, b span) int {
		if a.start != b.start {
			return int(a.start - b.start)
		}
		return int(b.end - a.end)
	})
	joined := spans[:0]
	for _, s := range spans {
		n := len(joined)
		if n == 0 || s.start >= joined[n-1].end {
			joined = append(joined, s)
			continue
		}
		last := &joined[n-1]
		if s.end > last.end {
			// Neither text is whole, so that no edge of either may show.
			*last = span{last.start, s.end, SecretKey, false}
		}
	}
	return joined
}

// scan returns the secrets of a text as it stands, in order, without overlap.
// depth counts how many layers of base64 were taken off.
func scan(text string, depth int, m mode) []span {
	s := scanner{text: text, depth: depth, mode: m}
	for s.at < len(text) {
		if !s.step() {
			s.at++
		}
	}
	if len(s.far) > 0 {
		return union(append(s.spans, s.far...))
	}
	return s.spans
}

type scanner struct {
	text   string
	at     int
	depth  int // of base64
	mode   mode
	last   int // end of the last span
	runs   int // end of the run of base64 letters that was looked into last
	plain  int // end of the run of letters that is known to be no token
	prose  int // end of the words that are known to be no phrase
	line   int // where the line begins
	table  int // end of the rows of the last table
	quoted int // end of the text in quotes, whose brackets open nothing
	spans  []span
	far    []span // of those that lie ahead: what stands before them is still to be read

	objects pairs
	element meaning // of the element whose text comes
	inside  bool    // its tag says so, not the element before
}

// add notes a secret and goes behind it.
func (s *scanner) add(start, end int, secret Secret) bool {
	if start < s.last || end <= start {
		return false
	}
	if start-s.at > farAhead && strings.TrimLeft(s.text[s.at+1:start], " \t") != "" {
		s.far = append(s.far, newSpan(start, end, secret))
		return false
	}
	s.spans = append(s.spans, newSpan(start, end, secret))
	s.last = end
	s.at = max(s.at+1, end)
	return true
}

// addMail notes an address whose beginning the cursor has passed.
func (s *scanner) addMail(start, end int) bool {
	return start >= s.last && s.add(start, end, SecretPersonal)
}

// farAhead is farther than any value stands from its name.
const farAhead = 32

// step looks for a secret that begins, or whose name ends, at the cursor. It
// reports whether it moved the cursor.
func (s *scanner) step() bool {
	text, at := s.text, s.at
	c := text[at]
	if isLetterOrDigit(c) {
		if at == 0 || !isLetterOrDigit(text[at-1]) {
			return s.word()
		}
		return c == 'e' && s.token() || c == 'i' && s.apiSecret()
	}
	switch c {
	case '@':
		if s.mode.personal() {
			start, end := mailAround(text, at)
			return s.addMail(start, end)
		}
	case '+':
		return s.mode.personal() && s.add(at, phoneEnd(text, at), SecretPersonal)
	case '-':
		if end := pemEnd(text, at); end > 0 {
			return s.add(at, end, SecretKey)
		}
		return s.add(optionSecret(text, at))
	case ':', '=':
		if s.mode == veilMode {
			return s.add(quotedPersonal(text, at))
		}
	}
	return s.mode.names() && s.place(c)
}

// place looks for a value whose name ends at the cursor, or for what tells which
// names and values belong together.
func (s *scanner) place(c byte) bool {
	text, at := s.text, s.at
	switch c {
	case ':', '=', 0:
		return s.named() || c == ':' && s.add(userInfo(text, at))
	case ',', '|':
		return s.add(listedSecret(text, at, s.mode))
	case '"':
		if at >= s.quoted {
			s.quoted = at + 2 + strings.IndexByte(text[at+1:min(len(text), at+maxQuoted)], '"')
		}
	case '{', '<':
		s.open(c)
	case '}':
		s.close('{')
	case '>':
		s.close('<')
		return s.elements()
	case '\n':
		s.lineEnds()
	}
	return false
}

// maxQuoted is how long a text in quotes may be for its brackets to count for nothing.
const maxQuoted = 1 << 10

// word looks at a run of letters and digits from its beginning.
func (s *scanner) word() bool {
	text, at := s.text, s.at
	if s.token() {
		return true
	}
	switch c := text[at]; {
	case isDigit(c):
		if end, secret := cardEnd(text, at); end > 0 {
			return s.add(at, end, secret)
		}
	case c == 'B' || c == 'b':
		if end, secret := cardEnd(text, at+1); secret == SecretKey {
			return s.add(at, end, secret)
		}
		if start, end := bearer(text, at); s.add(start, end, SecretToken) {
			return true
		}
	case s.apiSecret():
		return true
	case c == 'v' || c == 'V' || c == 's' || c == 'S':
		if start, end := link(text, at, s.mode); s.add(start, end, SecretLink) {
			return true
		}
	}
	if at >= s.prose && isLetter(text[at]) {
		start, end, found := phrase(text, at)
		s.prose = end
		if found && s.add(start, end, SecretKey) {
			return true
		}
	}
	if at >= s.runs {
		s.runs = runEnd(text, at, isBase64Byte)
		if s.runs-at >= minBase64 && (s.encoded(at, s.runs) || at > s.last && strings.IndexByte("+/-_", text[at-1]) >= 0 && s.encoded(at-1, s.runs)) {
			return true // its first letter may be a sign
		}
	}
	return false
}

func (s *scanner) token() bool {
	if s.at < s.plain || !mayBeToken(s.text, s.at) {
		return false
	}
	end := tokenEnd(s.text, s.at)
	if end == 0 {
		s.plain = runEnd(s.text, s.at, isTokenByte)
		return false
	}
	return s.add(s.at, end, SecretToken)
}

// apiSecret looks for an API secret, whose prefix says that it is one.
func (s *scanner) apiSecret() bool {
	const least = 24
	if !hasPrefixFold(s.text[s.at:], "imm-") {
		return false
	}
	end := runEnd(s.text, s.at, isTokenByte)
	whole := brokenSecretEnd(s.text, s.at, end)
	return (whole > end || end-s.at >= least && hasPrefixFold(s.text[s.at:], "imm-secret-")) && s.add(s.at, whole, SecretAPI)
}

// encoded looks into what may be base64 (RFC 4648), up to three layers deep.
func (s *scanner) encoded(start, end int) bool {
	if s.depth < 3 {
		for plain := range fromBase64(s.text[start:end]) {
			if s.hides(plain) {
				for end < len(s.text) && s.text[end] == '=' {
					end++
				}
				return s.add(start, end, SecretKey) // no edge may show: it decodes
			}
		}
	}
	return false
}

// hides reports whether what base64 stood for holds a secret, as it is or without
// its escapes: a HAR encodes pages of HTML so.
func (s *scanner) hides(plain string) bool {
	for level := 0; ; level++ {
		if len(scan(plain, s.depth+1, s.mode.inside())) > 0 {
			return true
		}
		without, changed := unescape(plain)
		if !changed || level == maxLevelsInside-s.depth {
			return false
		}
		plain = without
	}
}
