package scan

import (
	"context"
	"errors"
	"fmt"
	"io"

	"immersve-doctor/diagnose/exchange"
)

// ErrNotThere says that an input has no exchange at a place.
var ErrNotThere = errors.New("no request or response found")

// Locate reads the exchange at a line of an input, or the numbered one of a
// document or a capture; both count from 1 and the other is 0.
func Locate(ctx context.Context, r io.Reader, name string, line, number int64, m Mapping) (*exchange.Exchange, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s := New(Options{Map: m})
	l := s.lanes[0]
	var found *exchange.Exchange
	var problem error
	l.visit = func(n int64, text []byte) {
		switch {
		case n != max(line, number) || found != nil:
			return
		case (line > 0) != l.inLines:
			problem = fmt.Errorf("%w at a line of %s, because it's a document (use %s#N for its Nth entry)", ErrNotThere, name, name)
		case !l.parse(text):
			if found = l.unanswered(text); found != nil {
				found.Source.Name, found.Source.Index = name, int(number-1)
				break
			}
			problem = fmt.Errorf("%w on line %d of %s, which starts with %q", ErrNotThere, n, name, l.placeSample(text))
		case l.entry.record != nil && l.entry.record.isDiagnosis():
			problem = fmt.Errorf("%w on line %d of %s, only part of one", ErrNotThere, n, name)
		default:
			found = l.entry.exchange()
			found.Source = exchange.Source{Kind: exchange.KindLog, Name: name, Line: int(line), Index: int(max(number-1, 0))}
		}
		stop()
	}
	l.visitEx = func(n, at int64, ex *exchange.Exchange) {
		if number > 0 && n == number || line > 0 && at <= line {
			found = ex
		}
	}
	l.begin(name)
	err := s.read(ctx, name, r)
	switch {
	case found != nil:
		return found, nil
	case problem != nil:
		return nil, problem
	case err != nil:
		return nil, err
	case line > 0:
		return nil, fmt.Errorf("%w on line %d of %s", ErrNotThere, line, name)
	}
	return nil, fmt.Errorf("%w number %d in %s", ErrNotThere, number, name)
}
