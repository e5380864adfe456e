package exchange

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"io"
	"iter"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// This file reads what is packed: base64 (RFC 4648), and in it texts in UTF-16, binary
// formats that hold texts, and what is compressed.

// minBase64 is the shortest text that is tried as base64: it holds nine bytes, a
// password with its name. What is no text has to be long enough for a card number in
// something.
const (
	minBase64 = 12
	minBinary = 20
)

// maxUnpacked bounds what is unpacked of one text.
const maxUnpacked = 1 << 20

// fromBase64 returns the texts that a run of base64 letters may stand for. What is
// a letter of one alphabet separates words elsewhere.
func fromBase64(run string) iter.Seq[string] {
	return func(yield func(string) bool) {
		more := func(part string) bool {
			plain := decodeText(part)
			return plain == "" || yield(plain)
		}
		if !more(run) {
			return
		}
		if runEnd(run, 0, isLetterOrDigit) == len(run) {
			return
		}
		for _, separators := range [...]string{"/", "-_", "/-_"} {
			if !strings.ContainsAny(run, separators) || separators == "/-_" && (!strings.Contains(run, "/") || !strings.ContainsAny(run, "-_")) {
				continue // no such letter, or the same parts again
			}
			whole := len(strings.Trim(run, separators))
			for part := range strings.FieldsFuncSeq(run, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
				if len(part) >= minBase64 && len(part) < whole && !more(part) {
					return
				}
			}
		}
	}
}

// decodeText decodes base64 of either alphabet and returns the text in it, "" for none.
func decodeText(run string) string {
	isHex := func(c byte) bool { return isDigit(c) || 'a' <= c && c <= 'f' }
	if runEnd(run, 0, isHex) == len(run) {
		return "" // an id
	}
	encoding := base64.RawStdEncoding
	if strings.ContainsAny(run, "-_") {
		encoding = base64.RawURLEncoding
	}
	if len(run)%4 == 1 {
		run = run[:len(run)-1] // no encoding ends so: the letter belongs to what follows
	}
	var head [12]byte
	n, err := encoding.Decode(head[:], []byte(run[:min(len(run), 16)/4*4]))
	if err != nil {
		return ""
	}
	binary := !isText(head[:n])
	if binary && len(run) < minBinary {
		return ""
	}
	plain, err := encoding.DecodeString(run)
	switch {
	case err != nil:
		return ""
	case binary:
		return unpack(plain)
	}
	return string(plain)
}

// isText reports whether bytes look like the beginning of a text.
func isText(head []byte) bool {
	for _, c := range head {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' || c >= 0x7f {
			return false
		}
	}
	return len(head) > 0
}

// unpack returns the texts in what is compressed, in UTF-16 or in a binary format. What
// stands before a text there, its length and type, separates it from the one before.
func unpack(packed []byte) string {
	if plain := inflate(packed); plain != nil {
		packed = plain
	}
	const least = 8
	texts := make([]byte, 0, 64)
	run := 0
	for i, c := range packed {
		switch {
		case ' ' <= c && c < 0x7f || c == '\n' || c == '\r' || c == '\t':
			if run == 0 && len(texts) > 0 && texts[len(texts)-1] != 0 {
				texts = append(texts, 0)
			}
			texts = append(texts, c)
			run++
		case c == 0 && run > 0 && packed[i-1] != 0 && (i < 2 || packed[i-2] == 0):
			// UTF-16
		default:
			if run > 0 && run < 3 {
				texts = texts[:len(texts)-run]
			}
			run = 0
		}
	}
	if len(texts) < least {
		return ""
	}
	return string(texts)
}

// inflate returns what is compressed with gzip, zlib or zstd, as far as it goes; nil for
// what is not.
func inflate(packed []byte) []byte {
	var r io.Reader
	var err error
	switch {
	case bytes.HasPrefix(packed, []byte("\x1f\x8b")):
		r, err = gzip.NewReader(bytes.NewReader(packed))
	case bytes.HasPrefix(packed, []byte("\x28\xb5\x2f\xfd")):
		d, failed := zstd.NewReader(bytes.NewReader(packed), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(8*maxUnpacked))
		if failed != nil {
			return nil
		}
		defer d.Close()
		r = d
	case len(packed) > 2 && packed[0] == 0x78 && (int(packed[0])<<8|int(packed[1]))%31 == 0:
		r, err = zlib.NewReader(bytes.NewReader(packed))
	}
	if r == nil || err != nil {
		return nil
	}
	plain, _ := io.ReadAll(io.LimitReader(r, maxUnpacked))
	return plain
}
