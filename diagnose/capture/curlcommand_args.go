package capture

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"immersve-doctor/diagnose/exchange"
)

// CurlOptions say what a curl command line may read. Its zero value reads
// nothing: bodies from files and from standard input are then not captured.
type CurlOptions struct {
	ReadFile func(name string) ([]byte, error) // for @file; nil when files are not read
	Stdin    func() ([]byte, error)            // for @-; nil when standard input is not known
	opaque   []string                          // words whose text stands for what only the user's shell knows
	secrets  *exchange.Known                   // what its variables brought; nil for none
}

// CurlCommand is what a curl command line asks for: the requests in the order in
// which curl sends them, and how they are sent.
type CurlCommand struct {
	Requests        []*exchange.Request
	Notes           []string // what is worth knowing of the command line
	NotFollowed     []string // options that shape requests or their transport and are not followed, as "--digest"
	FollowRedirects bool     // -L
	Insecure        bool     // -k
	Compressed      bool     // --compressed
	HTTP1           bool     // -0, --http1.1: never HTTP/2
	HTTP2           bool     // --http2, --http2-prior-knowledge, --http3: HTTP/2 is wanted
	MaxTime         time.Duration
	ConnectTimeout  time.Duration
	CACert          string // file name
	Proxy           string // as written; "" when none is named
	NoProxy         string // hosts that take no proxy, as written
	UserAgent       string // "" when curl's own
	Resolve         map[string]string
	ConnectTo       map[string]string
}

// ErrCurlUsage says that curl itself would refuse the command line. The errors
// that wrap it say why.
var ErrCurlUsage = errors.New("curl rejects this command line")

// ErrNoURL says that a curl command line names no URL.
var ErrNoURL = fmt.Errorf("%w: no URL", ErrCurlUsage)

// ParseCurlArgs understands the words of a curl command line, without the word
// curl itself, as curl 8 does. The error wraps ErrCurlUsage, or is of reading a
// file that the command line names.
func ParseCurlArgs(args []string, o CurlOptions) (CurlCommand, error) {
	if o.secrets == nil {
		o.secrets = &exchange.Known{}
	}
	p := &curlParser{options: o}
	defer p.conceal()
	p.begin()
	if err := p.parse(args); err != nil {
		return p.command, err
	}
	for _, t := range p.transfers {
		if err := t.requests(&p.command); err != nil {
			return p.command, err
		}
	}
	p.command.Notes = slices.Compact(p.command.Notes)
	if len(p.command.Requests) == 0 {
		return p.command, ErrNoURL
	}
	return p.command, nil
}

// conceal lets the requests mask the secrets that variables brought.
func (p *curlParser) conceal() {
	for _, r := range p.command.Requests {
		r.Conceal(p.options.secrets)
	}
}

// curlParser is the state of reading a command line.
type curlParser struct {
	options   CurlOptions
	command   CurlCommand
	transfers []*curlTransfer
	now       *curlTransfer
	variables []curlVariable
}

func (p *curlParser) begin() {
	p.now = &curlTransfer{options: p.options}
	p.transfers = append(p.transfers, p.now)
}

func (p *curlParser) note(format string, values ...any) {
	if text := fmt.Sprintf(format, values...); !slices.Contains(p.command.Notes, text) && len(p.command.Notes) < maxCurlNotes {
		p.command.Notes = append(p.command.Notes, text)
	}
}

const (
	maxCurlNotes    = 20
	maxCurlRequests = 100
)

func (p *curlParser) parse(args []string) error {
	flags := true
	for i := 0; i < len(args); i++ {
		word := args[i]
		switch {
		case flags && word == "--":
			flags = false
		case flags && strings.HasPrefix(word, "-"):
			used, err := p.option(word, args[i+1:])
			if err != nil {
				return err
			}
			i += used
		case dashed(word):
			p.note("%q starts with a dash instead of a hyphen, so curl treats it as a URL (word processors replace hyphens)", shorten(word, 40))
			if i+1 < len(args) && !looksLikeURL(args[i+1]) && !strings.HasPrefix(args[i+1], "-") {
				i++
			}
		case slices.Contains(p.options.opaque, word) && slices.ContainsFunc(args, isWrittenURL):
			p.now.partial = true
			p.note("%q may contain more of the command line", shorten(word, 40))
		case word == "":
			return fmt.Errorf("%w: an empty argument instead of a URL", ErrCurlUsage)
		case strings.TrimSpace(word) == "":
			p.note("a blank argument instead of a URL: a space after the backslash at the end of a line causes this, and the command ends there")
		default:
			p.now.urls = append(p.now.urls, word)
		}
	}
	return nil
}

// isWrittenURL reports whether a word is a URL for certain.
func isWrittenURL(word string) bool { return strings.Contains(word, "://") }

// dashed reports whether a word begins with an en or em dash, or a minus sign,
// where an option was meant.
func dashed(word string) bool {
	return strings.HasPrefix(word, "–") || strings.HasPrefix(word, "—") || strings.HasPrefix(word, "−")
}

// option takes one word that begins with "-" and returns how many words behind
// it belong to it.
func (p *curlParser) option(word string, rest []string) (int, error) {
	if strings.HasPrefix(word, "--") {
		return p.longOption(word[2:], rest)
	}
	if name, _, _ := strings.Cut(word[1:], "="); len(name) > 3 && exactCurlName(name) {
		p.note("curl parses -%s as -%c and more, so --%s was assumed", name, name[0], name)
		return p.longOption(word[1:], rest)
	}
	if word == "-" {
		p.note("unknown curl option %q", word)
		return 0, nil
	}
	for i := 1; i < len(word); i++ {
		o, ok := shortCurlOption(word[i])
		if !ok {
			p.unknownShort(word, i)
			return 0, nil
		}
		if o.takes != aValue {
			if err := p.apply(o, "", true); err != nil {
				return 0, err
			}
			continue
		}
		if i+1 < len(word) {
			return 0, p.apply(o, word[i+1:], true)
		}
		if len(rest) == 0 {
			return 0, fmt.Errorf("%w: the option -%c needs a value", ErrCurlUsage, o.letter)
		}
		return 1, p.apply(o, rest[0], true)
	}
	return 0, nil
}

func (p *curlParser) unknownShort(word string, at int) {
	p.note("unknown curl option -%s", shorten(word[at:], 40))
}

func exactCurlName(name string) bool {
	o, ok := longCurlOption(name)
	return ok && o.name == name
}

func (p *curlParser) longOption(word string, rest []string) (int, error) {
	name, value, glued := strings.Cut(word, "=")
	on, expand := true, false
	if bare, ok := strings.CutPrefix(name, "no-"); ok && !exactCurlName(name) {
		name, on = bare, false
	} else if bare, ok := strings.CutPrefix(name, "expand-"); ok {
		name, expand = bare, true
	}
	o, ok := longCurlOption(name)
	if !ok || !on && o.takes != aSwitch {
		return p.unknownLong(name, rest), nil
	}
	if o.takes != aValue {
		return 0, p.apply(o, "", on)
	}
	used := 0
	if !glued {
		if len(rest) == 0 {
			return 0, fmt.Errorf("%w: the option --%s needs a value", ErrCurlUsage, o.name)
		}
		value, used = rest[0], 1
	}
	if expand {
		value = p.expand(value)
	}
	return used, p.apply(o, value, true)
}

// unknownLong notes an option that curl refuses, and returns how many words
// behind it are taken for its value: one, unless it is a URL or an option.
func (p *curlParser) unknownLong(name string, rest []string) int {
	if near := nearestCurlOption(name); near != "" {
		p.note("unknown curl option --%s, the closest is --%s", shorten(name, 40), near)
	} else {
		p.note("unknown curl option --%s", shorten(name, 40))
	}
	if len(rest) == 0 || looksLikeURL(rest[0]) || strings.HasPrefix(rest[0], "-") {
		return 0
	}
	return 1
}

// apply does what an option asks for.
func (p *curlParser) apply(o curlOption, value string, on bool) error {
	switch o.use {
	case named:
		p.notFollowed("--" + o.name)
		switch o.name {
		case "digest", "ntlm", "ntlm-wb", "negotiate", "anyauth":
			p.now.otherAuth, p.now.partial = on, p.now.partial || on
		case "config", "netrc", "netrc-file", "netrc-optional", "aws-sigv4":
			p.now.partial = true
		}
		return nil
	case quiet:
		return nil
	}
	if p.applySwitch(o.name, on) || p.applySending(o.name, value) {
		return nil
	}
	return p.applyValue(o.name, value)
}

func (p *curlParser) notFollowed(option string) {
	if !slices.Contains(p.command.NotFollowed, option) {
		p.command.NotFollowed = append(p.command.NotFollowed, option)
	}
}

// applySwitch does the options without a value; false when it is none of them.
func (p *curlParser) applySwitch(name string, on bool) bool {
	c, t := &p.command, p.now
	switch name {
	case "next":
		p.begin()
	case "get":
		t.get = on
	case "head":
		t.head = on
	case "globoff":
		t.globOff = on
	case "path-as-is":
		t.pathAsIs = on
	case "form-escape":
		t.formEscape = on
	case "compressed":
		t.compressed, c.Compressed = on, on
	case "tr-encoding":
		t.transferEncoding = on
	case "location", "location-trusted", "follow":
		c.FollowRedirects = on
	case "insecure":
		c.Insecure = on
	case "http1.0":
		t.proto, c.HTTP1, c.HTTP2 = "HTTP/1.0", true, false
	case "http1.1":
		t.proto, c.HTTP1, c.HTTP2 = "HTTP/1.1", true, false
	case "http2", "http2-prior-knowledge", "http3", "http3-only":
		t.proto, c.HTTP1, c.HTTP2 = "", false, true
	case "basic", "disable":
	default:
		return false
	}
	return true
}

// applySending does the options that shape how a request is sent.
func (p *curlParser) applySending(name, value string) bool {
	c := &p.command
	switch name {
	case "cacert":
		c.CACert = value
	case "proxy":
		c.Proxy = value
	case "noproxy":
		c.NoProxy = value
	case "max-time":
		c.MaxTime = p.seconds(name, value)
	case "connect-timeout":
		c.ConnectTimeout = p.seconds(name, value)
	case "resolve":
		p.resolve(value)
	case "connect-to":
		p.connectTo(value)
	default:
		return false
	}
	return true
}

func (p *curlParser) seconds(name, value string) time.Duration {
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || n < 0 || math.IsNaN(n) || n > math.MaxInt32 {
		p.note("the value %q of --%s isn't a number of seconds", shorten(value, 40), name)
		return 0
	}
	return time.Duration(n * float64(time.Second))
}

// resolve takes "[+]host:port:address[,address]…"; of several addresses the first
// counts.
func (p *curlParser) resolve(value string) {
	host, rest, ok := strings.Cut(strings.TrimPrefix(value, "+"), ":")
	port, addresses, found := strings.Cut(rest, ":")
	address, _, _ := strings.Cut(addresses, ",")
	if !ok || !found || strings.HasPrefix(value, "-") || address == "" {
		p.notFollowed("--resolve")
		return
	}
	if p.command.Resolve == nil {
		p.command.Resolve = map[string]string{}
	}
	if strings.Contains(address, ":") && !strings.HasPrefix(address, "[") {
		address = "[" + address + "]"
	}
	p.command.Resolve[strings.ToLower(host)+":"+port] = address + ":" + port
}

// connectTo takes "HOST1:PORT1:HOST2:PORT2"; each part may be empty.
func (p *curlParser) connectTo(value string) {
	parts := splitHosts(value)
	if len(parts) != 4 {
		p.notFollowed("--connect-to")
		return
	}
	if p.command.ConnectTo == nil {
		p.command.ConnectTo = map[string]string{}
	}
	p.command.ConnectTo[strings.ToLower(parts[0])+":"+parts[1]] = parts[2] + ":" + parts[3]
}

// splitHosts splits at colons outside brackets.
func splitHosts(value string) []string {
	var parts []string
	start, depth := 0, 0
	for i := 0; i < len(value); i++ {
		switch value[i] {
		case '[':
			depth++
		case ']':
			depth--
		case ':':
			if depth == 0 {
				parts = append(parts, value[start:i])
				start = i + 1
			}
		}
	}
	return append(parts, value[start:])
}

// applyValue does the options that shape the request itself.
func (p *curlParser) applyValue(name, value string) error {
	t := p.now
	switch name {
	case "url":
		return t.addURL(value)
	case "request":
		t.method = value
	case "request-target":
		t.target = value
	case "proto-default":
		t.scheme = strings.ToLower(value)
	case "header":
		return t.addHeader(value)
	case "user":
		t.user, t.hasUser = value, true
	case "oauth2-bearer":
		t.bearer = value
	case "user-agent":
		t.agent, t.hasAgent = value, true
		p.command.UserAgent = value
	case "referer":
		t.referer = strings.TrimSuffix(value, ";auto")
	case "cookie":
		t.addCookie(value)
	case "range":
		t.byteRange = rangeOf(value)
	case "continue-at":
		t.continueAt(value)
	case "time-cond":
		t.timeCondition(value)
	case "etag-compare":
		return t.compareTag(value)
	case "upload-file":
		t.uploads = append(t.uploads, value)
	case "url-query":
		return t.addQuery(value)
	case "variable":
		return p.setVariable(value)
	case "form", "form-string":
		return t.addForm(name, value)
	default: // the kinds of data
		return t.addData(name, value)
	}
	return nil
}
