// Package rule applies the rules of operations/*.json, which the documentation gives
// outside the schemas, to request bodies. It holds no rule itself: a new one is a line
// of JSON, and only a new kind is code here.
package rule

import (
	"math/big"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/api/schema"
)

// Breach is a place where a body breaks a rule.
type Breach struct {
	Rule    *api.Rule
	Node    *schema.Node // the value; for a missing field, the object that lacks it
	Pointer string       // of Node
	Field   string       // the missing field, or the second of two that exclude each other
	Suggest string       // what to write instead, or "" if that's not determined
}

// maxText is the longest text that rules judge, in bytes as written. No documented
// value comes near it.
const maxText = 4000

// Breaches returns how a body breaks the rules of its operation, rule by rule. Of a set
// of rules, the first that a value breaks counts.
func Breaches(op *api.Operation, root *schema.Node) []Breach {
	var list []Breach
	for _, r := range op.Rules {
		rules := []*api.Rule{r}
		if r.Use != "" {
			rules = api.RuleSet(r.Use)
		}
		for p := range places(root, r.At) {
			for _, one := range rules {
				if broken := judge(one, p); len(broken) > 0 {
					list = append(list, broken...)
					break
				}
			}
		}
	}
	return list
}

// Amount returns the rule for the amount that a value is, or nil if it's none.
func Amount(op *api.Operation, root, value *schema.Node) *api.Rule {
	for _, r := range op.Rules {
		for _, one := range api.RuleSet(r.Use) {
			if one.Kind != api.RuleMinorUnits {
				continue
			}
			for p := range places(root, r.At) {
				if p.node == value {
					return one
				}
			}
		}
	}
	return nil
}

// Tolerated returns the rule that weakens a violation of the schema, or nil if there is
// none: the documentation contradicts itself there.
func Tolerated(op *api.Operation, root *schema.Node, v schema.Violation) *api.Rule {
	for _, r := range op.Rules {
		if r.Kind != api.RuleTolerate || r.Keyword != v.Keyword ||
			v.Keyword == "type" && !slices.Contains(r.Types, v.Got) ||
			v.Keyword == "enum" && len(r.Values) > 0 && !slices.Contains(r.Values, v.Node.Text()) ||
			v.Keyword == "required" && !slices.Contains(r.Fields, "/"+v.Member) {
			continue
		}
		for p := range places(root, r.At) {
			if p.node == v.Node && holds(r.If, p) {
				return r
			}
		}
	}
	return nil
}

// judge returns how a value, or the fields of an object, break a rule.
func judge(r *api.Rule, p place) []Breach {
	if !holds(r.If, p) {
		return nil
	}
	switch r.Kind {
	case api.RuleRequired:
		return missing(r, p, r.Fields)
	case api.RuleAnyField:
		if present(p, r.Fields) == 0 {
			return missing(r, p, r.Fields[:1])
		}
		return nil
	case api.RuleTogether:
		if n := present(p, r.Fields); n > 0 && n < len(r.Fields) {
			return missing(r, p, r.Fields)
		}
		return nil
	case api.RuleApart:
		if second := below(p, r.Fields[1:]); present(p, r.Fields) > 1 && len(second) > 0 {
			return []Breach{{Rule: r, Node: second[0].node, Pointer: second[0].pointer(), Field: second[0].node.Name()}}
		}
		return nil
	}
	values := []place{p}
	if r.Fields != nil {
		values = below(p, r.Fields)
	}
	var list []Breach
	for _, v := range values {
		if !keeps(r, v.node) {
			list = append(list, Breach{Rule: r, Node: v.node, Pointer: v.pointer(), Suggest: suggestion(r, v.node)})
		}
	}
	return list
}

// missing returns a breach for each field that isn't there. If the object that it
// belongs to isn't there either, that is for the schema to say.
func missing(r *api.Rule, p place, fields []string) []Breach {
	var list []Breach
	for _, field := range fields {
		if len(below(p, []string{field})) > 0 {
			continue
		}
		i := strings.LastIndexByte(field, '/')
		for parent := range places(p.node, []string{field[:i]}) {
			if parent.node.Kind == schema.Object && !parent.node.Cut {
				list = append(list, Breach{Rule: r, Node: parent.node, Pointer: p.pointer() + parent.pointer(), Field: field[i+1:]})
			}
		}
	}
	return list
}

// present counts the fields that are there and not empty. A null asks for nothing.
func present(p place, fields []string) int {
	count := 0
	for _, field := range fields {
		if found := below(p, []string{field}); len(found) > 0 && found[0].node.Kind != schema.Null && !(found[0].node.Kind == schema.String && found[0].node.IsEmpty()) {
			count++
		}
	}
	return count
}

// keeps reports whether a value keeps a rule. A value of a type that the rule doesn't
// speak of keeps it.
func keeps(r *api.Rule, n *schema.Node) bool {
	if len(n.Raw) > maxText && r.Kind != api.RuleNotEmpty && r.Kind != api.RuleType {
		return true
	}
	switch r.Kind {
	case api.RuleNotEmpty:
		return n.Kind != schema.Array || !n.IsEmpty()
	case api.RuleType:
		return slices.Contains(r.Types, n.Kind.String())
	case api.RuleMinorUnits:
		return n.Kind != schema.String && n.Kind != schema.Number || isWhole(n.Text()) && within(r, n.Text())
	}
	if n.Kind != schema.String {
		return true
	}
	text := n.Text()
	switch r.Kind {
	case api.RulePattern:
		return matches(r.Pattern, text)
	case api.RuleNotPattern:
		return !matches(r.Pattern, text)
	case api.RuleValues:
		return slices.Contains(r.Values, text)
	case api.RuleFormat:
		return isOf(r.Format, text)
	case api.RuleLength:
		limit, err := strconv.Atoi(r.Maximum)
		return err != nil || utf8.RuneCountInString(text) <= limit
	case api.RuleRange:
		return within(r, text)
	}
	return true
}

func isOf(format, text string) bool {
	var err error
	switch format {
	case "date":
		_, err = time.Parse(time.DateOnly, text)
	case "ip-address":
		_, err = netip.ParseAddr(text)
	}
	return err == nil
}

// isWhole reports whether a text is digits, with at most a minus sign in front.
func isWhole(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}

func within(r *api.Rule, text string) bool {
	number, ok := new(big.Int).SetString(text, 10)
	if !ok || !isWhole(text) {
		return true // no whole number is for others to say
	}
	low, hasLow := new(big.Int).SetString(r.Minimum, 10)
	high, hasHigh := new(big.Int).SetString(r.Maximum, 10)
	return (!hasLow || number.Cmp(low) >= 0) && (!hasHigh || number.Cmp(high) <= 0)
}

// suggestion returns what to write instead of a value.
func suggestion(r *api.Rule, n *schema.Node) string {
	if r.Suggest == "" {
		return ""
	}
	text, pattern := n.Text(), compiled(r.Pattern)
	suggested := string(pattern.ExpandString(nil, r.Suggest, text, pattern.FindStringSubmatchIndex(text)))
	if r.Upper {
		suggested = strings.ToUpper(suggested)
	}
	return suggested
}

// holds reports whether all conditions of a rule are met below a place.
func holds(conditions map[string]string, p place) bool {
	for at, want := range conditions {
		alternatives, negated := strings.CutPrefix(want, "!")
		met := slices.ContainsFunc(below(p, []string{at}), func(v place) bool {
			return slices.ContainsFunc(strings.Split(alternatives, "|"), func(glob string) bool { return like(glob, v.node.Text()) })
		})
		if met == negated {
			return false
		}
	}
	return true
}

// like reports whether a text matches a glob, in which * stands for any text.
func like(glob, text string) bool {
	first, rest, ok := strings.Cut(glob, "*")
	text, found := strings.CutPrefix(text, first)
	if !ok || !found {
		return found && text == ""
	}
	parts := strings.Split(rest, "*")
	for _, part := range parts[:len(parts)-1] {
		_, after, found := strings.Cut(text, part)
		if !found {
			return false
		}
		text = after
	}
	return strings.HasSuffix(text, parts[len(parts)-1])
}

var patterns sync.Map // pattern -> *regexp.Regexp

// compiled returns a pattern of a rule, which the tests compile.
func compiled(pattern string) *regexp.Regexp {
	if p, ok := patterns.Load(pattern); ok {
		return p.(*regexp.Regexp)
	}
	p := regexp.MustCompile(pattern)
	patterns.Store(pattern, p)
	return p
}

func matches(pattern, text string) bool { return compiled(pattern).MatchString(text) }
