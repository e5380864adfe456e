package report

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// githubWriter writes workflow commands of GitHub Actions
// (https://docs.github.com/actions/reference/workflow-commands-for-github-actions): an
// annotation per failure and per warning, and a summary in Markdown.
type githubWriter struct {
	w                io.Writer
	summary          io.Writer // $GITHUB_STEP_SUMMARY, nil if it isn't set
	errors, warnings int64     // annotations so far, those that were withheld included
	failed, seen     int64     // exchanges
	written          int       // bytes of the summary
}

const (
	// maxAnnotations is how many errors, and how many warnings, GitHub shows of a step.
	maxAnnotations = 10
	// maxSummary is below the 1 MiB beyond which GitHub drops a step's summary.
	maxSummary = 900 << 10
)

func (g *githubWriter) Add(c Case) error {
	g.seen += c.Count
	if c.Failed {
		g.failed += c.Count
		if err := g.summarize(c); err != nil {
			return err
		}
		message := c.Step
		if c.Count > 1 {
			message = strings.TrimSpace(fmt.Sprintf("%s (%d times)", message, c.Count))
		}
		return g.annotate("error", &g.errors, c.Places[0], c.Headline, message)
	}
	for _, r := range c.Results {
		if err := g.annotate("warning", &g.warnings, c.Places[0], c.Name+": "+r.Rule, r.Message); err != nil {
			return err
		}
	}
	return nil
}

// annotate writes an annotation. The last one that GitHub would show is kept for the
// number of the others.
func (g *githubWriter) annotate(level string, count *int64, p Place, title, message string) error {
	if *count++; *count >= maxAnnotations {
		return nil
	}
	return g.command(level, p, title, message)
}

func (g *githubWriter) command(level string, p Place, title, message string) error {
	properties := "title=" + escapeProperty(title)
	if p.Name != "" {
		properties = "file=" + escapeProperty(p.Name) + ",line=" + strconv.Itoa(max(p.Line, 1)) + "," + properties
	}
	_, err := fmt.Fprintf(g.w, "::%s %s::%s\n", level, properties, escapeData(message))
	return err
}

func (g *githubWriter) Close() error {
	for _, withheld := range []struct {
		level string
		count int64
	}{{"error", g.errors}, {"warning", g.warnings}} {
		if n := withheld.count - maxAnnotations + 1; n > 0 {
			if err := g.command(withheld.level, Place{}, several(n, "more "+withheld.level), "GitHub shows only the first annotations of a step. The summary has every failure."); err != nil {
				return err
			}
		}
	}
	_, err := fmt.Fprintf(g.w, "%s, %d failed\n", several(g.seen, "request"), g.failed)
	return err
}

// summarize adds a failure to the step's summary, as long as there is room.
func (g *githubWriter) summarize(c Case) error {
	if g.summary == nil || g.written > maxSummary {
		return nil
	}
	var b bytes.Buffer
	if g.written == 0 {
		b.WriteString("# immersve-doctor\n\n")
	}
	fmt.Fprintf(&b, "## %s\n\n%s\n\n", Escape(c.Headline), Escape(c.Step))
	fmt.Fprintf(&b, "%s\n\n```text\n%s\n```\n\n", Escape(c.Places[0].String()), strings.ReplaceAll(strings.TrimRight(c.Text, "\n"), "```", "'''"))
	if g.written += b.Len(); g.written > maxSummary {
		b.Reset()
		b.WriteString("There are more failures than a summary can have.\n")
	}
	_, err := g.summary.Write(b.Bytes())
	return err
}

// escapeData escapes the message of a workflow command.
func escapeData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// escapeProperty escapes a property of a workflow command.
func escapeProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}
