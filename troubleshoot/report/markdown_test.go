package report_test

import (
	"strings"
	"testing"

	"immersve-doctor/troubleshoot/report"
)

// GitHub and others make links of addresses, mentions and numbers after entities and
// backslashes are resolved; only a code span stops them. At the beginning of a line,
// or of a list's item, what would begin a block is text.
func TestEscape(t *testing.T) {
	for text, want := range map[string]string{
		"plain words, 13.14 – 5 %":   "plain words, 13.14 – 5 %",
		"see www.evil.example now":   "see `www.evil.example` now",
		"WWW.evil.example":           "`WWW.evil.example`",
		"a@evil.example.":            "`a@evil.example.`",
		"(@all) #1 octo/x#22":        "`(@all)` `#1` `octo/x#22`",
		"http://evil.example/x":      "`http://evil.example/x`",
		"mailto:a@b.example|x@y.z|":  "`mailto:a@b.example`\\|`x@y.z`\\|",
		"`a@b.c` ``@``":              "`` `a@b.c` `` ``` ``@`` ```",
		"`x` *y* _z_ <b> [l](m) !&~": "\\`x\\` \\*y\\* \\_z\\_ &lt;b&gt; \\[l\\](m) \\!&amp;\\~",
		"# heading":                  "\\# heading",
		"- item":                     "\\- item",
		"+ item":                     "\\+ item",
		"---":                        "\\---",
		"===":                        "\\===",
		"12. item":                   "12\\. item",
		"1) item":                    "1\\) item",
		"1.5 of 2":                   "1.5 of 2",
		"     code":                  "code",
		"\tcode":                     "code",
		"a\n\n    b\x1b[2J":          "a      b\\\\x1b\\[2J",
		"":                           "",
	} {
		if got := report.Escape(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// What is not seen, or piles up over the lines around, is shown as what it is; what
// people write is left alone.
func TestPlainHidden(t *testing.T) {
	for text, want := range map[string]string{
		"x\ufe0f\U000e0101":             `x\ufe0f\ue0101`,
		"\u3164\u115f\u034f\uffa0":      `\u3164\u115f\u034f\uffa0`,
		"Z\u0301\u0316 ệ é Việt ไม่ได้": "Z\u0301\u0316 ệ é Việt ไม่ได้",
		"\U000e0041":                    `\ue0041`,
	} {
		if got := report.Plain(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	flood := "Z" + strings.Repeat("\u0301", 500)
	if got := report.Plain(flood); strings.Count(got, "\u0301") != 8 || strings.Count(got, `\u0301`) != 492 {
		t.Errorf("marks pile up: %q", got)
	}
	var b strings.Builder
	if err := report.WriteJSON(&b, flood); err != nil || strings.Count(b.String(), "\u0301") != 8 || strings.Count(b.String(), `\u0301`) != 492 {
		t.Errorf("marks pile up in JSON: %q, %v", b.String(), err)
	}
}
