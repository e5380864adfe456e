package scan

import (
	"bytes"
	"encoding/base64"
	"hash/fnv"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose/exchange"
)

// entry is what one line, or one element of a document, says of an exchange. Its
// slices point into the line where they can.
type entry struct {
	status        int // 0 when no response is known
	method        []byte
	target        []byte // path with query, or absolute URL
	host          []byte // where target is no absolute URL
	scheme        []byte
	when          int64  // nanoseconds since 1970; 0 when not known
	code          []byte // errorCode that stands outside the body
	failure       exchange.FailureKind
	key           []byte
	authorization []byte
	account       []byte
	address       []byte

	record *record // for headers and bodies; nil for access logs
}

// entryOf reads what a record says; ok is false when it is no exchange.
func (r *record) entry(e *entry) bool {
	if !r.isExchange() {
		return false
	}
	*e = entry{status: r.status, method: unquoted(r.raw(fieldMethod)), record: r, when: r.time()}
	if e.status == 0 {
		e.failure = failureOf(string(unquoted(r.raw(fieldFailure))))
	}
	r.target(e)
	if e.code = unquoted(r.raw(fieldCode)); len(e.code) == 0 && e.status >= 400 && !r.at[fieldResponseBody].ok() {
		e.code = r.quotedCode()
	}
	e.scheme = unquoted(r.raw(fieldScheme))
	e.key, e.authorization, e.account = single(r.raw(fieldKey)), single(r.raw(fieldAuthorization)), single(r.raw(fieldAccount))
	e.address = single(r.raw(fieldAddress))
	if headers := r.raw(fieldRequestHeaders); len(headers) > 0 && headers[0] == '[' {
		e.credentialsOf(headers, r.pairs)
	}
	return true
}

// quotedCode is the errorCode of a body that a message quotes.
func (r *record) quotedCode() []byte {
	for _, f := range [...]field{fieldMessage, fieldNested} {
		if raw := r.raw(f); bytes.Contains(raw, []byte("errorCode")) {
			if code := codeIn(raw, r.status); code != nil {
				return code
			}
		}
	}
	return nil
}

// target joins what the record says of method and target.
func (r *record) target(e *entry) {
	e.host = single(r.raw(fieldHost))
	switch {
	case r.at[fieldURL].ok():
		e.target = r.text(fieldURL)
	case r.at[fieldRequestLine].ok():
		e.method, e.target, _ = requestLine(r.text(fieldRequestLine))
	case r.at[fieldPath].ok():
		e.target = r.text(fieldPath)
	}
	if query := r.text(fieldQuery); len(query) > 0 && query[0] != '{' && len(e.target) > 0 && bytes.IndexByte(e.target, '?') < 0 {
		e.target = append(append(append([]byte{}, e.target...), '?'), bytes.TrimPrefix(query, []byte("?"))...)
	}
	if base := r.text(fieldBase); len(base) > 0 && !bytes.Contains(e.target, []byte("://")) {
		e.target = []byte(strings.TrimRight(string(base), "/") + "/" + strings.TrimLeft(string(e.target), "/"))
	}
	if hasPrefix(e.target, "api/") {
		e.target = append([]byte("/"), e.target...)
	}
}

// single returns a string's content, or that of the first entry of a list:
// header fields are lists in some logs.
func single(raw []byte) []byte {
	if len(raw) > 2 && raw[0] == '[' {
		i := skipSpace(raw, 1)
		if i >= len(raw) || raw[i] != '"' {
			return nil
		}
		end := stringEnd(raw, i)
		if end < 0 {
			return nil
		}
		raw = raw[i:end]
	}
	if len(raw) < 2 || raw[0] != '"' {
		return nil
	}
	return raw[1 : len(raw)-1]
}

// credentialsOf reads the caller from a header section in HAR's form.
func (e *entry) credentialsOf(headers []byte, pairs *node) {
	if eachNamed(headers, pairs, func(name, value []byte) {
		switch {
		case equalFold("x-api-key", name):
			e.key = value
		case equalFold("authorization", name):
			e.authorization = value
		case equalFold("x-account-id", name):
			e.account = value
		}
	}) {
		return
	}
	eachHeader(headers, func(name, value string) {
		switch strings.ToLower(name) {
		case "x-api-key":
			e.key = []byte(value)
		case "authorization":
			e.authorization = []byte(value)
		case "x-account-id":
			e.account = []byte(value)
		}
	})
}

// pairNode is the members of an object that is one field of a header section.
func pairNode() *node {
	n := newNode()
	n.add("name").means = []meaning{{fieldHost, 0}}
	n.add("value").means = []meaning{{fieldKey, 0}}
	return n
}

// eachNamed hands over name and value of a list of objects, as HAR has its header
// fields, without a copy. It is false for any other list.
func eachNamed(list []byte, pairs *node, yield func(name, value []byte)) bool {
	i := skipSpace(list, 1)
	for i < len(list) && list[i] == '{' {
		r := record{line: list}
		if i = r.object(i, pairs, 0); i < 0 {
			return false
		}
		yield(unquoted(r.raw(fieldHost)), unquoted(r.raw(fieldKey)))
		if i = skipSpace(list, i); i < len(list) && list[i] == ',' {
			i = skipSpace(list, i+1)
		}
	}
	return i < len(list) && list[i] == ']'
}

// eachHeader hands over the fields of a header section as logs have it: an
// object of strings or lists, HAR's list of name and value, Node's flat list of
// both, or text.
func eachHeader(raw []byte, yield func(name, value string)) {
	if eachPlain(raw, func(_, _ []byte) {}) {
		eachPlain(raw, func(name, value []byte) { yield(string(name), string(value)) })
		return
	}
	section := gjson.ParseBytes(raw)
	switch {
	case section.IsObject():
		section.ForEach(func(name, value gjson.Result) bool {
			if value.IsArray() {
				for _, v := range value.Array() {
					yield(name.String(), v.String())
				}
				return true
			}
			yield(name.String(), value.String())
			return true
		})
	case section.IsArray():
		eachListed(section.Array(), yield)
	case section.Type == gjson.String:
		for line := range strings.Lines(section.String()) {
			if name, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), ": "); ok {
				yield(name, value)
			}
		}
	}
}

// eachPlain hands over the members of an object of strings without escapes, as
// most header sections are. It is false for anything else.
func eachPlain(b []byte, yield func(name, value []byte)) bool {
	if len(b) == 0 || b[0] != '{' || bytes.IndexByte(b, '\\') >= 0 {
		return false
	}
	i := skipSpace(b, 1)
	for i < len(b) && b[i] == '"' {
		nameEnd := stringEnd(b, i)
		if nameEnd < 0 {
			return false
		}
		name := unquoted(b[i:nameEnd])
		if i = skipSpace(b, nameEnd); i >= len(b) || b[i] != ':' {
			return false
		}
		if i = skipSpace(b, i+1); i >= len(b) || b[i] != '"' {
			return false
		}
		end := stringEnd(b, i)
		if end < 0 {
			return false
		}
		yield(name, unquoted(b[i:end]))
		if i = skipSpace(b, end); i < len(b) && b[i] == ',' {
			i = skipSpace(b, i+1)
		}
	}
	return i < len(b) && b[i] == '}'
}

func eachListed(list []gjson.Result, yield func(name, value string)) {
	for i := 0; i < len(list); i++ {
		switch {
		case list[i].IsObject():
			yield(list[i].Get("name").String(), list[i].Get("value").String())
		case list[i].IsArray():
			if pair := list[i].Array(); len(pair) == 2 {
				yield(pair[0].String(), pair[1].String())
			}
		case i+1 < len(list):
			yield(list[i].String(), list[i+1].String())
			i++
		}
	}
}

// path returns the path of the target, without query.
func (e *entry) path() []byte {
	path := e.target
	if len(path) > 0 && path[0] != '/' {
		i := bytes.Index(path, []byte("://"))
		if i < 0 {
			return nil
		}
		path = path[i+3:]
		if i = bytes.IndexByte(path, '/'); i < 0 {
			return nil
		}
		path = path[i:]
	}
	for i, c := range path {
		if c == '?' || c == '#' {
			return path[:i]
		}
	}
	return path
}

// redacted reports whether a logger put something else in a value's place. What
// was taken out is not missing and not malformed.
func redacted(value string) bool {
	if !perhapsRedacted(value) {
		return false
	}
	if strings.Contains(value, "…") || strings.Contains(value, "***") || strings.Contains(value, "xxxx") || strings.Contains(value, "•••") {
		return true
	}
	if strings.Trim(value, "*xX.•-# ") == "" && value != "" {
		return true
	}
	lower := strings.ToLower(value)
	for _, word := range [...]string{"redacted", "filtered", "masked", "removed", "hidden", "censored", "secret]", "sanitized", "obfuscated"} {
		if strings.Contains(lower, word) {
			return true
		}
	}
	return false
}

// perhapsRedacted is false for most values, after one look at each byte: what
// redacted looks for has an asterisk, an x, a letter beyond ASCII, one of "ed",
// "en" and "et", or begins with another mark.
func perhapsRedacted(value string) bool {
	if value != "" && strings.IndexByte(".-# ", value[0]) >= 0 {
		return true
	}
	for i := range len(value) {
		switch c := value[i]; {
		case c == '*', c|0x20 == 'x', c >= 0x80:
			return true
		case c|0x20 == 'e' && i+1 < len(value):
			if next := value[i+1] | 0x20; next == 'd' || next == 'n' || next == 't' {
				return true
			}
		}
	}
	return false
}

// consumer names whose budget of requests the call used
// (https://docs.immersve.com/guides/rate-limiting): the account of the API key,
// the user of the token, or the address of a caller without credentials. It is
// "" where the log tells nothing. Secrets are not in it.
func (e *entry) consumer() string {
	if key := string(e.key); key != "" && !redacted(key) {
		return "key " + shortKey(key)
	}
	if token, ok := strings.CutPrefix(string(e.authorization), "Bearer "); ok && !redacted(token) {
		return tokenConsumer(token)
	}
	if len(e.address) > 0 {
		return "ip " + addressOf(string(e.address))
	}
	return ""
}

// shortKey keeps an API key's prefix and twelve of its digits.
func shortKey(key string) string {
	prefix := strings.LastIndexByte(key, '-') + 1
	if !strings.HasPrefix(key, "imm-key-") || len(key) < prefix+16 {
		if len(key) <= 16 && exchange.MaskText(key) == key && !strings.HasPrefix(key, "imm-secret") {
			return key
		}
		return "#" + digest(key)
	}
	return key[:prefix+8] + "…" + key[len(key)-4:]
}

// tokenConsumer reads the sub claim of a JWT (RFC 7519 section 4.1.2).
func tokenConsumer(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) == 3 {
		if payload, err := base64.RawURLEncoding.DecodeString(parts[1]); err == nil {
			if sub := gjson.GetBytes(payload, "sub"); sub.Type == gjson.String && sub.Str != "" {
				return "user " + limited(exchange.MaskText(sub.Str), 48)
			}
		}
	}
	return "token #" + digest(token)
}

func digest(s string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s)) // never fails
	return strconv.FormatUint(mix(h.Sum64()), 16)
}

// addressOf drops the port of an address, and all proxies but the first of an
// X-Forwarded-For list.
func addressOf(address string) string {
	address, _, _ = strings.Cut(address, ",")
	address = strings.TrimSpace(address)
	if i := strings.LastIndexByte(address, ':'); i > 0 && (strings.IndexByte(address, ':') == i || address[0] == '[') {
		address = strings.Trim(address[:i], "[]")
	}
	return limited(exchange.MaskText(address), 48)
}

func limited(s string, n int) string {
	s = strings.ToValidUTF8(s, "?")
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n]) + "…"
	}
	return s
}

// failureOf knows the errors of transports as runtimes write them.
func failureOf(text string) exchange.FailureKind {
	switch text {
	case "ENOTFOUND", "EAI_AGAIN", "EAI_NONAME":
		return exchange.FailureDNS
	case "ECONNREFUSED":
		return exchange.FailureRefused
	case "ECONNRESET", "EPIPE", "UND_ERR_SOCKET", "ECONNABORTED":
		return exchange.FailureReset
	case "ETIMEDOUT", "ESOCKETTIMEDOUT", "UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT":
		return exchange.FailureTimeout
	case "CERT_HAS_EXPIRED", "DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "ERR_TLS_CERT_ALTNAME_INVALID", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
		return exchange.FailureTLS
	}
	return exchange.FailureUnknown
}
