// Package scan reads any number of exchanges, from logs, HAR documents and other
// captures, and counts them: what fails, how often, since when, for whom. It is
// the road of package diagnose, many lanes wide. Inputs are streamed: memory
// depends on no input's size.
//
// A Scanner reads inputs and has Totals. Reading goes in blocks that end where
// lines end; each lane counts blocks on its own, and since totals add up exactly
// whatever their order, the result depends neither on the number of lanes nor on
// the size of blocks.
package scan

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/crash"
)

// Options steer a scan.
type Options struct {
	Workers   int // lanes; 0 for one
	Samples   int // exchanges kept of each group; 0 for one
	Now       time.Time
	Map       Mapping // where fields lie in lines that no shape fits
	Filter    Filter
	Block     int  // bytes of a block; 0 for what is fast
	Strangers bool // count a HAR's exchanges with hosts that have nothing to do with the API, too
	Eager     bool // count lines as soon as they are there, not when a block is full: for input that grows
}

// Scanner reads inputs, one after another. Seen and Totals may be called meanwhile.
type Scanner struct {
	options Options
	shapes  *node
	pairs   *node
	routes  *routes
	table   *table // of the input at hand; nil when it is none
	columns *table // the same, also of one that holds no exchange but secrets
	lanes   []*lane
	seen    atomic.Int64
	failed  atomic.Int64
}

// defaultBlock is large enough to keep lanes busy and small enough for the caches.
const defaultBlock = 256 << 10

// New returns a scanner that has read nothing.
func New(o Options) *Scanner {
	o.Workers = max(o.Workers, 1)
	if o.Block <= 0 {
		o.Block = defaultBlock
	}
	s := &Scanner{options: o, shapes: tree(o.Map.places), pairs: pairNode(), routes: newRoutes()}
	for range o.Workers {
		s.lanes = append(s.lanes, newLane(s))
	}
	return s
}

// Seen returns how many exchanges have been counted, and how many of them had
// failed. It may be called while reading.
func (s *Scanner) Seen() (exchanges, failed int64) { return s.seen.Load(), s.failed.Load() }

// Totals returns the totals of what has been read. It may be called while
// reading: then of the blocks that have been counted.
func (s *Scanner) Totals() *Totals {
	t := NewTotals(s.options.Samples)
	for _, l := range s.lanes {
		l.mu.Lock()
		l.settle()
		t.Merge(l.totals)
		l.mu.Unlock()
	}
	return t
}

// Read counts the exchanges of one input. What cannot be read is counted and
// named in the totals; it is no error. When the context ends, what was read until
// then is counted.
func (s *Scanner) Read(ctx context.Context, name string, r io.Reader) {
	for _, l := range s.lanes {
		l.begin(name)
	}
	problem := s.read(ctx, name, r)
	for _, l := range s.lanes {
		l.end()
	}
	if problem != nil && ctx.Err() == nil {
		s.lanes[0].totals.input(name).Problem = problem.Error()
	}
}

// Fail notes an input that could not be opened, or not to its end.
func (s *Scanner) Fail(name string, problem error) {
	s.lanes[0].totals.input(name).Problem = problem.Error()
}

// headSize is how much of an input is looked at before it is decided how to read it.
const headSize = 64 << 10

func (s *Scanner) read(ctx context.Context, name string, r io.Reader) error {
	s.table, s.columns = nil, nil
	plain, err := capture.Decompressed(interruptible{ctx, r})
	if err != nil {
		return err
	}
	defer func() { _ = plain.Close() }() // every error came from reading
	if s.options.Eager {
		return s.blocks(&lineReader{r: plain, eager: true}, (*lane).lines)
	}
	buffered := bufio.NewReaderSize(plain, headSize)
	head, _ := buffered.Peek(headSize) // an error comes again when reading goes on
	if isUTF16(head) {
		buffered = bufio.NewReaderSize(newUTF16(buffered), headSize)
		head, _ = buffered.Peek(headSize)
	}
	if bytes.Contains(head, []byte("\x1b[")) {
		buffered = bufio.NewReaderSize(&colourless{r: buffered}, headSize)
		head, _ = buffered.Peek(headSize)
	}
	if hasPrefix(head, "\xef\xbb\xbf") {
		_, _ = buffered.Discard(3) // they are in the buffer
		head = head[3:]
	}
	if isBinary(head) {
		if found, _ := isCapture(head, false); found && bytes.Contains(head, []byte("\n\x1f\x8b\b")) { // one with a compressed body
			return s.lanes[0].capture(buffered)
		}
		s.lanes[0].leave(1, head)
		return errBinary
	}
	s.columns = secretTable(head)
	if s.table = s.tableOf(head); s.table != nil {
		return s.blocks(&lineReader{r: buffered}, (*lane).lines)
	}
	switch s.formOf(head) {
	case formDocument:
		return s.document(buffered, (*lane).entries, "entries")
	case formList:
		return s.document(buffered, (*lane).elements, listNames()...)
	case formElements:
		return s.blocks(&elementReader{r: buffered}, (*lane).elements)
	case formText:
		return s.lanes[0].text(buffered)
	case formCapture:
		return s.lanes[0].capture(buffered)
	}
	return s.blocks(&lineReader{r: buffered}, (*lane).lines)
}

// block is a part of an input that holds whole lines or elements.
type block struct {
	data     []byte
	first    int64   // number of its first line or element, from 1
	ends     []int32 // where its elements end
	oversize bool    // data is the beginning of one that is too long to be read
}

// blockReader divides an input into blocks. next fills buffer, or a longer one
// where it must, and returns io.EOF behind the last block.
type blockReader interface {
	next(buffer []byte) (block, error)
}

// blocks has the lanes count what a reader divides an input into. A lane that is
// through with a block reads the next one itself, into memory that is still in
// its processor's cache: no lane waits for one that only reads, and what cannot
// be done side by side is no more than the copy and the search for a line's end.
func (s *Scanner) blocks(r blockReader, count func(*lane, block)) error {
	shared := &sharedReader{r: r}
	var lanes crash.Group
	for _, l := range s.lanes {
		lanes.Go(func() { l.work(shared, count) })
	}
	lanes.Wait()
	if shared.err != io.EOF {
		return fmt.Errorf("reading stopped: %w", shared.err)
	}
	return nil
}

// sharedReader hands each block of a reader to the lane that asks first.
type sharedReader struct {
	mu  sync.Mutex
	r   blockReader
	err error // why nothing follows
}

// next reads a block; it can hold data beside the error that ends reading. An
// interrupt is an error of the reader's, so what has come before it is counted.
func (s *sharedReader) next(buffer []byte) (b block, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		b, s.err = s.r.next(buffer)
	}
	return b, s.err
}

// work counts blocks until there are no more.
func (l *lane) work(shared *sharedReader, count func(*lane, block)) {
	if l.buffer == nil {
		l.buffer = make([]byte, 0, l.scanner.options.Block)
	}
	for {
		b, err := shared.next(l.buffer)
		if len(b.data) > 0 {
			l.locked(func() { count(l, b) })
		}
		if err != nil {
			return
		}
	}
}

// locked calls f with the lane's lock, which a panic in f doesn't keep.
func (l *lane) locked(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
}

// interruptible ends reading when the context ends.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

func (i interruptible) Read(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.r.Read(p)
}
