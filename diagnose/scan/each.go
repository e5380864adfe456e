package scan

import (
	"context"
	"io"

	"immersve-doctor/diagnose/exchange"
)

// Each hands over the exchanges of a log in their order until yield returns false. It
// returns how many exchanges it handed over and how many lines it didn't recognize.
func Each(ctx context.Context, name string, r io.Reader, yield func(*exchange.Exchange) bool) (exchanges, unrecognised int64, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s := New(Options{Workers: 1})
	l := s.lanes[0]
	take := func(ex *exchange.Exchange) {
		if ctx.Err() != nil {
			return
		}
		ex.Source.Name, ex.Source.Index = name, int(exchanges)
		if exchanges++; !yield(ex) {
			stop()
		}
	}
	l.visit = func(line int64, text []byte) {
		if !l.parse(text) || l.entry.record != nil && l.entry.record.isDiagnosis() {
			unrecognised++
			return
		}
		ex := l.entry.exchange()
		ex.Source = exchange.Source{Kind: exchange.KindLog, Line: int(line)}
		take(ex)
	}
	l.visitEx = func(_, _ int64, ex *exchange.Exchange) { take(ex) }
	l.begin(name)
	err = s.read(ctx, name, r)
	if ctx.Err() != nil {
		err = nil
	}
	return exchanges, unrecognised, err
}
