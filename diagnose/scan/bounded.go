package scan

import (
	"maps"
	"slices"
)

// bounded is a map that never holds many more keys than its limit, whatever is
// put in, and still merges exactly. It keeps the keys with the smallest hashes.
// A key that is kept in the end was never among the largest of any part, so it
// was never dropped and its value is whole; and which keys those are depends on
// the set of all keys alone, not on their order or on how the input was divided.
// What the others amount to, the totals tell.
type bounded[K comparable, V any] struct {
	limit int
	bar   uint64 // keys whose hash is not below it are refused: one such was dropped
	hash  func(K) uint64
	items map[K]V
}

func newBounded[K comparable, V any](limit int, hash func(K) uint64) *bounded[K, V] {
	return &bounded[K, V]{limit: limit, bar: ^uint64(0), hash: hash, items: map[K]V{}}
}

// admits reports whether a new key may come in. It makes room when there are
// twice as many as the limit.
func (b *bounded[K, V]) admits(key K) bool {
	if b.bar != ^uint64(0) && b.hash(key) >= b.bar {
		return false
	}
	if len(b.items) >= 2*b.limit {
		b.prune()
		return b.hash(key) < b.bar
	}
	return true
}

// prune drops the keys with the largest hashes until the limit holds.
func (b *bounded[K, V]) prune() {
	if len(b.items) > b.limit {
		hashes := make([]uint64, 0, len(b.items))
		for key := range b.items {
			hashes = append(hashes, b.hash(key))
		}
		b.bar = min(b.bar, smallest(hashes, b.limit))
	}
	maps.DeleteFunc(b.items, func(key K, _ V) bool { return b.hash(key) >= b.bar && b.bar != ^uint64(0) })
}

// merge adds another map's values; add joins two of them.
func (b *bounded[K, V]) merge(other *bounded[K, V], add func(mine, theirs V) V) {
	for key, theirs := range other.items {
		mine := b.items[key]
		b.items[key] = add(mine, theirs)
	}
	b.bar = min(b.bar, other.bar)
	b.prune()
}

// mix spreads a hash over all its bits, so that the order of hashes is that of
// no property of the keys.
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// hashText is FNV-1a, mixed. Documents of different versions of this program
// merge only as long as it stays.
func hashText(parts ...string) uint64 {
	h := uint64(14695981039346656037)
	for _, s := range parts {
		for i := 0; i < len(s); i++ {
			h = (h ^ uint64(s[i])) * 1099511628211
		}
		h = (h ^ 0xff) * 1099511628211
	}
	return mix(h)
}

// early gives keys that are sure to be kept the lower half of all hashes.
func early(h uint64, sure bool) uint64 {
	if sure {
		return h >> 1
	}
	return h>>1 | 1<<63
}

// smallest returns the n-th smallest value, from 0.
func smallest(list []uint64, n int) uint64 {
	slices.Sort(list)
	return list[n]
}
