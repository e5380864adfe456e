package report

import (
	"fmt"
	"time"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/scan"
)

// rateView is the traffic against the documented limits.
type rateView struct {
	Far       string // said in place of charts where nobody came near a limit
	Charts    []rateChart
	Consumers []consumerRow
	More      string
	Notes     []string
}

// rateChart is the busiest minutes of a consumer over time, and a limit.
type rateChart struct {
	Title, Description string
	Unit               string
	Columns            []rateColumn
	Scale              scale
	Limit              float64 // where the limit lies, in percent
	LimitWords         string
	Ticks              []tick
	Refused            bool
}

type rateColumn struct {
	Hit   rect
	Words string
	Bars  []rect
}

type consumerRow struct {
	Name                 string
	Sent, Limited        string
	Busiest, BusiestAt   string
	Polling, PollingAt   string
	Use, State           string
	UsePart              float64 // as a width
	Over                 string
	RefusedAt, Burst     string
	SentNumber, LimitedN int64
	UseNumber            float64
}

const (
	maxConsumerRows = 10
	maxRateColumns  = 60
)

// newRateView returns nil where no exchange has a time.
func newRateView(totals *scan.Totals) *rateView {
	consumers, others := totals.Rate.Consumers(totals.Exchanges - totals.Untimed)
	if len(consumers) == 0 {
		return nil
	}
	v := &rateView{}
	for i := range consumers[:min(len(consumers), maxConsumerRows)] {
		v.Consumers = append(v.Consumers, newConsumerRow(totals, &consumers[i]))
	}
	if more := len(consumers) - maxConsumerRows; more > 0 {
		v.More = fmt.Sprintf("%s more consumers were further from a limit.", Number(int64(more)))
	}
	if consumers[0].Limited > 0 && consumers[0].Use() < 1 {
		v.Notes = append(v.Notes, "Some got 429 below the limits, because an account's keys share one limit and bursts within a minute count.")
	}
	if others > 0 {
		v.Notes = append(v.Notes, fmt.Sprintf("%s requests are from more consumers than can be tracked.", Number(others)))
	}
	v.draw(totals, consumers)
	return v
}

// farFromLimit is the part of a limit below which a chart would show nothing.
const farFromLimit = 0.03

// draw charts the consumer that was refused most, and the one that came nearest
// to a limit.
func (v *rateView) draw(totals *scan.Totals, consumers []scan.Consumer) {
	busiest := nearestToLimit(consumers)
	use := consumers[busiest].Use()
	if use < farFromLimit && consumers[0].Limited == 0 {
		v.Far = fmt.Sprintf("No consumer was near a limit: at most %s of %s requests per minute, or of %s for %s.",
			percent(use), Number(api.RateLimit), Number(api.RateLimitPrerequisites), scan.PrerequisitesOperation)
		return
	}
	v.Charts = rateCharts(totals, &consumers[0])
	if busiest != 0 && use >= nearLimit {
		v.Charts = append(v.Charts, rateCharts(totals, &consumers[busiest])...)
	}
}

// nearestToLimit is the consumer that came nearest to a limit; Consumers puts
// those that were refused before it.
func nearestToLimit(consumers []scan.Consumer) int {
	best := 0
	for i := range consumers {
		if consumers[i].Use() > consumers[best].Use() {
			best = i
		}
	}
	return best
}

func consumerName(name string) string {
	if name == "" {
		return "unnamed callers"
	}
	return shared(name)
}

func newConsumerRow(totals *scan.Totals, c *scan.Consumer) consumerRow {
	row := consumerRow{
		Name: consumerName(c.Name), Sent: Number(c.Sent), Limited: Number(c.Limited), Busiest: Number(c.Busiest.Sent), BusiestAt: minuteTime(c.Busiest.Start),
		Use: percent(c.Use()), UsePart: width(c.Use()), State: "below", SentNumber: c.Sent, LimitedN: c.Limited, UseNumber: c.Use(),
	}
	switch {
	case c.Use() >= 1:
		row.State = "at or above the limit"
	case c.Use() >= nearLimit:
		row.State = "near"
	}
	if c.Polling.Sent > 0 {
		row.Polling, row.PollingAt = Number(c.Polling.Sent), minuteTime(c.Polling.Start)
	}
	if over := c.Over + c.OverPoll; over > 0 {
		row.Over = fmt.Sprintf("above a limit in %s minutes", Number(int64(over)))
	}
	if c.Refused.Start != 0 {
		row.RefusedAt, row.Burst = minuteTime(c.Refused.Start), shared(burst(c.Refused.Operations))
	}
	return row
}

func minuteTime(second int64) string {
	if second == 0 {
		return ""
	}
	return time.Unix(second, 0).UTC().Format("2006-01-02 15:04")
}

// rateCharts are all requests of a consumer, and those for spending prerequisites.
func rateCharts(totals *scan.Totals, c *scan.Consumer) []rateChart {
	minutes := totals.Rate.Series(c.Name)
	whole := func(m scan.Minute) (sent, limited int64) { return m.Sent, m.Limited }
	charts := []rateChart{newRateChart(totals, consumerName(c.Name)+": all requests", api.RateLimit, minutes, whole)}
	if c.Polling.Sent > 0 {
		polls := func(m scan.Minute) (sent, limited int64) { return ofOperation(m, scan.PrerequisitesOperation) }
		charts = append(charts, newRateChart(totals, consumerName(c.Name)+": "+scan.PrerequisitesOperation, api.RateLimitPrerequisites, minutes, polls))
	}
	return charts
}

func ofOperation(m scan.Minute, id string) (sent, limited int64) {
	for _, o := range m.Operations {
		if o.Operation == id {
			return o.Sent, o.Limited
		}
	}
	return 0, 0
}

// newRateChart shows of every column its busiest minute.
func newRateChart(totals *scan.Totals, title string, limit int64, minutes []scan.Minute, of func(scan.Minute) (sent, limited int64)) rateChart {
	b := newBinning(floorNanos(totals.First), floorNanos(totals.Last), 60, maxRateColumns)
	type peak struct{ sent, limited, at, refused int64 }
	peaks := make([]peak, b.count)
	most, mostAt := int64(0), int64(0)
	for _, m := range minutes {
		sent, limited := of(m)
		p := &peaks[b.of(m.Start)]
		p.refused += limited
		if sent > p.sent {
			p.sent, p.limited, p.at = sent, limited, m.Start
		}
		if sent > most {
			most, mostAt = sent, m.Start
		}
	}
	c := rateChart{Title: title, Unit: "requests per minute", Scale: newScale(max(most, limit+limit/10)), Ticks: b.ticks(), LimitWords: "limit " + Number(limit)}
	c.Limit = width(1 - float64(limit)/c.Scale.top)
	if b.width > 60 {
		c.Unit = "requests in the busiest minute of " + widthWords(b.width)
	}
	for i, p := range peaks {
		if p.sent == 0 {
			continue
		}
		column := rateColumn{Hit: b.span(int64(i), int64(i)+1), Words: fmt.Sprintf("%s UTC: %s requests in the minute, %s of them got 429", minuteTime(p.at), Number(p.sent), Number(p.limited))}
		if b.width > 60 {
			column.Words += fmt.Sprintf("\n%s got 429 in the %s", Number(p.refused), widthWords(b.width))
		}
		passed := float64(p.sent-p.limited) / c.Scale.top
		column.Bars = append(column.Bars, b.bar(int64(i), 0, passed, "passed"))
		if p.limited > 0 {
			column.Bars = append(column.Bars, b.bar(int64(i), passed, float64(p.sent)/c.Scale.top, "rate-limited"))
		}
		if p.refused > 0 {
			mark := b.span(int64(i), int64(i)+1)
			mark.Height, mark.Class = 3, "rate-limited"
			column.Bars, c.Refused = append(column.Bars, mark), true
		}
		c.Columns = append(c.Columns, column)
	}
	c.Description = fmt.Sprintf("At most %s requests per minute, at %s UTC: %s of the documented limit of %s.", Number(most), minuteTime(mostAt), percent(float64(most)/float64(limit)), Number(limit))
	return c
}
