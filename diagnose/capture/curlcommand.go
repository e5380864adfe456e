package capture

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"immersve-doctor/diagnose/exchange"
)

// curlCommand reads curl commands as people paste them: from bash and its like,
// cmd.exe and PowerShell, with what stands around them. Nothing is run and no
// file is read.
func curlCommand() format {
	return format{
		kind: exchange.KindCurlCommand,
		sure: func(head string) int {
			if !anyLine(head, callsCurl) {
				return 0
			}
			rest := outsideCommands(head)
			if isWrittenOut(rest) || looksLikeError(rest) || statusOfPage(rest) > 0 {
				return 40 // the answer is there too, and its format takes the command along
			}
			return 65
		},
		read: readCurlCommands,
	}
}

// callsCurl reports whether a line of text is, or holds, a call of curl.
func callsCurl(line string) bool {
	_, ok := findCall(line)
	return ok
}

func readCurlCommands(in *input, yield func(*exchange.Exchange) bool) {
	p := newPaste(in.text)
	p.leave = in.leave
	p.commands(func(c shellCommand) bool {
		for _, ex := range c.exchanges(in) {
			if !yield(ex) {
				return false
			}
		}
		return true
	})
	if p.failure != nil {
		in.saw, in.cause = "a curl command that can't be parsed: "+p.failure.Error(), p.failure
	}
}

// outsideCommands is a text without the commands in it.
func outsideCommands(text string) string {
	var b strings.Builder
	p := newPaste(text)
	p.leave = func(_, _ int, text string) { b.WriteString(text + "\n") }
	p.read()
	return b.String()
}

// errNotRead stands for a file that the paste does not hold.
var errNotRead = fmt.Errorf("not read: %w", fs.ErrNotExist)

// parse understands the words of a command.
func (c *shellCommand) parse() (CurlCommand, error) {
	o := CurlOptions{ReadFile: func(name string) ([]byte, error) {
		if content, ok := c.files[name]; ok {
			return content, nil
		}
		return nil, errNotRead
	}}
	o.opaque, o.secrets = c.opaque, c.secrets
	if c.stdin.known {
		o.Stdin = func() ([]byte, error) { return c.stdin.content, nil }
	}
	return ParseCurlArgs(c.args, o)
}

// exchanges are the requests of a command; none when it is no command after all.
func (c *shellCommand) exchanges(in *input) []*exchange.Exchange {
	if c.isWebRequest() {
		in.saw = "a call of Invoke-WebRequest, because curl is an alias for it in Windows PowerShell (use curl.exe)"
		in.leave(c.line, 1, c.secrets.Hide(strings.Join(append([]string{"curl"}, c.args...), " ")))
		return nil
	}
	command, err := c.parse()
	if !c.isCommand() || len(command.Requests) == 0 {
		if err != nil && len(c.args) > 0 && c.isCommand() && in.cause == nil {
			in.saw, in.cause = c.secrets.Hide(err.Error()), err
		}
		in.leave(c.line, 1, c.secrets.Hide(strings.Join(append([]string{"curl"}, c.args...), " ")))
		return nil
	}
	notes := append(slices.Clone(c.notes), command.Notes...)
	if len(command.NotFollowed) > 0 {
		notes = append(notes, "unsupported curl options: "+strings.Join(command.NotFollowed, ", "))
	}
	if errors.Is(err, ErrCurlUsage) {
		notes = append(notes, err.Error())
	}
	var list []*exchange.Exchange
	for _, r := range command.Requests {
		r.Unexpanded = c.opaque
		list = append(list, &exchange.Exchange{Source: exchange.Source{Line: c.line}, Request: r, Notes: notes})
	}
	return list
}

// isWebRequest knows the parameters of PowerShell's Invoke-WebRequest.
func (c *shellCommand) isWebRequest() bool {
	return slices.ContainsFunc(c.args, func(w string) bool {
		switch strings.ToLower(w) {
		case "-uri", "-method", "-headers", "-body", "-contenttype", "-usebasicparsing", "-infile", "-outfile":
			return true
		}
		return false
	})
}

// isCommand tells a command from a sentence that begins with the word curl.
func (c *shellCommand) isCommand() bool {
	options, words := 0, 0
	for _, w := range c.args {
		switch {
		case looksLikeURL(w):
			return true
		case strings.HasPrefix(w, "-"):
			options++
		default:
			words++
		}
	}
	return options > 0 && words <= 2*options
}
