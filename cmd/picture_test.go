package cmd_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"immersve-doctor/cmd"
)

// palette is the colors of a picture of a terminal.
type palette struct{ background, text, faint, red, green, yellow, cyan string }

var palettes = map[string]palette{
	"light": {"#ffffff", "#1f2328", "#59636e", "#cf222e", "#1a7f37", "#9a6700", "#0969da"},
	"dark":  {"#0d1117", "#f0f6fc", "#9198a1", "#f85149", "#3fb950", "#d29922", "#4493f8"},
}

// pictured is the input of the README's picture and the command that it comes from.
const (
	pictured        = "../testdata/finding/token-expired/hit-thirteen-minutes.in"
	picturedCommand = `curl -v "$URL" -H "authorization: Bearer $TOKEN" 2>&1 | immersve-doctor`
)

// The README's pictures show what the program prints; -update makes them.
func TestPicturesShowRealOutput(t *testing.T) {
	input, err := os.ReadFile(pictured)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	cmd.Run(context.Background(), []string{"--color", "always", "--width", "80"}, cmd.Environment{
		In: strings.NewReader(string(input)), Out: &out, Err: &out,
		Getenv: func(name string) string { return map[string]string{"LANG": "C.UTF-8"}[name] },
		Now:    func() time.Time { return time.Date(2026, 11, 23, 10, 44, 30, 0, time.UTC) },
	})
	shown := "\x1b[32m$\x1b[0m " + picturedCommand + "\n" + strings.TrimRight(out.String(), "\n")
	for name, colors := range palettes {
		file := "../.github/diagnosis-" + name + ".svg"
		picture := colors.draw(shown)
		if *update {
			if err := os.WriteFile(file, []byte(picture), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if was, err := os.ReadFile(file); err != nil || string(was) != picture {
			t.Errorf("%s isn't what the program prints (%v); run: go test ./cmd -run Picture -update", file, err)
		}
	}
}

var sgr = regexp.MustCompile("\x1b\\[([0-9;]*)m")

// draw writes terminal output as SVG, a line of text for each line.
func (p palette) draw(shown string) string {
	const (
		width, height  = 8.43, 19 // of a character, in pixels, at 14 px
		margin, radius = 16, 8
	)
	lines := strings.Split(shown, "\n")
	columns := 0
	for _, l := range lines {
		columns = max(columns, len([]rune(sgr.ReplaceAllString(l, ""))))
	}
	w, h := float64(columns)*width+2*margin, len(lines)*height+2*margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%d" viewBox="0 0 %.0[1]f %[2]d" role="img">`+"\n", w, h, w)
	fmt.Fprintf(&b, `<rect x="0.5" y="0.5" width="%.0f" height="%d" rx="%d" fill="%s" stroke="%s" stroke-opacity="0.3"/>`+"\n", w-1, h-1, radius, p.background, p.faint)
	fmt.Fprintf(&b, `<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" fill="%s">`+"\n", p.text)
	for i, l := range lines {
		if plain := sgr.ReplaceAllString(l, ""); strings.TrimSpace(plain) != "" {
			fmt.Fprintf(&b, `<text x="%d" y="%d" style="white-space:pre">%s</text>`+"\n", margin, margin+i*height+14, p.spans(l, width))
		}
	}
	b.WriteString("</g>\n</svg>\n")
	return b.String()
}

// spans writes the parts of a line in their colors, each at its column.
func (p palette) spans(line string, width float64) string {
	var b strings.Builder
	style, column := "", 0
	add := func(text string) {
		if strings.TrimSpace(text) != "" {
			lead := len([]rune(text)) - len([]rune(strings.TrimLeft(text, " ")))
			word := strings.TrimSpace(text)
			fmt.Fprintf(&b, `<tspan x="%.1f" textLength="%.1f"%s>%s</tspan>`, 16+float64(column+lead)*width, float64(len([]rune(word)))*width, style, escapeXML(word))
		}
		column += len([]rune(text))
	}
	rest := line
	for {
		at := sgr.FindStringSubmatchIndex(rest)
		if at == nil {
			add(rest)
			return b.String()
		}
		add(rest[:at[0]])
		style = p.style(style, rest[at[2]:at[3]])
		rest = rest[at[1]:]
	}
}

// style returns the attributes after an SGR sequence.
func (p palette) style(style, codes string) string {
	for code := range strings.SplitSeq(codes, ";") {
		switch code {
		case "", "0", "22", "39":
			style = ""
		case "1":
			style += ` font-weight="bold"`
		case "2":
			style += fmt.Sprintf(` fill=%q`, p.faint)
		case "31", "32", "33", "36":
			fill := map[string]string{"31": p.red, "32": p.green, "33": p.yellow, "36": p.cyan}[code]
			style += fmt.Sprintf(` fill=%q`, fill)
		}
	}
	return style
}

func escapeXML(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}
