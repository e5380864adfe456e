package cmd_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// longLeak is the variable that says how many cases the property test makes, where
// the ordinary suite makes a few thousand, and leakSeed the one that says with which
// it begins: a case's number is its seed.
const (
	longLeak = "IMMERSVE_DOCTOR_LEAK_CASES"
	leakSeed = "IMMERSVE_DOCTOR_LEAK_SEED"
)

// No secret of the contract's promises survives, in whatever place of whatever
// capture it stands, in any output of any command. Each case plants one secret,
// runs one command and looks for the secret, also for what decodes to it.
func TestNothingLeaks(t *testing.T) { hunt(t, 3000, leakCase) }

// What is about people is in nothing that is made to be passed on.
func TestNothingPersonalLeaves(t *testing.T) { hunt(t, 1500, personalCase) }

func hunt(t *testing.T, cases int, makeCase func(uint64, string) *leak) {
	t.Helper()
	if n, err := strconv.Atoi(os.Getenv(longLeak)); err == nil {
		cases = n
	} else if testing.Short() {
		cases /= 6
	}
	first := 0
	if n, err := strconv.Atoi(os.Getenv(leakSeed)); err == nil {
		first = n
	}
	dir := t.TempDir()
	survivors := map[string]int{}
	for n := first; n < first+cases; n++ {
		if n > first && (n-first)%5000 == 0 {
			t.Logf("%d cases", n-first)
		}
		c := makeCase(uint64(n), dir)
		if c == nil {
			continue
		}
		shown := c.run(c.plant)
		where := c.plant.find(shown)
		if where == "" || !c.plant.long() && c.again(where) {
			continue // the digits stand there whatever is planted
		}
		key := c.plant.kind + " in " + c.place + " of " + c.capture + ", " + c.command
		if survivors[key]++; len(survivors) <= 25 {
			t.Errorf("case %d: %s: %s", n, key, where)
		}
	}
	if len(survivors) > 0 {
		t.Errorf("%d of %d cases leak in %d combinations", total(survivors), cases, len(survivors))
		if os.Getenv("LEAK_SUMMARY") != "" {
			summarise(t, survivors)
		}
	}
}

func total(m map[string]int) int {
	n := 0
	for _, v := range m {
		n += v
	}
	return n
}

func summarise(t *testing.T, survivors map[string]int) {
	by := map[string]int{}
	for key, n := range survivors {
		head, _, _ := strings.Cut(key, " of ")
		by[head] += n
		by["  command "+key[strings.LastIndex(key, ", ")+2:]] += n
	}
	var lines []string
	for k, n := range by {
		lines = append(lines, fmt.Sprintf("%5d %s", n, k))
	}
	slices.Sort(lines)
	t.Log("\n" + strings.Join(lines, "\n"))
}

// leak is one case of the property.
type leak struct {
	seed                    uint64
	plant                   plant
	place, capture, command string
	run                     func(plant) string
	fresh                   func(*rand.Rand) plant
}

// leakCase makes the case of a seed, nil where the secret cannot be known in
// that place.
func leakCase(seed uint64, dir string) *leak {
	return newCase(seed, dir, plants(), places(), commands())
}

// personalCase plants what is about people, and looks at what leaves.
func personalCase(seed uint64, dir string) *leak {
	passedOn := slices.DeleteFunc(commands(), func(c command) bool {
		return !regexp.MustCompile("markdown|har|html|save|support").MatchString(c.name)
	})
	where := slices.DeleteFunc(places(), func(p place) bool {
		return !slices.Contains(strings.Fields("json json-escaped json-in-json json-pair cut-json form form-percent multipart html html-json xml percent-of-json base64-of-json query query-percent query-url error-text"), p.name)
	})
	c := newCase(seed, dir, people(), where, passedOn)
	if c != nil {
		run := c.run
		c.run = func(p plant) string { return passed(run(p)) }
	}
	return c
}

// Where a command's output ends and what was said on standard error begins, and
// where a file that it wrote.
const (
	errorMark = "\n\x00standard error\x00\n"
	fileMark  = "\n\x00file\x00\n"
)

// passed is what of an output is passed on: the file where there is one, else
// standard output. The terminal may show what is about people.
func passed(shown string) string {
	if _, file, ok := strings.Cut(shown, fileMark); ok {
		return file
	}
	out, _, _ := strings.Cut(shown, errorMark)
	return out
}

func newCase(seed uint64, dir string, plants []func(*rand.Rand) plant, all []place, runs []command) *leak {
	r := rand.New(rand.NewPCG(seed, 7))
	fresh := plants[r.IntN(len(plants))]
	where := all[r.IntN(len(all))]
	kinds := sortedKeys(captures())
	kind := kinds[r.IntN(len(kinds))]
	run := runs[r.IntN(len(runs))]
	if where.name == "cut-json" && kind == "curl-write-out" {
		return nil // nothing cut off is followed by what curl writes at the end
	}
	if strings.HasPrefix(where.name, "variable ") && !hasVariables(kind, run.name) {
		return nil
	}
	if where.name == "echo" && (!slices.Contains([]string{"curl-verbose", "raw-http", "har", "httpie", "curl-trace"}, kind) || !regexp.MustCompile("^(diagnose|support)").MatchString(run.name)) {
		return nil // where the request that declares it is not read, nothing does
	}
	if strings.HasPrefix(where.name, "cell ") {
		kind = "table"
	}
	if p := fresh(rand.New(rand.NewPCG(seed, 9))); strings.HasPrefix(kind, "broken-") && (p.kind != "jwt" && p.kind != "imm-secret" || !slices.Contains(brokenPlaces(), where.name)) {
		return nil // of others, no form tells that they go on on the next line
	}
	c := &leak{seed: seed, plant: fresh(r), place: where.name, capture: kind, command: run.name, fresh: fresh}
	if !where.put(rand.New(rand.NewPCG(seed, 8)), newSpecimen(), c.plant) {
		return nil
	}
	c.run = func(p plant) string {
		s := newSpecimen()
		where.put(rand.New(rand.NewPCG(seed, 8)), s, p)
		return run.run(dir, s, captures()[kind](s))
	}
	return c
}

// brokenPlaces are those in which a secret is written as it is.
func brokenPlaces() []string {
	return []string{"json", "own-field", "x-field", "form", "env-file", "curl-in-text", "json-other-member", "xml", "query", "account"}
}

// again tells a coincidence from a leak: what is found also when another secret
// is planted did not come from the secret.
func (c *leak) again(string) bool {
	for n := range uint64(3) {
		other := c.fresh(rand.New(rand.NewPCG(c.seed+n, 99)))
		if other.value == c.plant.value {
			continue
		}
		if c.plant.find(c.run(other)) != "" {
			return true
		}
	}
	return false
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// long reports whether a secret is long enough that no chance produces it.
func (p plant) long() bool { return len(p.core()) >= 8 }

// core is what of a secret may show nowhere: masks keep edges.
func (p plant) core() string {
	switch p.kind {
	case "jwt", "opaque-token":
		return p.value[3 : len(p.value)-3]
	case "imm-secret":
		return p.value[strings.LastIndexByte(p.value, '-')+1 : len(p.value)-4]
	case "plain-secret":
		return p.value[:len(p.value)-4]
	case "cookie":
		return strings.TrimPrefix(p.value, "sid=")
	case "pem":
		return strings.Split(p.value, "\n")[1]
	case "pan":
		return onlyDigits(p.value)[:len(onlyDigits(p.value))-4]
	case "link":
		return strings.TrimPrefix(p.value, "https://verify.test.immersve.com/s/")
	}
	return p.value
}

// onlyDigits returns the digits of a number, whatever their form and what joins them.
func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		for n := rune(0); unicode.IsDigit(r); n++ {
			if !unicode.IsDigit(r - n - 1) {
				return '0' + n%10
			}
		}
		return -1
	}, s)
}

// find looks for a secret in a text and in what it decodes to; "" is not found.
func (p plant) find(text string) string {
	for name, view := range views(text) {
		if p.kind == "pan" {
			view = joinDigits(view)
		}
		if at := p.seen(view); at >= 0 {
			return fmt.Sprintf("%s shows %.10q… in %q", name, p.core(), view[max(0, at-60):min(len(view), at+60)])
		}
	}
	return ""
}

var digitGroups = regexp.MustCompile(`\p{Nd}(?:(?:[^\pL\p{Nd}]|<br>|&nbsp;){0,4}\p{Nd})+`)

func joinDigits(s string) string { return digitGroups.ReplaceAllStringFunc(s, onlyDigits) }

// seen returns where a part of the secret stands: any ten characters of a long
// one, the whole of a short one.
func (p plant) seen(view string) int {
	core := p.core()
	if !p.long() {
		return wordAt(view, core)
	}
	core, view = smallLetters(core), smallLetters(view) // methods and hosts change case
	window := 10
	if p.kind == "mnemonic" {
		window = 24 // its words are words
	}
	if len(core) <= window {
		return strings.Index(view, core)
	}
	for i := 0; i+window <= len(core); i += 3 {
		if at := strings.Index(view, core[i:i+window]); at >= 0 {
			return at
		}
	}
	return strings.Index(view, core[len(core)-window:])
}

// smallLetters is strings.ToLower for what leaves every byte in its place.
func smallLetters(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return string(b)
}

func wordAt(view, word string) int {
	for from := 0; ; {
		at := strings.Index(view[from:], word)
		if at < 0 {
			return -1
		}
		at += from
		if (at == 0 || !isAlnum(view[at-1])) && (at+len(word) == len(view) || !isAlnum(view[at+len(word)])) {
			return at
		}
		from = at + 1
	}
}

func isAlnum(c byte) bool { return unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c)) }

var (
	jsonEscape  = regexp.MustCompile(`(\\u[0-9a-fA-F]{4}|\\[nrt"/\\])`)
	hexadecimal = regexp.MustCompile(`([0-9a-f]{2} ){8,}`)
	base64Run   = regexp.MustCompile(`[A-Za-z0-9+/_-]{12,}={0,2}`)
)

// views are a text and what can be read out of it.
func views(text string) map[string]string {
	all := map[string]string{"the output": text}
	plain := text
	for range 4 {
		plain = jsonEscape.ReplaceAllStringFunc(plain, func(e string) string {
			var s string
			if json.Unmarshal([]byte(`"`+e+`"`), &s) != nil {
				return e
			}
			return s
		})
		if decoded, err := url.PathUnescape(plain); err == nil {
			plain = decoded
		} else {
			plain = percentLoose(plain)
		}
		plain = html.UnescapeString(plain)
	}
	all["the output without escapes"] = plain
	all["the output's hexadecimal"] = hexadecimal.ReplaceAllStringFunc(text, func(run string) string {
		decoded, err := hex.DecodeString(strings.ReplaceAll(run, " ", ""))
		if err != nil {
			return run
		}
		return string(decoded)
	})
	all["the output backwards"] = backwards(text)
	all["the output's base64"] = debase(text)
	return all
}

var percentPair = regexp.MustCompile(`%[0-9a-fA-F]{2}`)

func percentLoose(s string) string {
	return percentPair.ReplaceAllStringFunc(s, func(e string) string {
		n, err := strconv.ParseUint(e[1:], 16, 8)
		if err != nil {
			return e
		}
		return string([]byte{byte(n)})
	})
}

func backwards(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// debase decodes all that may be base64, at each of its four alignments.
func debase(text string) string {
	var b strings.Builder
	for _, run := range base64Run.FindAllString(text, -1) {
		run = strings.NewReplacer("-", "+", "_", "/", "=", "").Replace(run)
		for shift := range 4 {
			part := run[min(shift, len(run)):]
			part = part[:len(part)-len(part)%4]
			if decoded, err := base64.StdEncoding.DecodeString(part); err == nil && len(decoded) > 0 {
				b.Write(decoded)
				b.WriteByte('\n')
			}
		}
	}
	return b.String()
}
