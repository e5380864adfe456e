package capture

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"immersve-doctor/diagnose/exchange"
)

// harEntry is what is read of one entry.
type harEntry struct {
	started  string
	elapsed  float64 // milliseconds; 0 when not known
	comment  string
	failure  string // Chrome's _error and its like
	request  *harRequest
	response *harResponse
	own      *harOwn
}

// harRequest is an entry's request.
type harRequest struct {
	method, url, proto string
	header             harHeader
	body               harContent
	bodySize           int64 // -1 when not known
}

// harResponse is an entry's response.
type harResponse struct {
	status         int
	phrase, proto  string
	header         harHeader
	body           harContent
	redirect       string
	failure        string
	size, transfer int64 // of the body, of everything; -1 when not known
}

// harHeader is a header section; the pseudo-fields of HTTP/2 stand apart.
type harHeader struct {
	fields    exchange.Header
	authority string
	whole     bool // its end was seen
}

// harContent is a body: postData of a request, content of a response.
type harContent struct {
	given    bool // the member is there
	hasText  bool
	text     []byte
	cut      bool // the reader's limit cut it
	mimeType string
	encoding string
	size     int64 // -1 when not known
	params   []harParam
	comment  string
}

type harParam struct{ name, value, file, mimeType string }

// harOwn is the member by which this program's HAR says what the format cannot.
type harOwn struct {
	request, requestBody, response, responseBody string
	kind, phase, host                            string
	masked                                       bool
	notes, unexpanded                            []string
	curlCode                                     int
	steps                                        []harStep
}

type harStep struct {
	reason   string
	response harResponse
}

// usable reports whether an entry that breaks off says enough to be diagnosed:
// a response with its status, or where the request went.
func (e *harEntry) usable() bool {
	return e != nil && (e.response != nil && e.response.status > 0 || e.request != nil && e.request.url != "" && e.request.header.whole)
}

// harDecoder decodes entries one after another.
type harDecoder struct {
	dec  *jsontext.Decoder
	cuts []int // where the strings end that were cut

	known map[string]string // short texts that come again and again: names of fields, methods
}

func newHARDecoder() *harDecoder {
	return &harDecoder{dec: jsontext.NewDecoder(bytes.NewReader(nil)), known: map[string]string{}}
}

// Bounds of what is known.
const (
	maxKnown       = 1000
	maxKnownLength = 64
)

// again returns a short text, the same copy each time.
func (d *harDecoder) again() (string, error) {
	raw, null, err := d.quoted()
	if err != nil || null {
		return "", err
	}
	if s, ok := d.known[string(raw)]; ok {
		return s, nil
	}
	s := unquoteJSON(raw)
	if len(d.known) < maxKnown && len(raw) <= maxKnownLength {
		d.known[string(raw)] = s
	}
	return s, nil
}

// wrongTypeError is a member that is of another type than HAR says.
type wrongTypeError struct {
	pointer, want, got string
}

func (e *wrongTypeError) Error() string {
	return fmt.Sprintf("%s is %s instead of %s", shorten(e.pointer, 80), e.got, e.want)
}

// entry decodes one entry. With an error it returns what was read before it.
func (d *harDecoder) entry(k *kept) (*harEntry, error) {
	d.dec.Reset(bytes.NewBuffer(k.text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	d.cuts = k.cuts
	e := &harEntry{}
	err := d.members(func(name []byte) error { return d.entryMember(e, name) })
	var syntax *jsontext.SyntacticError
	switch {
	case errors.As(err, &syntax):
		return e, fmt.Errorf("%w in %s, byte %d of the entry", syntax.Err, pointerPlace(string(syntax.JSONPointer)), syntax.ByteOffset)
	case err != nil:
		return e, err
	case e.request == nil && e.response == nil:
		return e, errors.New("it has no request and no response")
	}
	return e, nil
}

func pointerPlace(pointer string) string {
	if pointer == "" {
		return "the entry"
	}
	return shorten(exchange.MaskText(pointer), 80)
}

func (d *harDecoder) entryMember(e *harEntry, name []byte) (err error) {
	switch string(name) {
	case "startedDateTime":
		e.started, err = d.scalar()
	case "time":
		e.elapsed, err = d.float()
	case "comment":
		e.comment, err = d.scalar()
	case "_error":
		e.failure, err = d.scalar()
	case "request":
		return d.presentObject(func() error {
			e.request = &harRequest{bodySize: -1, body: harContent{size: -1}}
			return d.members(func(name []byte) error { return d.requestMember(e.request, name) })
		})
	case "response":
		return d.presentObject(func() error {
			e.response = &harResponse{size: -1, transfer: -1, body: harContent{size: -1}}
			return d.members(func(name []byte) error { return d.responseMember(e.response, name) })
		})
	case "_capture":
		return d.presentObject(func() error {
			e.own = &harOwn{}
			return d.members(func(name []byte) error { return d.ownMember(e.own, name) })
		})
	default:
		return d.dec.SkipValue()
	}
	return err
}

func (d *harDecoder) requestMember(r *harRequest, name []byte) (err error) {
	switch string(name) {
	case "method":
		r.method, err = d.again()
	case "url":
		r.url, err = d.text()
	case "httpVersion":
		r.proto, err = d.scalar()
	case "headers":
		err = d.header(&r.header)
	case "bodySize":
		r.bodySize, err = d.size()
	case "postData":
		return d.presentObject(func() error { return d.content(&r.body) })
	default:
		return d.dec.SkipValue()
	}
	return err
}

func (d *harDecoder) responseMember(r *harResponse, name []byte) (err error) {
	switch string(name) {
	case "status":
		r.status, err = d.status()
	case "statusText":
		r.phrase, err = d.scalar()
	case "httpVersion":
		r.proto, err = d.scalar()
	case "headers":
		err = d.header(&r.header)
	case "content":
		if d.dec.PeekKind() == '[' { // some exporters write no content as an empty list
			return d.dec.SkipValue()
		}
		return d.presentObject(func() error { return d.content(&r.body) })
	case "redirectURL":
		r.redirect, err = d.scalar()
	case "bodySize":
		r.size, err = d.size()
	case "_transferSize":
		r.transfer, err = d.size()
	case "_error":
		r.failure, err = d.scalar()
	default:
		return d.dec.SkipValue()
	}
	return err
}

// content reads postData or content.
func (d *harDecoder) content(c *harContent) error {
	c.given = true
	return d.members(func(name []byte) (err error) {
		switch string(name) {
		case "mimeType":
			c.mimeType, err = d.scalar()
		case "encoding", "_encoding":
			c.encoding, err = d.scalar()
		case "comment":
			c.comment, err = d.scalar()
		case "size":
			c.size, err = d.size()
		case "text":
			err = d.contentText(c)
		case "params":
			err = d.params(c)
		default:
			return d.dec.SkipValue()
		}
		return err
	})
}

func (d *harDecoder) contentText(c *harContent) error {
	raw, null, err := d.quoted()
	if err != nil || null {
		return err
	}
	c.hasText = true
	c.cut = slices.Contains(d.cuts, int(d.dec.InputOffset()))
	c.text, _ = jsontext.AppendUnquote(make([]byte, 0, len(raw)), raw) // what is no UTF-8 is replaced
	return nil
}

// maxParams bounds the parameters of a form that are kept.
const maxParams = 10_000

func (d *harDecoder) params(c *harContent) error {
	return d.elements(func() error {
		var p harParam
		err := d.members(func(name []byte) (err error) {
			switch string(name) {
			case "name":
				p.name, err = d.text()
			case "value":
				p.value, err = d.text()
			case "fileName":
				p.file, err = d.text()
			case "contentType":
				p.mimeType, err = d.scalar()
			default:
				return d.dec.SkipValue()
			}
			return err
		})
		if len(c.params) < maxParams {
			c.params = append(c.params, p)
		}
		return err
	})
}

// header reads the fields of a message. HTTP/2's pseudo-fields (RFC 9113 section
// 8.3) are no fields: method and URL have them already.
func (d *harDecoder) header(h *harHeader) error {
	h.fields = make(exchange.Header, 0, 16)
	err := d.elements(func() error {
		var name, value string
		err := d.members(func(member []byte) (err error) {
			switch string(member) {
			case "name":
				name, err = d.again()
			case "value":
				value, err = d.text()
			default:
				return d.dec.SkipValue()
			}
			return err
		})
		switch {
		case err != nil:
			return err
		case name == ":authority":
			h.authority = value
		case len(h.fields) < maxFields && isFieldName(name):
			h.fields.Add(name, value)
		}
		return nil
	})
	h.whole = err == nil
	return err
}

func (d *harDecoder) ownMember(o *harOwn, name []byte) (err error) {
	switch string(name) {
	case "request":
		o.request, err = d.scalar()
	case "requestBody":
		o.requestBody, err = d.scalar()
	case "response":
		o.response, err = d.scalar()
	case "responseBody":
		o.responseBody, err = d.scalar()
	case "failure":
		o.kind, err = d.scalar()
	case "phase":
		o.phase, err = d.scalar()
	case "curlCode":
		var code int64
		code, err = d.size()
		o.curlCode = int(code)
	case "host":
		o.host, err = d.scalar()
	case "masked":
		o.masked = d.dec.PeekKind() == 't'
		err = d.dec.SkipValue()
	case "notes":
		return d.texts(&o.notes)
	case "unexpanded":
		return d.texts(&o.unexpanded)
	case "steps":
		return d.elements(func() error { return d.step(o) })
	default:
		return d.dec.SkipValue()
	}
	return err
}

// texts reads the first elements of an array of strings.
func (d *harDecoder) texts(list *[]string) error {
	return d.elements(func() error {
		text, err := d.scalar()
		if len(*list) < maxLeft {
			*list = append(*list, shorten(text, 300))
		}
		return err
	})
}

func (d *harDecoder) step(o *harOwn) error {
	var s harStep
	err := d.members(func(name []byte) (err error) {
		if string(name) == "reason" {
			s.reason, err = d.scalar()
			return err
		}
		return d.responseMember(&s.response, name)
	})
	if len(o.steps) < maxSteps {
		o.steps = append(o.steps, s)
	}
	return err
}

// members goes over the members of the object that comes next.
func (d *harDecoder) members(member func(name []byte) error) error {
	if err := d.open('{', "an object"); err != nil {
		return err
	}
	for d.dec.PeekKind() != '}' {
		raw, err := d.dec.ReadValue()
		if err != nil {
			return err
		}
		name := raw[1 : len(raw)-1]
		if bytes.IndexByte(name, '\\') >= 0 {
			name, _ = jsontext.AppendUnquote([]byte(nil), raw)
		}
		if err := member(name); err != nil {
			return err
		}
	}
	_, err := d.dec.ReadToken()
	return err
}

// elements goes over the elements of the array that comes next; null has none.
func (d *harDecoder) elements(element func() error) error {
	if d.dec.PeekKind() == 'n' {
		return d.dec.SkipValue()
	}
	if err := d.open('[', "an array"); err != nil {
		return err
	}
	for d.dec.PeekKind() != ']' {
		if err := element(); err != nil {
			return err
		}
	}
	_, err := d.dec.ReadToken()
	return err
}

// presentObject reads an object that some writers give as null.
func (d *harDecoder) presentObject(read func() error) error {
	if d.dec.PeekKind() == 'n' {
		return d.dec.SkipValue()
	}
	return read()
}

func (d *harDecoder) open(kind jsontext.Kind, want string) error {
	switch got := d.dec.PeekKind(); got {
	case kind:
		_, err := d.dec.ReadToken()
		return err
	default:
		return d.wrong(want)
	}
}

// wrong says what stands next instead of what is wanted.
func (d *harDecoder) wrong(want string) error {
	got := d.dec.PeekKind()
	if err := d.dec.SkipValue(); err != nil {
		return err
	}
	pointer := string(d.dec.StackPointer())
	if pointer == "" {
		pointer = "it"
	}
	return &wrongTypeError{pointer: exchange.MaskText(pointer), want: want, got: kindName(got)}
}

// kindAt is the kind of the value that begins with a byte.
func kindAt(c byte) jsontext.Kind {
	if c == '-' || '0' <= c && c <= '9' {
		return '0'
	}
	return jsontext.Kind(c)
}

func kindName(k jsontext.Kind) string {
	switch k {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case 'n':
		return "null"
	}
	return "a boolean"
}

// quoted reads a string or null. The raw string is valid until the next read.
func (d *harDecoder) quoted() (raw jsontext.Value, null bool, err error) {
	switch d.dec.PeekKind() {
	case '"':
		raw, err = d.dec.ReadValue()
		return raw, false, err
	case 'n':
		return nil, true, d.dec.SkipValue()
	}
	return nil, false, d.wrong("a string")
}

// text reads a string; null is the empty one.
func (d *harDecoder) text() (string, error) {
	raw, null, err := d.quoted()
	if err != nil || null {
		return "", err
	}
	return unquoteJSON(raw), nil
}

func unquoteJSON(raw jsontext.Value) string {
	if bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return string(raw[1 : len(raw)-1])
	}
	s, _ := jsontext.AppendUnquote([]byte(nil), raw) // what is no UTF-8 is replaced
	return string(s)
}

// scalar reads a member that nothing depends on: what is no string is as good as
// absent.
func (d *harDecoder) scalar() (string, error) {
	if d.dec.PeekKind() != '"' {
		return "", d.dec.SkipValue()
	}
	return d.again()
}

// float reads a number that nothing depends on.
func (d *harDecoder) float() (float64, error) {
	if d.dec.PeekKind() != '0' {
		return 0, d.dec.SkipValue()
	}
	raw, err := d.dec.ReadValue()
	if err != nil {
		return 0, err
	}
	f, _ := strconv.ParseFloat(string(raw), 64) // out of range is not known
	return f, nil
}

// size reads a size in bytes; -1 is not known.
func (d *harDecoder) size() (int64, error) {
	f, err := d.float()
	if err != nil || f < -1 || f > 1<<52 {
		return -1, err
	}
	return int64(f), nil
}

// status reads a status code; null and "" are none, a number in quotes is one.
func (d *harDecoder) status() (int, error) {
	switch d.dec.PeekKind() {
	case 'n':
		return 0, d.dec.SkipValue()
	case '"':
		s, err := d.text()
		if err != nil || s == "" {
			return 0, err
		}
		if n, err := strconv.Atoi(s); err == nil && n >= 0 && n <= 999 {
			return n, nil
		}
		return 0, &wrongTypeError{pointer: string(d.dec.StackPointer()), want: "a number", got: "a string"}
	case '0':
		f, err := d.float()
		if err != nil || f >= 0 && f <= 999 && f == float64(int(f)) {
			return int(f), err
		}
		return 0, &wrongTypeError{pointer: string(d.dec.StackPointer()), want: "a status code", got: "another number"}
	}
	return 0, d.wrong("a number")
}
