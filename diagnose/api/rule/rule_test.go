package rule

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/api/schema"
)

// tested is a line of rules with its own test data: hits break it, misses keep it. They
// are values for the rule's first place.
type tested struct {
	api.Rule
	Hit, Miss []json.RawMessage
}

func operations(t *testing.T) map[string][]tested {
	t.Helper()
	all := map[string][]tested{}
	for _, r := range api.Routes() {
		var op struct{ Rules []tested }
		load(t, "../operations/"+r.ID+".json", &op)
		if len(op.Rules) > 0 {
			all[r.ID] = op.Rules
		}
	}
	return all
}

func sets(t *testing.T) map[string][]tested {
	t.Helper()
	var shared struct{ Sets map[string][]tested }
	load(t, "../rules.json", &shared)
	return shared.Sets
}

func load(t *testing.T, name string, to any) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, to); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// at builds a body that has a value at a JSON Pointer; * is the first item.
func at(op *api.Operation, pointer string, value json.RawMessage) string {
	text := string(value)
	tokens := strings.Split(pointer, "/")[1:]
	for i := len(tokens) - 1; i >= 0; i-- {
		switch {
		case tokens[i] != "*":
			text = `{"` + tokens[i] + `":` + text + `}`
		case i > 0 && tokens[i-1] == "shippingAddress":
			text = `{"addressLine1":` + text + `}`
		default:
			text = `[` + text + `]`
		}
	}
	return text
}

func placesOf(r tested) []string {
	if r.At == nil {
		return []string{""}
	}
	return r.At
}

// Every rule has a hit and a miss, and they do what they say.
func TestEachRuleHitsAndMisses(t *testing.T) {
	count := 0
	for id, rules := range operations(t) {
		op, err := api.Lookup(id)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range rules {
			lines := []tested{r}
			if r.Use != "" {
				lines = flatten(sets(t), r.Use)
				if len(lines) == 0 {
					t.Errorf("%s: rule %d uses %q, which rules.json doesn't have", id, i, r.Use)
				}
			}
			for _, line := range lines {
				if len(line.Hit) == 0 || len(line.Miss) == 0 {
					t.Errorf("%s: rule %d (%s %s) has %d hits and %d misses", id, i, line.Kind, r.Use, len(line.Hit), len(line.Miss))
				}
				for _, place := range placesOf(r) {
					for _, value := range line.Hit {
						count++
						if body := at(op, place, value); !breaks(op, line.Rule, body) {
							t.Errorf("%s: %s doesn't break the rule %s %q", id, body, line.Kind, line.Says+line.Because)
						}
					}
					for _, value := range line.Miss {
						count++
						if body := at(op, place, value); breaks(op, line.Rule, body) {
							t.Errorf("%s: %s breaks the rule %s %q", id, body, line.Kind, line.Says+line.Because)
						}
					}
				}
			}
		}
	}
	if count < 300 {
		t.Errorf("%d examples were tried", count)
	}
}

// flatten returns the rules of a set with those that it uses.
func flatten(all map[string][]tested, name string) []tested {
	var list []tested
	for _, r := range all[name] {
		if r.Use != "" {
			list = append(list, flatten(all, r.Use)...)
			continue
		}
		list = append(list, r)
	}
	return list
}

// breaks reports whether a body breaks a rule, or gets tolerated by it.
func breaks(op *api.Operation, r api.Rule, body string) bool {
	root := schema.Parse([]byte(body))
	if r.Kind == api.RuleTolerate {
		s, err := schema.ForRequest(op)
		return err == nil && slices.ContainsFunc(violations(s.Validate(root)), func(v schema.Violation) bool {
			found := Tolerated(op, root, v)
			return found != nil && reflect.DeepEqual(*found, r)
		})
	}
	return slices.ContainsFunc(Breaches(op, root), func(b Breach) bool { return reflect.DeepEqual(*b.Rule, r) })
}

// violations lists violations with those of the alternatives.
func violations(list []schema.Violation) []schema.Violation {
	var all []schema.Violation
	for _, v := range list {
		all = append(all, v)
		for _, variant := range v.Variants {
			all = append(all, violations(variant.Violations)...)
		}
	}
	return all
}

// A rule that nothing applies, or with a member that nothing reads, is a mistake.
func TestRulesAreWellFormed(t *testing.T) {
	used := map[string]bool{}
	check := func(where string, r tested) {
		needs := map[api.RuleKind][]bool{
			api.RulePattern: {r.Pattern != "", r.Says != ""}, api.RuleNotPattern: {r.Pattern != "", r.Says != ""},
			api.RuleValues: {len(r.Values) > 0, r.Says != ""}, api.RuleFormat: {r.Format == "date" || r.Format == "ip-address", r.Says != ""},
			api.RuleLength: {r.Maximum != "", r.Says != ""}, api.RuleRange: {r.Minimum+r.Maximum != "", r.Says != ""},
			api.RuleMinorUnits: {r.Unit != "", r.Sample != "", r.Says != ""}, api.RuleType: {len(r.Types) > 0, r.Says != ""}, api.RuleNotEmpty: {r.Says != ""},
			api.RuleRequired: {len(r.Fields) > 0, r.Because != ""}, api.RuleAnyField: {len(r.Fields) > 1, r.Because != ""},
			api.RuleTogether: {len(r.Fields) > 1, r.Because != ""}, api.RuleApart: {len(r.Fields) > 1, r.Because != ""},
			api.RuleTolerate: {r.Keyword != "", r.Because != ""},
		}
		demands, known := needs[r.Kind]
		if (!known || slices.Contains(demands, false)) && r.Use == "" {
			t.Errorf("%s: a rule of kind %q lacks something: %+v", where, r.Kind, r.Rule)
		}
		if r.Use != "" {
			used[r.Use] = true
		}
		if _, err := regexp.Compile(r.Pattern); err != nil {
			t.Errorf("%s: %v", where, err)
		}
		for _, text := range []string{r.Says, r.Because} {
			if strings.HasSuffix(text, ".") || strings.HasPrefix(text, "The ") {
				t.Errorf("%s: %q isn't a clause", where, text)
			}
		}
		if r.Fix != "" && !strings.HasSuffix(r.Fix, ".") {
			t.Errorf("%s: the fix %q isn't a sentence", where, r.Fix)
		}
	}
	for id, rules := range operations(t) {
		for _, r := range rules {
			check(id, r)
		}
	}
	for name, rules := range sets(t) {
		for _, r := range rules {
			check("rules.json: "+name, r)
		}
	}
	for name := range sets(t) {
		if !used[name] {
			t.Errorf("rules.json: no operation uses %q", name)
		}
	}
}

// The rules' members are those that Rule has, so that a misspelt one isn't lost.
func TestRulesHaveNoUnknownMembers(t *testing.T) {
	names := []string{"hit", "miss"}
	for i := range reflect.TypeFor[api.Rule]().NumField() {
		names = append(names, reflect.TypeFor[api.Rule]().Field(i).Tag.Get("json"))
	}
	look := func(where string, lines []map[string]json.RawMessage) {
		for _, line := range lines {
			for name := range line {
				if !slices.Contains(names, name) {
					t.Errorf("%s: %q is not a member of a rule", where, name)
				}
			}
		}
	}
	for _, r := range api.Routes() {
		var op struct{ Rules []map[string]json.RawMessage }
		load(t, "../operations/"+r.ID+".json", &op)
		look(r.ID, op.Rules)
	}
	var shared struct {
		Sets map[string][]map[string]json.RawMessage
	}
	load(t, "../rules.json", &shared)
	for name, lines := range shared.Sets {
		look(name, lines)
	}
}

// What a former name is called today is a documented field.
func TestFormerNamesLeadToFields(t *testing.T) {
	var documented strings.Builder
	for _, r := range api.Routes() {
		op, err := api.Lookup(r.ID)
		if err != nil {
			t.Fatal(err)
		}
		if op.RequestBody != nil {
			documented.Write(op.RequestBody.Schema)
		}
		for _, p := range op.Parameters {
			documented.WriteString(`"` + p.Name + `": {`)
		}
	}
	var shared struct{ FormerNames map[string][]string }
	load(t, "../rules.json", &shared)
	for former, names := range shared.FormerNames {
		for _, name := range names {
			if !strings.Contains(documented.String(), `"`+name+`": {`) {
				t.Errorf("%s: no request has %s", former, name)
			}
		}
		if got := api.FormerNames(former, strings.EqualFold); !slices.Equal(got, names) {
			t.Errorf("FormerNames(%q) = %v, want %v", former, got, names)
		}
	}
	if got := api.FormerNames("noSuchName", strings.EqualFold); got != nil {
		t.Errorf("a name without a former one: %v", got)
	}
}

func TestLike(t *testing.T) {
	for _, tc := range []struct {
		glob, text string
		want       bool
	}{
		{"NZ", "NZ", true},
		{"NZ", "NZL", false},
		{"*", "", true},
		{"*", "pin", true},
		{"algorand-*", "algorand-usdc", true},
		{"algorand-*", "x-algorand-usdc", false},
		{"*universal-evm*", "base-universal-evm-test", true},
		{"*universal-evm*", "base-usdc", false},
		{"*Url", "logoUrl", true},
		{"*Url", "logoUrls", false},
		{"a*b*c", "a-b-c", true},
		{"a*b*c", "a-c-b", false},
		{"a*b", "ab", true},
	} {
		if got := like(tc.glob, tc.text); got != tc.want {
			t.Errorf("like(%q, %q) = %v", tc.glob, tc.text, got)
		}
	}
}

func TestBreachesNameTheirPlace(t *testing.T) {
	op, err := api.Lookup("submit-kyc-statement")
	if err != nil {
		t.Fatal(err)
	}
	body := `{"region":"NZ","claims":[{"claimType":"DOB"},{"claimType":"FULL_NAME","attributes":{"familyName":"Doe"}}],"evidence":[{"country":"nz","evidenceType":"PASSPORT"}]}`
	var got []string
	for _, b := range Breaches(op, schema.Parse([]byte(body))) {
		got = append(got, strings.Join([]string{string(b.Rule.Kind), b.Pointer, b.Field, b.Suggest}, " "))
	}
	want := []string{"not-pattern /evidence/0/country  NZ", "required /claims/1/attributes givenName "}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Long texts, empty documents and wrong types are nothing that a rule speaks of.
func TestRulesLeaveTheRestAlone(t *testing.T) {
	op, err := api.Lookup("update-contact-details")
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{`[]`, `"text"`, `{"phone":{"phoneNumber":5}}`, `{"phone":5}`, `{"phone":{"phoneNumber":"` + strings.Repeat("0", maxText+1) + `"}}`} {
		if got := Breaches(op, schema.Parse([]byte(body))); len(got) > 0 {
			t.Errorf("%.60s: %+v", body, got[0])
		}
	}
	if got := Breaches(op, nil); got != nil {
		t.Errorf("no body: %v", got)
	}
}
