package simulator

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
)

// chance makes ids and credentials. From the same seed comes the same sequence.
type chance struct{ source *rand.ChaCha8 }

func newChance(o Options) (*chance, error) {
	var seed [32]byte
	switch {
	case o.Seed != "":
		seed = sha256.Sum256([]byte(o.Seed))
	case o.Random == nil:
		seed = sha256.Sum256([]byte(DemoSeed))
	default:
		if _, err := io.ReadFull(o.Random, seed[:]); err != nil {
			return nil, fmt.Errorf("set up simulator: read random bytes: %w", err)
		}
	}
	return &chance{rand.NewChaCha8(seed)}, nil
}

func (c *chance) hex(digits int) string {
	raw := make([]byte, digits/2)
	_, _ = c.source.Read(raw) // never fails
	return hex.EncodeToString(raw)
}

// id has the shape that most of the API's ids have: 32 lower-case hex digits.
func (c *chance) id() string { return c.hex(32) }

// opaque is a short id of letters and digits.
func (c *chance) opaque(length int) string {
	return c.pick("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", length)
}

// ulid has the shape of a report's id: 26 characters of Crockford's base 32.
func (c *chance) ulid() string { return "01" + c.pick("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 24) }

func (c *chance) digits(length int) string { return c.pick("0123456789", length) }

func (c *chance) pick(letters string, length int) string {
	var b strings.Builder
	for range length {
		b.WriteByte(letters[c.source.Uint64()%uint64(len(letters))])
	}
	return b.String()
}
