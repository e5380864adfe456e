package cmd_test

import (
	"encoding/csv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// hostileTexts try to act where they are shown. Each holds the mark, so that it is
// known where it got to.
func hostileTexts() []string {
	return []string{
		"\x1b]0;ZQZ\x07", "\x1b[2J\x1b[1;1HZQZ", "\x1b[8mZQZ\x1b[0m", "\u009b31mZQZ", "\u009d0;ZQZ\u009c", "ZQZ\rovertyped", "ZQZ\b\b\b\b", "\x00ZQZ\x7f",
		"\u202eZQZ\u202c", "\u2066ZQZ\u2069", "\u200bZ\u200dQ\u2060Z\ufeff", "\u2028ZQZ\u2029", "\U000e0041ZQZ", "\u061cZQZ", "ZQZ\u00ad", "\xff\xfeZQZ\xc0\xaf",
		"<script>ZQZ()</script>", "<img src=x onerror=ZQZ>", "</pre></code></title><svg onload=ZQZ>", `" onmouseover="ZQZ`, "<!--ZQZ", "&lt;script&gt;ZQZ", "<a href=\"javascript:ZQZ\">x</a>",
		"[ZQZ](javascript:alert(1))", "![ZQZ](http://evil.example/x.png)", "`ZQZ` ``ZQZ`` ```ZQZ```", "ZQZ\n```\n# heading\n- [x] ok", "ZQZ | b | c |", "<http://evil.example/ZQZ>", "http://evil.example/ZQZ", "*ZQZ* _ZQZ_ ~~ZQZ~~", "[ZQZ]: http://evil.example", "@ZQZ #1", "ZQZ\\",
		"=cmd|' /C calc'!ZQZ", "+ZQZ", "-ZQZ+1", "@SUM(ZQZ)", "\tZQZ",
		"../../../../../../tmp/ZQZ", "/tmp/ZQZ", "..\\..\\ZQZ", "$(touch /tmp/ZQZ)", "`touch /tmp/ZQZ`", "'; touch /tmp/ZQZ; '", "{{ZQZ}}", "%s%n%d%ZQZ", "-rfZQZ", "--save=/tmp/ZQZ",
	}
}

// Text of captures is inert in every output, wherever in a capture it stands:
// nothing acts on a terminal, formats, links or calculates, and no name of a file
// is taken from it.
func TestHostileTextsAreInert(t *testing.T) {
	cases := 2500
	if testing.Short() {
		cases = 400
	}
	if n, err := strconv.Atoi(os.Getenv(longLeak)); err == nil {
		cases = n
	}
	dir := t.TempDir()
	failures := 0
	runs := commands()
	for _, markdown := range []bool{false, true} {
		name := map[bool]string{false: "file names", true: "file names -o markdown"}[markdown]
		runs = append(runs, command{name, func(dir string, s *specimen, text string) string { return fileNames(dir, s, text, markdown) }})
	}
	for n := range cases {
		r := rand.New(rand.NewPCG(uint64(n), 11))
		p := plant{"hostile", []string{"reason", "note", "cardId", "accountId", "limit"}, hostileTexts()[r.IntN(len(hostileTexts()))], true}
		where := places()[r.IntN(len(places()))]
		kinds := sortedKeys(captures())
		kind, run := kinds[r.IntN(len(kinds))], runs[r.IntN(len(runs))]
		if strings.ContainsRune(p.value, 0) && strings.HasPrefix(run.name, "curl") {
			continue // no command line holds a NUL
		}
		s := newSpecimen()
		where.put(r, s, p)
		shown := run.run(dir, s, captures()[kind](s))
		if wrong := harm(run.name, shown); wrong != "" {
			if failures++; failures < 20 {
				t.Errorf("case %d: %q in %s of %s, %s: %s", n, p.value, where.name, kind, run.name, wrong)
			}
		}
	}
	for _, pattern := range []string{"/tmp/ZQZ*", filepath.Join(dir, "*ZQZ*"), "*ZQZ*"} {
		if found, err := filepath.Glob(pattern); err != nil || len(found) > 0 {
			t.Errorf("a text became a file: %v, %v", found, err)
		}
	}
	for _, pattern := range []string{"*", "*/*"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		for _, name := range found {
			if !slices.Contains(written(), filepath.Base(name)) {
				t.Errorf("%s was made", name)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// fileNames runs the commands that read files on one whose name is the text that was
// planted.
func fileNames(dir string, s *specimen, text string, markdown bool) string {
	name := strings.NewReplacer("/", "_", "\x00", "").Replace(s.respBody + s.reqBody)
	home := filepath.Join(dir, "named")
	if err := os.MkdirAll(home, 0o700); err != nil {
		panic(err)
	}
	defer os.RemoveAll(home)
	path := write(home, strings.ToValidUTF8(name[:min(len(name), 200)], ""), text)
	lines := [][]string{
		{path},
		{path, path},
		{"-o", "json", path},
		{"--at", path + ":1"},
		{"--environment", path, path},
		{"--request", path, path},
		{"--save", path, path},
		{"--kind", "body", path},
		{"scan", path},
		{"scan", "-o", "json", path},
		{"scan", "--explain-format", path},
		{"scan", "--merge", path},
		{"scan", home},
		{"scan", path + "x"},
		{"compare", path, path},
		{"replay", "--dry-run", path},
		{"replay", path + "x"},
		{"support", "--out", path, path},
		{"support", "--out", path + ".md", "--force", path},
		{"simulate", "--print", "--scenario", path},
		{"simulate", "--print", "--state", path},
		{"check", "--cacert", path},
		{"call", "list-currencies", "--dry-run", "--token", "@" + path},
		{"call", "create-card", "--dry-run", "-d", "@" + path},
		{"--dry-run", "curl", "-d", "@" + path + "x", "https://test.immersve.com/"},
	}
	if markdown {
		lines = [][]string{{"-o", "markdown", path}, {"scan", "-o", "markdown", path}, {"compare", "-o", "markdown", path, path}, {"support", path}}
	}
	var all strings.Builder
	for _, args := range lines {
		shown, said, _ := strings.Cut(invoke(dir, "", args...), errorMark)
		if all.WriteString(shown); !markdown {
			all.WriteString(said)
		}
	}
	return all.String()
}

// harm says what a text does in an output, "" for nothing.
func harm(command, shown string) string {
	shown = strings.NewReplacer(errorMark, "\n", fileMark, "\n").Replace(shown)
	if strings.Contains(shown, "panic: ") {
		return shown[strings.Index(shown, "panic: "):]
	}
	if !utf8.ValidString(shown) {
		return "bytes that are no UTF-8"
	}
	for i, r := range shown {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == 0x2028 || r == 0x2029) {
			return "a character that acts in " + quoteAround(shown, i)
		}
	}
	switch {
	case strings.Contains(command, "markdown"), command == "support":
		return markdownHarm(shown)
	case strings.Contains(command, "html"):
		if at := regexp.MustCompile(`(?i)<(script>ZQZ|img src=x|svg onload|a href="javascript)`).FindStringIndex(shown); at != nil {
			return "markup in " + quoteAround(shown, at[0])
		}
	case strings.Contains(command, "csv"):
		return csvHarm(shown)
	}
	return ""
}

func quoteAround(s string, at int) string {
	return strings.ToValidUTF8(s[max(0, at-50):min(len(s), at+50)], "?")
}

var (
	fenced   = regexp.MustCompile("(?ms)^(`{3,})[a-z]*\n.*?^`{3,}$")
	linkMark = regexp.MustCompile(`(?i)(^|[^\\])(<[a-z/!]|\]\((javascript|http://evil)|https?://evil|!\[)`)
)

// markdownHarm looks at Markdown outside of code, where nothing is shown as it is.
func markdownHarm(text string) string {
	outside := fenced.ReplaceAllString(text, "")
	for line := range strings.SplitSeq(outside, "\n") {
		line = withoutSpans(line)
		if at := linkMark.FindStringIndex(line); at != nil && !strings.HasPrefix(line, "immersve-doctor:") {
			return "markup in " + quoteAround(line, at[0])
		}
	}
	return ""
}

// withoutSpans drops code spans: a run of backticks up to the next run as long.
func withoutSpans(line string) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(line, '`')
		if i < 0 {
			return b.String() + line
		}
		if i > 0 && line[i-1] == '\\' {
			b.WriteString(line[:i+1])
			line = line[i+1:]
			continue
		}
		run := len(line[i:]) - len(strings.TrimLeft(line[i:], "`"))
		ticks := line[i : i+run]
		rest := line[i+run:]
		end := spanEnd(rest, ticks)
		if end < 0 {
			return b.String() + line
		}
		b.WriteString(line[:i])
		line = rest[end:]
	}
}

func spanEnd(rest, ticks string) int {
	for from := 0; ; {
		j := strings.Index(rest[from:], ticks)
		if j < 0 {
			return -1
		}
		j += from
		run := len(rest[j:]) - len(strings.TrimLeft(rest[j:], "`"))
		if run == len(ticks) {
			return j + run
		}
		from = j + run
	}
}

// csvHarm looks for cells that a spreadsheet would calculate.
func csvHarm(text string) string {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return ""
	}
	for _, row := range rows {
		for _, cell := range row {
			if strings.Contains(cell, "ZQZ") && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				return "a formula: " + cell
			}
		}
	}
	return ""
}
