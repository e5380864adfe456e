package cmd

import (
	"strings"

	"immersve-doctor/troubleshoot/report"
)

// style decides how text is written: colour on a terminal only, marks in UTF-8
// locales only, the terminal's width up to what reads well.
func (s *shared) style() report.Style {
	width := s.width
	if width <= 0 {
		width = min(s.env.Width, 100)
	}
	return report.Style{Width: width, Colour: s.coloured(), Unicode: s.unicode(), Verbose: s.verbose, Sources: s.inputs > 1}
}

func (s *shared) coloured() bool {
	switch s.colour {
	case "always":
		return true
	case "never":
		return false
	}
	return s.env.OutTTY && s.env.Getenv("NO_COLOR") == "" && s.env.Getenv("TERM") != "dumb"
}

// unicode reads the locale as POSIX orders its variables.
func (s *shared) unicode() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := s.env.Getenv(name); v != "" {
			v = strings.ToLower(v)
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return s.env.Windows
}
