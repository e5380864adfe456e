package webhook

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	_ "crypto/sha1" // a legacy signature is recognized, too
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math/big"
	"net/url"
	"strings"
)

// A seal is what a signature says about the message that was signed. RSA lets whoever
// has the public key read it, so thousands of messages can be compared with it for the
// price of their hashes.
type seal struct {
	hash crypto.Hash
	sum  []byte // PKCS #1 v1.5: the message's hash. PSS: the hash of the block that includes it
	pss  bool
	salt []byte
}

// prefixes are the DER encodings that precede the hash (RFC 8017 section 9.2, note 1).
var prefixes = [...]struct {
	hash crypto.Hash
	der  string
}{
	{crypto.SHA256, "3031300d060960864801650304020105000420"},
	{crypto.SHA1, "3021300906052b0e03021a05000414"},
	{crypto.SHA384, "3041300d060960864801650304020205000430"},
	{crypto.SHA512, "3051300d060960864801650304020305000440"},
}

// open returns what a signature says, or nil if this key didn't make it.
func open(key *rsa.PublicKey, signature []byte) *seal {
	size := key.Size()
	if len(signature) != size {
		return nil
	}
	s := new(big.Int).SetBytes(signature)
	if s.Cmp(key.N) >= 0 {
		return nil
	}
	block := s.Exp(s, big.NewInt(int64(key.E)), key.N).FillBytes(make([]byte, size))
	if bytes.HasPrefix(block, []byte{0, 1, 0xff}) {
		return openPKCS1(block)
	}
	for _, p := range prefixes {
		if found := openPSS(block, key.N.BitLen(), p.hash); found != nil {
			return found
		}
	}
	return nil
}

func openPKCS1(block []byte) *seal {
	rest := bytes.TrimLeft(block[2:], "\xff")
	if len(rest) == 0 || rest[0] != 0 {
		return nil
	}
	for _, p := range prefixes {
		der, _ := hex.DecodeString(p.der) // a constant
		if sum, ok := bytes.CutPrefix(rest[1:], der); ok && len(sum) == p.hash.Size() {
			return &seal{hash: p.hash, sum: sum}
		}
	}
	return nil
}

// openPSS decodes a block of RSASSA-PSS (RFC 8017 section 9.1.2), as far as that works
// without the message.
func openPSS(block []byte, modulusBits int, h crypto.Hash) *seal {
	bits := modulusBits - 1
	size, length := h.Size(), (bits+7)/8
	block = block[len(block)-length:]
	if length < size+2 || block[length-1] != 0xbc {
		return nil
	}
	db, sum := bytes.Clone(block[:length-size-1]), block[length-size-1:length-1]
	mask(db, sum, h)
	db[0] &= 0xff >> (8*length - bits)
	zeros := len(db) - len(bytes.TrimLeft(db, "\x00"))
	if zeros == len(db) || db[zeros] != 1 {
		return nil
	}
	return &seal{hash: h, sum: sum, pss: true, salt: db[zeros+1:]}
}

// mask applies MGF1 (RFC 8017 section B.2.1).
func mask(data, seed []byte, h crypto.Hash) {
	for i, counter := 0, uint32(0); i < len(data); counter++ {
		g := h.New()
		g.Write(seed)
		g.Write(binary.BigEndian.AppendUint32(nil, counter))
		for _, b := range g.Sum(nil) {
			if i < len(data) {
				data[i] ^= b
				i++
			}
		}
	}
}

// fits reports whether the message, given in parts, is the one that was signed.
func (s *seal) fits(parts ...[]byte) bool {
	h := s.hash.New()
	for _, p := range parts {
		h.Write(p)
	}
	return s.fitsSum(h)
}

func (s *seal) fitsSum(h hash.Hash) bool {
	sum := h.Sum(nil)
	if !s.pss {
		return bytes.Equal(sum, s.sum)
	}
	outer := s.hash.New()
	outer.Write(make([]byte, 8))
	outer.Write(sum)
	outer.Write(s.salt)
	return bytes.Equal(outer.Sum(nil), s.sum)
}

// decodings are the ways in which a signature's text may have been changed, the
// documented way first.
var decodings = [...]struct {
	change string
	decode func(string) ([]byte, error)
}{
	{"", base64.StdEncoding.DecodeString},
	{"signature-base64url", func(s string) ([]byte, error) { return base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "=")) }},
	{"signature-unpadded", base64.RawStdEncoding.DecodeString},
	{"signature-hex", hex.DecodeString},
	{"signature-spaces", func(s string) ([]byte, error) {
		return base64.StdEncoding.DecodeString(strings.ReplaceAll(s, " ", "+"))
	}},
	{"signature-percent", func(s string) ([]byte, error) {
		text, err := url.PathUnescape(s)
		if err != nil {
			return nil, err
		}
		return base64.StdEncoding.DecodeString(text)
	}},
	{"signature-quoted", func(s string) ([]byte, error) {
		text := strings.Trim(s, " \t\"'")
		if i := strings.IndexByte(text, '='); i > 0 && i < 8 && !strings.HasSuffix(text[:i+1], "==") {
			text = text[i+1:] // sha256=…
		}
		return base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	}},
	{"signature-twice", func(s string) ([]byte, error) {
		once, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return nil, err
		}
		return base64.StdEncoding.DecodeString(string(once))
	}},
}
