package simulator

import "iter"

// table keeps rows by id and in the order of their creation, at most limit of
// them: add refuses further ones, push drops the oldest.
type table[T any] struct {
	limit  int
	byID   map[string]*T
	rows   []row[T]
	number uint64 // of the newest row; the first one has 1
}

type row[T any] struct {
	id     string
	number uint64
	value  *T
}

func newTable[T any](limit int) table[T] { return table[T]{limit: limit, byID: map[string]*T{}} }

// get returns the row of an id, nil when there is none.
func (t *table[T]) get(id string) *T { return t.byID[id] }

// add appends a row and reports whether there was room.
func (t *table[T]) add(id string, value *T) bool {
	if len(t.rows) >= t.limit {
		return false
	}
	t.number++
	t.byID[id] = value
	t.rows = append(t.rows, row[T]{id, t.number, value})
	return true
}

// push appends a row, if need be in the oldest one's place.
func (t *table[T]) push(id string, value *T) {
	if len(t.rows) >= t.limit {
		delete(t.byID, t.rows[0].id)
		t.rows[0] = row[T]{}
		t.rows = t.rows[1:]
	}
	t.add(id, value)
}

func (t *table[T]) remove(id string) {
	if t.byID[id] == nil {
		return
	}
	delete(t.byID, id)
	for i := range t.rows {
		if t.rows[i].id == id {
			t.rows = append(t.rows[:i:i], t.rows[i+1:]...)
			return
		}
	}
}

// newest iterates over the rows, newest first, with their numbers.
func (t *table[T]) newest() iter.Seq2[uint64, *T] {
	return func(yield func(uint64, *T) bool) {
		for i := len(t.rows) - 1; i >= 0; i-- {
			if !yield(t.rows[i].number, t.rows[i].value) {
				return
			}
		}
	}
}

// find returns the newest row that fits, nil when none does.
func (t *table[T]) find(fits func(*T) bool) *T {
	for _, value := range t.newest() {
		if fits(value) {
			return value
		}
	}
	return nil
}

// count returns how many rows fit.
func (t *table[T]) count(fits func(*T) bool) int {
	n := 0
	for _, value := range t.newest() {
		if fits(value) {
			n++
		}
	}
	return n
}
