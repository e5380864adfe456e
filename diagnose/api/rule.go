package api

import (
	_ "embed"
	"sync"

	"github.com/tidwall/gjson"
)

// RuleKind says what a rule demands.
type RuleKind string

// The kinds of rule. Those in the first group judge a value, those in the second the
// fields of an object, and RuleTolerate weakens what the schema says.
const (
	RulePattern    RuleKind = "pattern"     // the text matches Pattern
	RuleNotPattern RuleKind = "not-pattern" // the text doesn't match Pattern
	RuleValues     RuleKind = "values"      // the text is one of Values
	RuleFormat     RuleKind = "format"      // the text is a Format: "date" or "ip-address"
	RuleLength     RuleKind = "length"      // the text has at most Maximum characters
	RuleRange      RuleKind = "range"       // the whole number is from Minimum to Maximum
	RuleMinorUnits RuleKind = "minor-units" // the amount is a whole number of Unit
	RuleType       RuleKind = "type"        // the value is of one of Types
	RuleNotEmpty   RuleKind = "not-empty"   // the list has an entry

	RuleRequired RuleKind = "required"  // each of Fields is there, if the object that it's in is
	RuleAnyField RuleKind = "any-field" // at least one of Fields is there
	RuleTogether RuleKind = "together"  // all of Fields are there, or none
	RuleApart    RuleKind = "apart"     // at most one of Fields is there

	RuleTolerate RuleKind = "tolerate" // a violation of Keyword counts as Severity only
)

// Rule is what the documentation says of a request's body outside the schema: in prose,
// or by a sample that contradicts the schema. Rules are lines of operations/ID.json, and
// rules.json has sets of them for several operations. Places are JSON Pointers (RFC 6901)
// in which * stands for any item or field.
type Rule struct {
	At            []string          `json:"at"`  // what is judged; nil for the body
	Use           string            `json:"use"` // a set of rules.json, whose first broken rule counts; no kind then
	Kind          RuleKind          `json:"kind"`
	Keyword       string            `json:"keyword"` // RuleTolerate: that of the schema
	If            map[string]string `json:"if"`      // it holds only if what is there below At matches: * is any text, | separates alternatives, ! at the start negates
	Fields        []string          `json:"fields"`  // below At; for a rule about values, they are what is judged
	Types         []string          `json:"types"`   // JSON Schema types
	Values        []string          `json:"values"`  // texts
	Pattern       string            `json:"pattern"` // RE2
	Format        string            `json:"format"`
	Minimum       string            `json:"minimum"`       // a number
	Maximum       string            `json:"maximum"`       // a number
	Unit          string            `json:"unit"`          // what an amount counts
	Sample        string            `json:"sample"`        // 13.14 in that unit
	Says          string            `json:"says"`          // what is wrong, after the value's name; RuleType: what belongs there
	Because       string            `json:"because"`       // what the rule rests on, a clause
	Fix           string            `json:"fix"`           // one imperative sentence
	Suggest       string            `json:"suggest"`       // what to write instead, with $1 for the pattern's first group
	Upper         bool              `json:"upper"`         // the suggestion is in capital letters
	Severity      string            `json:"severity"`      // "warning" if it's empty: prose is no schema
	ErrorCode     string            `json:"errorCode"`     // what the simulator returns for a breach; "" if it accepts it
	BeforeSending bool              `json:"beforeSending"` // only a request that wasn't sent yet is judged: a response tells more
}

//go:embed rules.json
var sharedRules []byte

// shared parses rules.json.
var shared = sync.OnceValue(func() gjson.Result { return gjson.ParseBytes(sharedRules) })

// RuleSet returns the rules of a set of rules.json in their order, or nil if there is
// none of this name. Those that it uses itself come first.
func RuleSet(name string) []*Rule {
	if set, ok := ruleSets.Load(name); ok {
		return set.([]*Rule)
	}
	var list []*Rule
	for _, r := range rules(shared().Get("sets").Get(gjson.Escape(name))) {
		if r.Use != "" {
			list = append(list, RuleSet(r.Use)...)
			continue
		}
		list = append(list, r)
	}
	ruleSets.Store(name, list)
	return list
}

var ruleSets sync.Map // name -> []*Rule

// FormerNames returns what the reference calls a field that the guides, the Postman
// collection or related interfaces call otherwise. same reports whether two names are
// the same but for case and separators.
func FormerNames(name string, same func(a, b string) bool) []string {
	var list []string
	shared().Get("formerNames").ForEach(func(former, names gjson.Result) bool {
		if same(former.Str, name) {
			list = texts(names)
		}
		return list == nil
	})
	return list
}

func rules(v gjson.Result) []*Rule {
	var list []*Rule
	v.ForEach(func(_, line gjson.Result) bool {
		list = append(list, rule(line))
		return true
	})
	return list
}

func rule(line gjson.Result) *Rule {
	r := new(Rule)
	line.ForEach(func(name, v gjson.Result) bool {
		switch name.Str {
		case "kind":
			r.Kind = RuleKind(v.Str)
		case "upper":
			r.Upper = v.Bool()
		case "beforeSending":
			r.BeforeSending = v.Bool()
		case "if":
			r.If = map[string]string{}
			v.ForEach(func(at, text gjson.Result) bool {
				r.If[at.Str] = text.Str
				return true
			})
		case "at":
			r.At = texts(v)
		case "fields":
			r.Fields = texts(v)
		case "types":
			r.Types = texts(v)
		case "values":
			r.Values = texts(v)
		case "use":
			r.Use = v.Str
		case "keyword":
			r.Keyword = v.Str
		case "pattern":
			r.Pattern = v.Str
		case "format":
			r.Format = v.Str
		case "minimum":
			r.Minimum = v.Str
		case "maximum":
			r.Maximum = v.Str
		case "unit":
			r.Unit = v.Str
		case "sample":
			r.Sample = v.Str
		case "says":
			r.Says = v.Str
		case "because":
			r.Because = v.Str
		case "fix":
			r.Fix = v.Str
		case "suggest":
			r.Suggest = v.Str
		case "severity":
			r.Severity = v.Str
		case "errorCode":
			r.ErrorCode = v.Str
		}
		return true
	})
	return r
}
