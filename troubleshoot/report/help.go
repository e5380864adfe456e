package report

import (
	"fmt"
	"io"

	"immersve-doctor/troubleshoot"
)

// Help writes a topic of "help".
func Help(w io.Writer, p troubleshoot.HelpPage, s Style, format string) error {
	switch format {
	case "json":
		return WriteJSON(w, map[string]any{"topic": p.Topic, "title": p.Title, "text": p.Body})
	case "markdown":
		_, err := fmt.Fprintf(w, "# %s\n\n%s\n", p.Title, p.Body)
		return err
	}
	t := newText(s)
	t.block()
	t.line(t.bold.Sprint(p.Title))
	t.prose(p.Body)
	_, err := io.WriteString(w, t.b.String())
	return err
}
