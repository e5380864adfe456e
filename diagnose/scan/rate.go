package scan

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"immersve-doctor/diagnose/api"
)

// Rate is the requests by consumer, minute and operation, from which bursts are
// read (https://docs.immersve.com/guides/rate-limiting). Consumers beyond the
// bounds are left out whole, those with the largest hashes first, as in bounded:
// what is kept is exact.
type Rate struct {
	consumers []string // by number
	hashes    []uint64 // of their names
	numbers   map[string]uint32
	cells     map[cell]Requests
	bar       uint64 // consumers whose hash is not below it are left out
	followed  []int  // cells by consumer

	operations []string // by number
	opNumbers  map[string]uint16

	maxCells, maxConsumers int // the bounds of the same name; tests set smaller ones

	last                    cell // of the last call, whose requests are not in cells yet
	pending                 Requests
	lastName, lastOperation string
	lastSet                 bool
}

// cell is a consumer's minute and operation.
type cell struct {
	consumer  uint32
	minute    uint32 // since 1970
	operation uint16
}

// Requests is how many were sent, and how many of them were answered 429.
type Requests struct{ Sent, Limited uint32 }

func newRate() *Rate {
	return &Rate{numbers: map[string]uint32{}, opNumbers: map[string]uint16{}, cells: map[cell]Requests{}, bar: ^uint64(0), maxCells: maxCells, maxConsumers: maxConsumers}
}

// count adds one request.
func (r *Rate) count(consumer string, second int64, operation string, limited bool) {
	minute := uint32(second / 60)
	if !r.lastSet || r.last.minute != minute || r.lastOperation != operation || r.lastName != consumer {
		r.flush()
		number, ok := r.number(consumer)
		if !ok {
			return
		}
		r.last, r.lastName, r.lastOperation, r.lastSet = cell{number, minute, r.operation(operation)}, consumer, operation, true
	}
	r.pending.Sent++
	if limited {
		r.pending.Limited++
	}
}

// flush puts what was counted last into its cell.
func (r *Rate) flush() {
	if r.lastSet && r.pending.Sent > 0 {
		r.put(r.last, r.pending)
	}
	r.lastSet, r.pending = false, Requests{}
}

func (r *Rate) put(c cell, n Requests) {
	old, there := r.cells[c]
	r.cells[c] = Requests{old.Sent + n.Sent, old.Limited + n.Limited}
	if !there {
		r.followed[c.consumer]++
	}
	if len(r.cells) > 2*r.maxCells || len(r.numbers) > 2*r.maxConsumers {
		r.prune()
	}
}

// number returns a consumer's number; ok is false for one that is left out.
func (r *Rate) number(consumer string) (n uint32, ok bool) {
	if n, ok = r.numbers[consumer]; ok {
		return n, true
	}
	hash := hashText(consumer)
	if r.bar != ^uint64(0) && hash >= r.bar {
		return 0, false
	}
	n = uint32(len(r.consumers))
	r.consumers, r.hashes, r.followed = append(r.consumers, consumer), append(r.hashes, hash), append(r.followed, 0)
	r.numbers[consumer] = n
	return n, true
}

// operation returns an operation's number.
func (r *Rate) operation(id string) uint16 {
	n, ok := r.opNumbers[id]
	if !ok && len(r.operations) < 1<<16-1 {
		n = uint16(len(r.operations))
		r.operations = append(r.operations, id)
		r.opNumbers[id] = n
	}
	return n
}

// prune leaves out consumers until the bounds hold.
func (r *Rate) prune() {
	order := make([]int, len(r.consumers))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(r.hashes[a], r.hashes[b]) })
	cells := 0
	for i, number := range order {
		if cells += r.followed[number]; cells > r.maxCells || i >= r.maxConsumers {
			r.bar = min(r.bar, r.hashes[number])
			break
		}
	}
	if r.bar == ^uint64(0) {
		return
	}
	r.rebuild()
}

// rebuild numbers the consumers below the bar anew.
func (r *Rate) rebuild() {
	kept := newRate()
	kept.bar, kept.maxCells, kept.maxConsumers = r.bar, r.maxCells, r.maxConsumers
	for c, n := range r.cells {
		if number, ok := kept.number(r.consumers[c.consumer]); ok {
			kept.followed[number]++
			kept.cells[cell{number, c.minute, kept.operation(r.operations[c.operation])}] = n
		}
	}
	*r = *kept
}

func (r *Rate) merge(o *Rate) {
	r.flush()
	o.flush()
	r.bar = min(r.bar, o.bar)
	for c, n := range o.cells {
		if number, ok := r.number(o.consumers[c.consumer]); ok {
			r.put(cell{number, c.minute, r.operation(o.operations[c.operation])}, n)
		}
	}
	r.prune()
	if r.bar != ^uint64(0) {
		r.rebuild()
	}
}

// Consumer is what one consumer's traffic tells against the limits.
type Consumer struct {
	Name     string // "key …", "user …", "ip …"; "" for calls whose log names no caller
	Sent     int64
	Limited  int64  // answered 429
	Busiest  Minute // the minute with the most requests
	Polling  Minute // the one with the most requests for spending prerequisites; its Sent counts those
	Over     int    // minutes above api.RateLimit
	OverPoll int    // minutes above api.RateLimitPrerequisites of those requests
	Refused  Minute // the first minute with a 429
}

// Minute is a minute of a consumer.
type Minute struct {
	Start      int64 // second since 1970; 0 when there is no such minute
	Sent       int64
	Limited    int64
	Operations []OperationCount // most requests first
}

// OperationCount is an operation's requests in a minute.
type OperationCount struct {
	Operation string
	Sent      int64
	Limited   int64
}

// PrerequisitesOperation has a limit of its own.
const PrerequisitesOperation = "get-spending-prerequisites"

// Consumers returns the followed consumers, those that were refused first, then
// those that came nearest to a limit; and how many timed exchanges are not in them.
func (r *Rate) Consumers(timed int64) (list []Consumer, others int64) {
	byConsumer := r.minutes()
	for number, minutes := range byConsumer {
		consumer := summarise(r.consumers[number], minutes)
		timed -= consumer.Sent
		list = append(list, consumer)
	}
	slices.SortFunc(list, func(a, b Consumer) int {
		return cmp.Or(cmp.Compare(b.Limited, a.Limited), cmp.Compare(b.Use(), a.Use()), cmp.Compare(b.Sent, a.Sent), strings.Compare(a.Name, b.Name))
	})
	return list, timed
}

// minutes are the minutes of each consumer by number.
func (r *Rate) minutes() []map[uint32]*Minute {
	r.flush()
	byConsumer := make([]map[uint32]*Minute, len(r.consumers))
	for c, n := range r.cells {
		if byConsumer[c.consumer] == nil {
			byConsumer[c.consumer] = map[uint32]*Minute{}
		}
		m := byConsumer[c.consumer][c.minute]
		if m == nil {
			m = &Minute{Start: int64(c.minute) * 60}
			byConsumer[c.consumer][c.minute] = m
		}
		m.Sent, m.Limited = m.Sent+int64(n.Sent), m.Limited+int64(n.Limited)
		m.Operations = append(m.Operations, OperationCount{r.operations[c.operation], int64(n.Sent), int64(n.Limited)})
	}
	return byConsumer
}

// Series returns the minutes of a consumer in order: its rate over time.
func (r *Rate) Series(consumer string) []Minute {
	byConsumer := r.minutes()
	number, ok := r.numbers[consumer]
	if !ok {
		return nil
	}
	var list []Minute
	for _, start := range slices.Sorted(maps.Keys(byConsumer[number])) {
		m := byConsumer[number][start]
		m.order()
		list = append(list, *m)
	}
	return list
}

// Use is the largest part of a limit that a minute took; 1 is all of it.
func (c *Consumer) Use() float64 {
	return max(float64(c.Busiest.Sent)/api.RateLimit, float64(c.Polling.Sent)/api.RateLimitPrerequisites)
}

func summarise(name string, minutes map[uint32]*Minute) Consumer {
	c := Consumer{Name: name}
	for _, start := range slices.Sorted(maps.Keys(minutes)) {
		m := minutes[start]
		m.order()
		c.Sent, c.Limited = c.Sent+m.Sent, c.Limited+m.Limited
		if m.Sent > c.Busiest.Sent {
			c.Busiest = *m
		}
		if m.Sent > api.RateLimit {
			c.Over++
		}
		if m.Limited > 0 && c.Refused.Start == 0 {
			c.Refused = *m
		}
		polls := m.of(PrerequisitesOperation)
		if polls > api.RateLimitPrerequisites {
			c.OverPoll++
		}
		if polls > c.Polling.Sent {
			c.Polling = *m
			c.Polling.Sent = polls
		}
	}
	return c
}

func (m *Minute) of(operation string) int64 {
	for _, o := range m.Operations {
		if o.Operation == operation {
			return o.Sent
		}
	}
	return 0
}

func (m *Minute) order() {
	slices.SortFunc(m.Operations, func(a, b OperationCount) int {
		return cmp.Or(cmp.Compare(b.Sent, a.Sent), strings.Compare(a.Operation, b.Operation))
	})
}
