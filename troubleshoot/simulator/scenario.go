package simulator

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"immersve-doctor/diagnose/exchange"
)

// Scenario is a story that a new simulator begins with: changes and additions to
// the demo accounts. Every entry has a name, by which others refer to it; an
// entry with the name of one of the demo's things changes that thing, and only
// in the members that are given.
type Scenario struct {
	Title        string              `yaml:"title"`
	Limits       scenarioLimits      `yaml:"limits"`
	Partners     []scenarioPartner   `yaml:"partners"`
	Keys         []scenarioKey       `yaml:"keys"`
	Applications []scenarioApp       `yaml:"clientApplications"`
	Programs     []scenarioProgram   `yaml:"programs"`
	Channels     []scenarioChannel   `yaml:"channels"`
	Cardholders  []scenarioHolder    `yaml:"cardholders"`
	Sources      []scenarioSource    `yaml:"sources"`
	Cards        []scenarioCard      `yaml:"cards"`
	Listeners    []scenarioListener  `yaml:"listeners"`
	Reports      []scenarioReport    `yaml:"reports"`
	Sessions     []scenarioSession   `yaml:"sessions"`
	Faults       []scenarioFault     `yaml:"faults"`
	Challenges   []scenarioChallenge `yaml:"securityChallenges"`

	text string // it is read from, to show places in it
}

type scenarioLimits struct {
	TokenTTL               time.Duration `yaml:"tokenTTL"`
	RateLimit              int           `yaml:"rateLimit"`
	RateLimitPrerequisites int           `yaml:"rateLimitPrerequisites"`
}

type scenarioPartner struct {
	Name              word  `yaml:"name"`
	ID                word  `yaml:"id"`
	StatementsAllowed *bool `yaml:"statementsAllowed"`
}

type scenarioKey struct {
	Name    word `yaml:"name"`
	Partner word `yaml:"partner"`
	Role    word `yaml:"role"`
}

type scenarioApp struct {
	Name    word   `yaml:"name"`
	ID      word   `yaml:"id"`
	Partner word   `yaml:"partner"`
	Origins []word `yaml:"origins"`
}

type scenarioProgram struct {
	Name         word   `yaml:"name"`
	ID           word   `yaml:"id"`
	Partner      word   `yaml:"partner"`
	Type         word   `yaml:"type"`
	Regions      []word `yaml:"regions"`
	FundingTypes []word `yaml:"fundingTypes"`
	Beta         *bool  `yaml:"beta"`
	Admitted     []word `yaml:"admitted"`
}

type scenarioChannel struct {
	Name           word `yaml:"name"`
	ID             word `yaml:"id"`
	Partner        word `yaml:"partner"`
	Type           word `yaml:"type"`
	Purpose        word `yaml:"purpose"`
	StorageAddress word `yaml:"storageAddress"`
}

type scenarioHolder struct {
	Name          word           `yaml:"name"`
	ID            word           `yaml:"id"`
	Partner       word           `yaml:"partner"`
	Wallet        word           `yaml:"wallet"`
	Email         word           `yaml:"email"`
	Phone         word           `yaml:"phone"`
	ExpectedSpend word           `yaml:"expectedSpend"`
	BirthDate     word           `yaml:"birthDate"`
	KYC           *scenarioKYC   `yaml:"kyc"`
	Block         *scenarioBlock `yaml:"block"`
}

type scenarioKYC struct {
	Status word `yaml:"status"`
	Region word `yaml:"region"`
	Reason word `yaml:"reason"`
}

type scenarioBlock struct {
	Reason    word `yaml:"reason"`
	Initiator word `yaml:"initiator"`
}

type scenarioSource struct {
	Name               word `yaml:"name"`
	ID                 word `yaml:"id"`
	Cardholder         word `yaml:"cardholder"`
	Channel            word `yaml:"channel"`
	ExternalID         word `yaml:"externalId"`
	Purpose            word `yaml:"purpose"`
	Balance            word `yaml:"balance"`
	PendingWithdrawals int  `yaml:"pendingWithdrawals"`
}

type scenarioCard struct {
	Name    word           `yaml:"name"`
	ID      word           `yaml:"id"`
	Source  word           `yaml:"source"`
	Program word           `yaml:"program"`
	Status  word           `yaml:"status"`
	Expired bool           `yaml:"expired"`
	Block   *scenarioBlock `yaml:"block"`
	Count   int            `yaml:"count"`
}

type scenarioListener struct {
	Name    word   `yaml:"name"`
	Account word   `yaml:"account"`
	URL     word   `yaml:"url"`
	Topics  []word `yaml:"topics"`
}

type scenarioReport struct {
	Name      word `yaml:"name"`
	Partner   word `yaml:"partner"`
	Type      word `yaml:"type"`
	Completed bool `yaml:"completed"`
}

type scenarioSession struct {
	Name         word          `yaml:"name"`
	Cardholder   word          `yaml:"cardholder"`
	Age          time.Duration `yaml:"age"`
	LoggedOut    bool          `yaml:"loggedOut"`
	RefreshSpent bool          `yaml:"refreshSpent"`
}

type scenarioFault struct {
	Account word `yaml:"account"`
	Type    word `yaml:"type"`
	Value   word `yaml:"value"`
}

type scenarioChallenge struct {
	Name       word `yaml:"name"`
	Cardholder word `yaml:"cardholder"`
	Expired    bool `yaml:"expired"`
}

// word is a scalar of a scenario with its place. A number is taken as written.
type word struct {
	text  string
	token *token.Token // nil where the member is absent
}

func (w word) given() bool { return w.token != nil }

// or returns the word's text, or another where it is absent.
func (w word) or(otherwise string) string {
	if w.given() {
		return w.text
	}
	return otherwise
}

// UnmarshalYAML takes a scalar with its place.
func (w *word) UnmarshalYAML(node ast.Node) error {
	if tag, isTag := node.(*ast.TagNode); isTag {
		node = tag.Value
	}
	scalar, isScalar := node.(ast.ScalarNode)
	_, isNull := node.(*ast.NullNode)
	if !isScalar && !isNull {
		return fault(node.GetToken(), "expected one value, not a list or fields")
	}
	w.token = node.GetToken()
	switch s := scalar.(type) {
	case *ast.StringNode:
		w.text = s.Value
	case *ast.LiteralNode:
		w.text = s.Value.Value
	default:
		if !isNull {
			w.text = w.token.Value
		}
	}
	return nil
}

// ScenarioError says what is wrong with a scenario, and where.
type ScenarioError struct {
	Line, Column int // 0 where the place is not known
	Problem      string
	Source       string // the lines around the place, with a caret; "" for none
}

func (e *ScenarioError) Error() string {
	if e.Line == 0 {
		return e.Problem
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Problem)
}

// fault is an error at a token's place.
func fault(at *token.Token, format string, args ...any) error {
	e := &ScenarioError{Problem: fmt.Sprintf(format, args...)}
	if at == nil || at.Position == nil {
		return e
	}
	e.Line, e.Column = at.Position.Line, at.Position.Column
	return e
}

// shown adds the lines around the place to an error, as they stand in the text:
// the parser's own excerpt leaves escapes out.
func shown(err error, text string) error {
	const before, widest = 2, 160 // lines, bytes
	var e *ScenarioError
	if !errors.As(err, &e) || e.Line == 0 {
		return err
	}
	var b strings.Builder
	lines := strings.Split(text, "\n")
	for n := max(1, e.Line-before); n <= min(e.Line, len(lines)); n++ {
		mark := ' '
		if n == e.Line {
			mark = '>'
		}
		line := strings.TrimRight(lines[n-1], "\r")
		if len(line) > widest {
			line = exchange.MaskText(line[:min(len(line), 4<<10)]) // before the cut, which may leave half of a secret
			line = strings.ToValidUTF8(line[:min(len(line), widest)], "") + "…"
		}
		fmt.Fprintf(&b, "%c %2d | %s\n", mark, n, line)
	}
	if e.Column <= widest {
		fmt.Fprintf(&b, "%*s\n", len(">  1 | ")+e.Column, "^")
	}
	e.Source = b.String()
	return err
}

func (w word) fault(format string, args ...any) error { return fault(w.token, format, args...) }

// The most that a scenario may hold.
const (
	maxScenario = 256 << 10 // bytes
	maxEntries  = 500       // of one list
)

// maxDepth is more than any scenario needs. What nests deeper costs the parser more
// with every level.
const maxDepth = 32

// deepAt finds where a text nests deeper than that, 0 where it does not: brackets
// that are open, and the lists that begin in one line.
func deepAt(text []byte) (line, column int) {
	open, dashes, start := 0, 0, 0
	line = 1
	for i, c := range text {
		switch c {
		case '[', '{':
			open++
		case ']', '}':
			open = max(0, open-1)
		case '-', '?':
			dashes++
		case ' ', '\t':
		case '\n':
			line, start, dashes = line+1, i+1, 0
		default:
			dashes = 0
		}
		if open > maxDepth || dashes > maxDepth {
			return line, i - start + 1
		}
	}
	return 0, 0
}

// ParseScenario reads a scenario, strictly. The error is a *ScenarioError.
func ParseScenario(text []byte) (*Scenario, error) {
	if len(text) > maxScenario {
		return nil, &ScenarioError{Problem: "the scenario is longer than 256 KB"}
	}
	if bytes.IndexByte(text, 0) >= 0 {
		return nil, &ScenarioError{Problem: "the scenario is not text"}
	}
	if line, column := deepAt(text); line > 0 {
		return nil, shown(&ScenarioError{Line: line, Column: column, Problem: fmt.Sprintf("it nests deeper than %d levels", maxDepth)}, string(text))
	}
	sc := new(Scenario)
	if err := yaml.UnmarshalWithOptions(text, sc, yaml.Strict()); err != nil {
		return nil, shown(placedFault(text, err), string(text))
	}
	sc.text = string(text)
	if l := sc.Limits; l.TokenTTL < 0 || l.RateLimit < 0 || l.RateLimitPrerequisites < 0 {
		return nil, &ScenarioError{Problem: "limits: tokenTTL, rateLimit and rateLimitPrerequisites are above zero"}
	}
	for list := range sc.lists() {
		if list > maxEntries {
			return nil, &ScenarioError{Problem: fmt.Sprintf("a list has more than %d entries", maxEntries)}
		}
	}
	return sc, nil
}

// lists yields the lengths of the lists.
func (sc *Scenario) lists() func(func(int) bool) {
	return func(yield func(int) bool) {
		v := reflect.ValueOf(sc).Elem()
		for i := range v.NumField() {
			if f := v.Field(i); f.Kind() == reflect.Slice && !yield(f.Len()) {
				return
			}
		}
	}
}

func placedFault(text []byte, err error) error {
	var own *ScenarioError
	if errors.As(err, &own) {
		return own
	}
	var placed yaml.Error
	if !errors.As(err, &placed) {
		return &ScenarioError{Problem: strings.TrimSpace(err.Error())}
	}
	message := placed.GetMessage()
	var unknown *yaml.UnknownFieldError
	if errors.As(err, &unknown) && unknown.Token != nil {
		message = fmt.Sprintf("there is no member %q%s", unknown.Token.Value, didYouMean(unknown.Token.Value, membersAt(text, unknown.Token)))
	}
	return fault(placed.GetToken(), "%s", message)
}

// membersAt returns the members that exist where an unknown one stands: those of
// the scenario, or those of the section that it is in.
func membersAt(text []byte, at *token.Token) []string {
	top := members(reflect.TypeFor[Scenario](), false)
	if at.Position == nil || at.Position.Column == 1 {
		return top
	}
	lines := strings.Split(string(text), "\n")
	for i := min(at.Position.Line, len(lines)) - 1; i >= 0; i-- {
		section, _, isMember := strings.Cut(lines[i], ":")
		if f, known := memberNamed(section); isMember && known {
			return members(f.Type, true)
		}
	}
	return top
}

func memberNamed(name string) (reflect.StructField, bool) {
	for f := range reflect.TypeFor[Scenario]().Fields() {
		if f.Tag.Get("yaml") == name {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

// members lists the member names of a type; deep ones too if it is asked for.
func members(t reflect.Type, deep bool) []string {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var names []string
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[word]() {
		return nil
	}
	for f := range t.Fields() {
		if !f.IsExported() {
			continue
		}
		names = append(names, f.Tag.Get("yaml"))
		if deep {
			names = append(names, members(f.Type, true)...)
		}
	}
	return names
}

// didYouMean offers the nearest of the names, or all of them where there are few.
func didYouMean(given string, names []string) string {
	best, distance := "", len(given)/2+2
	for _, name := range names {
		if d := levenshtein.ComputeDistance(strings.ToLower(given), strings.ToLower(name)); d < distance && len(given) < 100 {
			best, distance = name, d
		}
	}
	switch {
	case best != "":
		return fmt.Sprintf("; did you mean %q?", best)
	case len(names) > 0:
		return "; there are " + strings.Join(names, ", ")
	}
	return ""
}

// ScenarioReference lists what a scenario may hold, a line a section: its name,
// and the members of it or of each of its entries.
func ScenarioReference() [][2]string {
	var lines [][2]string
	for f := range reflect.TypeFor[Scenario]().Fields() {
		if !f.IsExported() {
			continue
		}
		text := strings.Join(described(f.Type), ", ")
		if text == "" {
			text = "one sentence"
		}
		lines = append(lines, [2]string{f.Tag.Get("yaml"), text})
	}
	return lines
}

// described lists a type's members; of those that have members themselves, these
// follow in braces.
func described(t reflect.Type) []string {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var list []string
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[word]() {
		return nil
	}
	for f := range t.Fields() {
		name := f.Tag.Get("yaml")
		if inner := described(f.Type); inner != nil {
			name += " {" + strings.Join(inner, ", ") + "}"
		}
		list = append(list, name)
	}
	return list
}

//go:embed scenarios/*.yaml
var scenarioFiles embed.FS

// NamedScenario is a scenario that the simulator brings, with its title.
type NamedScenario struct{ Name, Title string }

// Scenarios lists the scenarios that the simulator brings, by name. It parses
// none of them: each begins with its title.
func Scenarios() []NamedScenario {
	entries, err := scenarioFiles.ReadDir("scenarios")
	if err != nil {
		return nil // the folder is embedded
	}
	var list []NamedScenario
	for _, entry := range entries {
		text, err := scenarioFiles.ReadFile("scenarios/" + entry.Name())
		if err != nil {
			continue // so is the file
		}
		line, _, _ := strings.Cut(string(text), "\n")
		list = append(list, NamedScenario{strings.TrimSuffix(entry.Name(), ".yaml"), strings.TrimPrefix(line, "title: ")})
	}
	return list
}

// ScenarioNames lists the names alone.
func ScenarioNames() []string {
	var names []string
	for _, s := range Scenarios() {
		names = append(names, s.Name)
	}
	return names
}

// UnknownScenarioError says that the simulator brings no scenario of a name.
type UnknownScenarioError struct {
	Name, Nearest string // Nearest is "" for none
}

func (e *UnknownScenarioError) Error() string {
	return fmt.Sprintf("there is no scenario called %q", e.Name)
}

// LoadScenario returns one of the scenarios that the simulator brings. The error
// is an *UnknownScenarioError for any other name.
func LoadScenario(name string) (*Scenario, error) {
	text, err := scenarioFiles.ReadFile("scenarios/" + name + ".yaml")
	if err != nil {
		return nil, &UnknownScenarioError{Name: name, Nearest: nearestScenario(name)}
	}
	return ParseScenario(text)
}

func nearestScenario(name string) string {
	best, distance := "", min(len(name), 60)/2+1
	for _, known := range ScenarioNames() {
		if d := levenshtein.ComputeDistance(name, known); d < distance {
			best, distance = known, d
		}
	}
	return best
}

// texts returns the texts of words.
func texts(words []word) []string {
	var list []string
	for _, w := range words {
		list = append(list, w.text)
	}
	return list
}

// among demands one of a few values.
func (w word) among(what string, values ...string) error {
	if !w.given() || slices.Contains(values, w.text) {
		return nil
	}
	return w.fault("unknown %s %q%s", what, w.text, didYouMean(w.text, values))
}
