package capture

import (
	"fmt"
	"strings"

	"immersve-doctor/diagnose/exchange"
)

// format is one kind of capture. sure says how sure it is of a text, 0 for not
// at all, 100 for certain; it sees the beginning of the input. read hands over
// the exchanges until yield returns false, and notes what it left.
type format struct {
	kind exchange.Kind
	sure func(head string) int
	read func(in *input, yield func(*exchange.Exchange) bool)
}

// formats lists every kind of capture. A new one is a file of its own and a line
// here.
func formats() []format {
	return []format{
		curlVerbose(),
		rawHTTP(),
		curlInclude(),
		curlError(),
		curlWriteOut(),
		bareBody(),
		curlCommand(),
	}
}

// headSize is how much of an input the formats see before one is chosen.
const headSize = 64 << 10

// choose asks each format how sure it is and takes the surest, the earlier one
// of equals.
func choose(in *input, wanted exchange.Kind) (format, error) {
	head := in.text[:min(len(in.text), headSize)]
	var best format
	surest := 0
	var kinds []string
	for _, f := range formats() {
		if wanted == f.kind {
			return f, nil
		}
		kinds = append(kinds, string(f.kind))
		if s := f.sure(head); s > surest {
			best, surest = f, s
		}
	}
	if wanted != "" {
		return format{}, fmt.Errorf("there is no kind of capture called %q; there are %s", wanted, strings.Join(kinds, ", "))
	}
	if surest == 0 {
		return format{}, &NothingError{Saw: describe(in.text)}
	}
	return best, nil
}

// anyLine reports whether a line of the text passes the test.
func anyLine(text string, test func(string) bool) bool {
	for line := range strings.SplitSeq(text, "\n") {
		if test(line) {
			return true
		}
	}
	return false
}
