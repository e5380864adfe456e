package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"immersve-doctor/diagnose/scan"
)

// ScanMarkdown writes totals fit for a ticket.
func ScanMarkdown(w io.Writer, totals *scan.Totals) error {
	groups, others := totals.Groups()
	plan, err := firstPlan(groups)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n%s", Escape(scanSummary(totals, groups, plan)), Escape(scopeWords(totals)))
	if totals.First != 0 {
		fmt.Fprintf(&b, ", %s", span(totals.First, totals.Last))
	}
	b.WriteString("\n\n")
	if len(groups) > 0 {
		if len(plan.Advice) > 0 {
			fmt.Fprintf(&b, "**First:** %s\n\n", Escape(plan.Advice[0].Fix))
		}
		b.WriteString(Fence("sh", strings.Join(firstCommands(groups, plan), "\n")))
		markdownGroups(&b, totals, groups, others)
	}
	if lines := RateLines(totals); len(lines) > 0 {
		b.WriteString("\n### Rate\n\n")
		for _, l := range lines {
			fmt.Fprintf(&b, "- %s\n", Escape(l))
		}
	}
	_, err = io.WriteString(w, b.String())
	return err
}

func markdownGroups(b *strings.Builder, totals *scan.Totals, groups []*scan.Group, others int64) {
	b.WriteString("\n| failures | share | what | cause | first (UTC) | last (UTC) | sample |\n|---:|---:|---|---|---|---|---|\n")
	for _, g := range groups {
		sample := ""
		if len(g.Samples) > 0 {
			sample = strings.ReplaceAll(Code(At(g.Samples[0])), "|", `\|`)
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s |\n", Number(g.Count), percent(float64(g.Count)/float64(totals.Failed)),
			Escape(GroupTitle(g)), Escape(groupCause(g)), tableTime(g.First), tableTime(g.Last), sample)
	}
	if others > 0 {
		fmt.Fprintf(b, "| %s | %s | others | | | | |\n", Number(others), percent(float64(others)/float64(totals.Failed)))
	}
}

func tableTime(nanos int64) string {
	if nanos == 0 {
		return ""
	}
	return time.Unix(0, nanos).UTC().Format("2006-01-02 15:04:05")
}
