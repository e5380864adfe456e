package webhook

import (
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"math/big"
	"strings"

	"github.com/tidwall/gjson"
)

// Key is a public key of a JSON Web Key Set.
type Key struct {
	ID     string
	Public *rsa.PublicKey
}

// KeySet is a JSON Web Key Set (RFC 7517), as far as its keys are for RSA.
type KeySet []Key

// The bounds of a key set: more keys or larger ones are no one's, and each costs time.
const (
	maxKeys    = 64
	minModulus = 512
	maxModulus = 8192
)

// ParseKeySet parses a JSON Web Key Set, or a single key. It skips keys that aren't
// RSA keys. The error says what is wrong if none is left.
func ParseKeySet(jwks []byte) (KeySet, error) {
	if !gjson.ValidBytes(jwks) {
		return nil, errors.New("not a JSON Web Key Set: the text isn't JSON")
	}
	root := gjson.ParseBytes(jwks)
	keys := root.Get("keys").Array()
	switch {
	case root.Get("kty").Exists():
		keys = []gjson.Result{root}
	case !root.Get("keys").IsArray():
		return nil, errors.New(`not a JSON Web Key Set: it has no list "keys"`)
	}
	var set KeySet
	for _, k := range keys {
		if public := publicKey(k); public != nil && len(set) < maxKeys {
			set = append(set, Key{ID: k.Get("kid").String(), Public: public})
		}
	}
	if len(set) == 0 {
		return nil, errors.New("the JSON Web Key Set contains no RSA public key")
	}
	return set, nil
}

// publicKey returns the RSA key of a JSON Web Key (RFC 7518 section 6.3.1), or nil if
// it isn't a usable one.
func publicKey(k gjson.Result) *rsa.PublicKey {
	if k.Get("kty").String() != "RSA" {
		return nil
	}
	n, e := number(k.Get("n").String()), number(k.Get("e").String())
	if n == nil || e == nil || n.BitLen() < minModulus || n.BitLen() > maxModulus || n.Bit(0) == 0 || e.BitLen() > 31 || e.Int64() < 3 || e.Bit(0) == 0 {
		return nil
	}
	return &rsa.PublicKey{N: n, E: int(e.Int64())}
}

func number(text string) *big.Int {
	data, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil || len(data) == 0 {
		return nil
	}
	return new(big.Int).SetBytes(data)
}

// Find returns the key with an ID, or nil if it isn't in the set.
func (s KeySet) Find(id string) *rsa.PublicKey {
	for _, k := range s {
		if k.ID == id {
			return k.Public
		}
	}
	return nil
}

// IDs returns the IDs of the keys.
func (s KeySet) IDs() []string {
	ids := make([]string, len(s))
	for i, k := range s {
		ids[i] = k.ID
	}
	return ids
}
