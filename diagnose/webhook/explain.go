package webhook

import (
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// Delivery is a message as it was received. A header that was not sent is "".
type Delivery struct {
	ID, KeyID, Signature string
	Body                 []byte
}

// Outcome says what a signature proves.
type Outcome int

// The outcomes.
const (
	NoKeys     Outcome = iota // there are no keys to verify it with
	Verified                  // as documented
	Mismatch                  // not a signature of these bytes
	UnknownKey                // X-Key-ID isn't in the set, and no key of the set fits
)

// Explanation says whether a signature verifies, and if not, why.
type Explanation struct {
	Outcome Outcome
	Key     string   // the ID of the key that made the signature, "" if none of the set did
	Changes []string // what happened to the delivery, IDs of changes.json; nil if nothing explains it
	Signed  []byte   // the body that was signed, if Changes explain it
	Whole   bool     // all candidates were tried
}

// maxHashed bounds the bytes that one search hashes, about a quarter of a second.
const maxHashed = 64 << 20

// Explain verifies a signature. If it doesn't verify, Explain looks for the change to
// the body, the headers or the algorithm with which it would. The time is bounded,
// whatever the body's size.
func Explain(d Delivery, keys KeySet) Explanation {
	if len(keys) == 0 {
		return Explanation{Outcome: NoKeys}
	}
	for _, k := range keys {
		if k.ID == d.KeyID && Verify(k.Public, d.ID, d.KeyID, d.Signature, d.Body) == nil {
			return Explanation{Outcome: Verified, Key: k.ID, Whole: true}
		}
	}
	s := search{delivery: d, left: maxHashed}
	for _, k := range ownFirst(keys, d.KeyID) {
		for _, decoding := range decodings {
			raw, err := decoding.decode(strings.TrimSpace(d.Signature))
			if err != nil || len(raw) == 0 {
				continue
			}
			if s.seal = open(k.Public, raw); s.seal == nil {
				continue
			}
			s.changes = s.changes[:0]
			if decoding.change != "" {
				s.changes = append(s.changes, decoding.change)
			}
			return s.explain(k)
		}
	}
	if keys.Find(d.KeyID) == nil {
		return Explanation{Outcome: UnknownKey, Whole: true}
	}
	return Explanation{Outcome: Mismatch, Whole: true}
}

// ownFirst returns the keys, those with an ID first.
func ownFirst(keys KeySet, id string) KeySet {
	sorted := slices.Clone(keys)
	slices.SortStableFunc(sorted, func(a, b Key) int {
		return boolean(b.ID == id) - boolean(a.ID == id)
	})
	return sorted
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// search compares candidates with a signature.
type search struct {
	delivery Delivery
	seal     *seal
	changes  []string // of the signature itself
	left     int      // how many bytes may be hashed
	cut      bool     // some candidates were not tried
}

// explain looks for the message that a key has signed.
func (s *search) explain(k Key) Explanation {
	e := Explanation{Outcome: Mismatch, Key: k.ID, Whole: true}
	if k.ID != s.delivery.KeyID {
		s.changes = append(s.changes, "key-other")
	}
	if s.seal.pss {
		s.changes = append(s.changes, "algorithm-pss")
	}
	if s.seal.hash != crypto.SHA256 {
		s.changes = append(s.changes, "algorithm-hash")
	}
	frames := s.frames(k.ID)
	found := func(f frame, b body) bool {
		if !s.try(f, b.text) {
			return false
		}
		e.Signed = b.text
		e.Changes = append(append(slices.Clone(s.changes), f.changes...), b.changes...)
		return true
	}
	for _, f := range frames {
		if found(f, body{text: s.delivery.Body}) {
			return e
		}
	}
	for b := range bodies(s.delivery.Body) {
		if found(frames[0], b) {
			return e
		}
		if s.cut {
			break
		}
	}
	for b := range texts(s.delivery.Body) {
		for _, f := range frames[1:] {
			if found(f, b) {
				return e
			}
		}
	}
	for b := range bodies(s.delivery.Body) {
		for _, f := range frames[1:] {
			if found(f, b) {
				return e
			}
		}
		if s.cut {
			break
		}
	}
	e.Whole = !s.cut
	return e
}

// try reports whether the signature is one of this message.
func (s *search) try(f frame, text []byte) bool {
	if s.left -= len(text) + len(f.before) + len(f.after) + 64; s.left < 0 {
		s.cut = true
		return false
	}
	if f.hashed {
		sum := sha256.Sum256(slices.Concat(f.before, text, f.after))
		return s.seal.fits(sum[:]) || s.seal.fits([]byte(hex.EncodeToString(sum[:])))
	}
	return s.seal.fits(f.before, text, f.after)
}

// A frame is what surrounds the body in the signed message.
type frame struct {
	changes       []string
	before, after []byte
	hashed        bool // the message was hashed before it was signed
}

// frames returns the ways in which the IDs may be joined with the body, the
// documented one first.
func (s *search) frames(kid string) []frame {
	d := s.delivery
	join := func(change string, parts ...string) frame {
		return frame{changes: []string{change}, before: []byte(strings.Join(parts, ""))}
	}
	list := []frame{{before: []byte(d.ID + ":" + d.KeyID + ":")}}
	if kid != d.KeyID {
		list = append(list, frame{before: []byte(d.ID + ":" + kid + ":")})
	}
	if message := gjson.GetBytes(d.Body, "messageId").String(); message != "" && message != d.ID {
		list = append(list, join("delivery-id-other", message, ":", d.KeyID, ":"))
	}
	if inside := gjson.GetBytes(d.Body, "keyId").String(); inside != "" && inside != d.KeyID && inside != kid {
		list = append(list, join("key-id-other", d.ID, ":", inside, ":"))
	}
	list = append(list,
		join("ids-swapped", d.KeyID, ":", d.ID, ":"),
		join("ids-missing"),
		join("key-id-missing", d.ID, ":"),
		join("delivery-id-missing", d.KeyID, ":"),
		join("key-id-missing", d.ID),
		join("ids-case", strings.ToLower(d.ID), ":", strings.ToLower(d.KeyID), ":"),
		join("ids-case", strings.ToUpper(d.ID), ":", strings.ToUpper(d.KeyID), ":"),
		frame{changes: []string{"ids-after"}, after: []byte(":" + d.ID + ":" + d.KeyID)},
		frame{changes: []string{"hashed-twice"}, before: list[0].before, hashed: true},
		frame{changes: []string{"hashed-twice", "ids-missing"}, hashed: true},
	)
	for _, separator := range []string{".", "", "\n", "|", " ", ",", ";", "-", "_", "/", "&", ": ", "::", "\r\n"} {
		list = append(list, join("separator", d.ID, separator, d.KeyID, separator), join("separator", d.ID, ":", d.KeyID, separator))
	}
	return list
}
