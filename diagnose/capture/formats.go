package capture

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"immersve-doctor/diagnose/exchange"
)

// format is one kind of capture. sure says how sure it is of a text, 0 for not
// at all, 100 for certain; it sees the beginning of the input. read hands over
// the exchanges until yield returns false, and notes what it left. stream does
// the same of an input that is read entry by entry, whatever its size; its error
// is the reader's. Formats that need the whole text have none.
type format struct {
	kind   exchange.Kind
	sure   func(head string) int
	read   func(in *input, yield func(*exchange.Exchange) bool)
	stream func(r io.Reader, in *input, yield func(*exchange.Exchange) bool) error
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
		bareDelivery(),
		curlCommand(),
		har(),
		curlTrace(),
		httpFile(),
		postman(),
		httpie(),
		wget(),
		gatewayPage(),
		toolOutput(exchange.KindClientError),
		fetch(),
		httpClient(),
		toolOutput(exchange.KindHTTPClient),
		toolOutput(exchange.KindOkHTTP),
		toolOutput(exchange.KindClientLog),
		toolOutput(exchange.KindLog),
		toolOutput(exchange.KindConsole),
		documents(exchange.KindInsomnia),
		documents(exchange.KindBruno),
		documents(exchange.KindHoppscotch),
		documents(exchange.KindThunder),
		documents(exchange.KindVCR),
		documents(exchange.KindOTLP),
		documents(exchange.KindLog),
		powerShellCall(),
	}
}

// Kinds returns every kind of capture that can be read.
func Kinds() []exchange.Kind {
	var kinds []exchange.Kind
	for _, f := range formats() {
		if !slices.Contains(kinds, f.kind) {
			kinds = append(kinds, f.kind)
		}
	}
	return kinds
}

// headSize is how much of an input the formats see before one is chosen.
const headSize = 64 << 10

// choose asks each format how sure it is and takes the surest, the earlier one
// of equals.
func choose(in *input, wanted exchange.Kind) (format, error) {
	head := beginning(in.text)
	var best format
	surest := 0
	var kinds []string
	for _, f := range formats() {
		if wanted == f.kind {
			return f, readable(head, wanted)
		}
		if !slices.Contains(kinds, string(f.kind)) { // a page of a gateway is a body, too
			kinds = append(kinds, string(f.kind))
		}
		if s := f.sure(head); s > surest {
			best, surest = f, s
		}
	}
	if wanted != "" {
		return format{}, fmt.Errorf("unknown kind %q: use %s", wanted, strings.Join(kinds, ", "))
	}
	if surest == 0 {
		return format{}, &NothingError{Saw: describe(in.text)}
	}
	return best, nil
}

// readable refuses to read as anything else what breaks values anywhere, a trace of
// curl or what http.client sent piece by piece: half of a secret is not recognised as
// one.
func readable(head string, wanted exchange.Kind) error {
	for _, breaking := range [...]struct {
		format format
		sure   int
		what   string
	}{
		{curlTrace(), traceIsSure, "curl --trace writes"},
		{httpClient(), clientIsSure, "Python's http.client prints"},
	} {
		if wanted != breaking.format.kind && breaking.format.sure(head) >= breaking.sure {
			return fmt.Errorf("the input is what %s, not %s (omit --kind)", breaking.what, wanted)
		}
	}
	return nil
}

// beginning is what of a text the formats see: a request line of curl -v that
// begins there to its end, which only its last word tells from any other text.
func beginning(text string) string {
	if len(text) <= headSize {
		return text
	}
	last := strings.LastIndexByte(text[:headSize], '\n') + 1
	if !strings.HasPrefix(text[last:], "> ") {
		return text[:headSize]
	}
	return text[:max(headSize, last+lineLength(text[last:]))]
}

// chooseStream returns the format that an input can be read with entry by entry,
// ok false when it must be read whole. head is its beginning as it stands.
func chooseStream(head []byte, wanted exchange.Kind) (f format, ok bool) {
	if bytes.HasPrefix(head, []byte{0xff, 0xfe}) || bytes.HasPrefix(head, []byte{0xfe, 0xff}) {
		return format{}, false // UTF-16 is decoded whole
	}
	for _, f := range formats() {
		if f.stream != nil && (wanted == f.kind || wanted == "" && f.sure(string(head)) > 0) {
			return f, true
		}
	}
	return format{}, false
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
