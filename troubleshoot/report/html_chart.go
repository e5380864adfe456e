package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/scan"
)

// Charts are drawn in parts of the plot's width and height, so that they fit any
// screen while their words keep their size.

// width is a part of a whole in percent, as exact as a chart needs it.
func width(part float64) float64 {
	return math.Round(min(max(part, 0), 1)*1e4) / 100
}

// binning divides a period into columns of the same width.
type binning struct{ start, width, count int64 } // seconds

// newBinning takes the narrowest columns of which there are at most so many; they
// are multiples of the width that was counted with.
func newBinning(first, last, counted, most int64) binning {
	const minute, hour, day = 60, 3600, 86400
	var b binning
	for _, w := range []int64{
		minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute, hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour,
		day, 2 * day, 7 * day, 14 * day, 28 * day, 364 * day, 3640 * day,
	} {
		if w%max(counted, 1) != 0 {
			continue
		}
		start := floorTo(first, w)
		b = binning{start, w, (floorTo(last, w)-start)/w + 1}
		if b.count <= most {
			break
		}
	}
	return b
}

func floorTo(second, width int64) int64 { return second - ((second%width)+width)%width }

// of returns the column of a second.
func (b binning) of(second int64) int64 {
	return min(max((second-b.start)/b.width, 0), b.count-1)
}

// at is where a second lies in the plot.
func (b binning) at(second int64) float64 {
	return float64(second-b.start) / float64(b.width*b.count)
}

// words names the time of a column.
func (b binning) words(column int64) string {
	from := time.Unix(b.start+column*b.width, 0).UTC()
	to := from.Add(time.Duration(b.width) * time.Second)
	switch {
	case b.width == 86400:
		return from.Format(time.DateOnly)
	case b.width > 86400:
		return fmt.Sprintf("%s – %s", from.Format(time.DateOnly), to.AddDate(0, 0, -1).Format(time.DateOnly))
	}
	return fmt.Sprintf("%s – %s UTC", from.Format("2006-01-02 15:04"), to.Format("15:04"))
}

// rect is a rectangle of a chart, in percent of it.
type rect struct {
	X, Y, Width, Height float64
	Class               string
}

// barShare is the part of a column that its bar fills.
const barShare = 0.84

// bar is a rectangle in a column, from one height to another.
func (b binning) bar(column int64, from, to float64, class string) rect {
	one := 1 / float64(b.count)
	broad := min(one*barShare, 0.12) // a few bars are no walls
	left := (float64(column)+0.5)*one - broad/2
	return rect{width(left), width(1 - to), width(broad), width(to - from), class}
}

// span is a rectangle over columns in full height.
func (b binning) span(from, to int64) rect {
	return rect{X: width(float64(from) / float64(b.count)), Width: width(float64(to-from) / float64(b.count)), Height: 100}
}

// tick is a mark on an axis, at a percentage of it.
type tick struct {
	At    float64
	Label string
	Below string // a second line: the date
	Minor bool   // left out where there is little room
}

// scale is the vertical axis of numbers from 0.
type scale struct {
	top   float64
	Ticks []tick
}

// newScale rounds up to where four or five ticks are round numbers.
func newScale(most int64) scale {
	step := roundUp(float64(max(most, 1)) / 4)
	return scaleOf(step, math.Ceil(float64(max(most, 1))/step))
}

// beside is a scale whose ticks stand where another's do.
func (s scale) beside(most int64) scale {
	steps := float64(len(s.Ticks) - 1)
	return scaleOf(roundUp(float64(max(most, 1))/steps), steps)
}

func scaleOf(step, steps float64) scale {
	s := scale{top: step * steps}
	for v := 0.0; v <= s.top; v += step {
		s.Ticks = append(s.Ticks, tick{At: width(1 - v/s.top), Label: short(int64(v))})
	}
	return s
}

// roundUp returns the next of 1, 2, 2.5, 5 times a power of ten that is whole.
func roundUp(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if m*power >= v && m*power == math.Trunc(m*power) {
			return m * power
		}
	}
	return max(10*power, 1)
}

// short writes a number for an axis.
func short(n int64) string {
	for _, unit := range []struct {
		size int64
		name string
	}{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e4, "k"}} {
		if n >= unit.size {
			size := float64(unit.size)
			if unit.name == "k" {
				size = 1e3
			}
			return strconv.FormatFloat(float64(n)/size, 'f', -1, 64) + unit.name
		}
	}
	return Number(n)
}

// step is a distance of ticks: seconds, or months where it is none of fixed length.
type step struct{ seconds, months int64 }

func steps() []step {
	const minute, hour, day = 60, 3600, 86400
	var list []step
	for _, s := range []int64{minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute, hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour, day, 2 * day, 7 * day, 14 * day} {
		list = append(list, step{seconds: s})
	}
	for _, m := range []int64{1, 3, 6, 12, 24, 60, 120, 600, 1200} {
		list = append(list, step{months: m})
	}
	return list
}

// maxTicks is how many ticks a time axis has.
const maxTicks = 8

// ticks are the times on the axis.
func (b binning) ticks() []tick {
	end := b.start + b.width*b.count
	var times []int64
	var chosen step
	for _, chosen = range steps() {
		if times = chosen.between(b.start, end); len(times) <= maxTicks {
			break
		}
	}
	if len(times) < 2 {
		times = []int64{b.start, end}
		chosen = step{seconds: min(b.width, 43200)}
	}
	var list []tick
	before := ""
	for i, second := range times {
		label, below := chosen.label(second)
		t := tick{At: width(b.at(second)), Label: label, Minor: i%2 == 1}
		if below != before {
			t.Below, before = below, below
		}
		list = append(list, t)
	}
	return list
}

// between are the ticks from start to end, one more than allowed at most.
func (s step) between(start, end int64) []int64 {
	var list []int64
	for second := s.next(start); second <= end && len(list) <= maxTicks; second = s.next(second + 1) {
		list = append(list, second)
	}
	return list
}

// next returns the first tick that is not before a second.
func (s step) next(second int64) int64 {
	if s.months == 0 {
		const week, monday = 7 * 86400, 4 * 86400 // the first Monday since 1970
		if s.seconds%week == 0 {
			return floorTo(second-monday+s.seconds-1, s.seconds) + monday
		}
		return floorTo(second+s.seconds-1, s.seconds)
	}
	at := time.Unix(second, 0).UTC()
	month := int64(at.Year())*12 + int64(at.Month()) - 1
	month = floorTo(month, s.months)
	for {
		t := time.Date(int(month/12), time.Month(month%12+1), 1, 0, 0, 0, 0, time.UTC).Unix()
		if t >= second {
			return t
		}
		month += s.months
	}
}

// label is a tick's words, and what stands below where it changes.
func (s step) label(second int64) (label, below string) {
	at := time.Unix(second, 0).UTC()
	switch {
	case s.months >= 12:
		return at.Format("2006"), ""
	case s.months > 0:
		return at.Format("Jan"), at.Format("2006")
	case s.seconds >= 86400:
		return at.Format("2 Jan"), at.Format("2006")
	}
	return at.Format("15:04"), at.Format("2 Jan")
}

// timelineChart is failures over time by class, before all exchanges.
type timelineChart struct {
	Title, Description string
	Width              string // of a column, in words
	Columns            []timelineColumn
	Backdrop           []rect // all exchanges, by the right axis
	Gaps               []rect // times without any exchange
	Left, Right        scale
	Ticks              []tick
	Legend             []legendRow
	Failures           bool
}

type timelineColumn struct {
	Hit   rect
	Words string
	Bars  []rect
	When  string
	Row   []string // numbers for the table, exchanges first, then the legend's classes
	Any   bool
}

type legendRow struct {
	Class, Words, Count string
	index               int
	number              int64
}

// maxColumns is how many columns the chart has.
const maxColumns = 96

// newTimelineChart draws the timeline, nil where no time is known.
func newTimelineChart(totals *scan.Totals) *timelineChart {
	if totals.First == 0 || len(totals.Timeline.Buckets) == 0 {
		return nil
	}
	b := newBinning(floorNanos(totals.First), floorNanos(totals.Last), totals.Timeline.Width, maxColumns)
	counts := make([]scan.ClassCount, b.count)
	for start, n := range totals.Timeline.Buckets {
		at := b.of(start)
		for class := range n {
			counts[at][class] += n[class]
		}
	}
	c := &timelineChart{Width: widthWords(b.width), Legend: legendOf(counts), Ticks: b.ticks()}
	c.draw(b, counts)
	c.describe(totals, b, counts)
	return c
}

func floorNanos(nanos int64) int64 { return (nanos - floorRest(nanos)) / 1e9 }

func floorRest(nanos int64) int64 { return ((nanos % 1e9) + 1e9) % 1e9 }

// legendOf are the classes of failures that occur, those of most first.
func legendOf(counts []scan.ClassCount) []legendRow {
	var list []legendRow
	classes := check.Classes()
	for i := 1; i < len(classes)-1; i++ {
		row := legendRow{Class: string(classes[i]), Words: classWords(classes[i]), index: i}
		for _, n := range counts {
			row.number += n[i]
		}
		if row.Count = Number(row.number); row.number > 0 {
			list = append(list, row)
		}
	}
	slices.SortStableFunc(list, func(a, b legendRow) int { return cmp.Compare(b.number, a.number) })
	return list
}

func (c *timelineChart) draw(b binning, counts []scan.ClassCount) {
	mostFailed, mostSent := int64(0), int64(0)
	for _, n := range counts {
		mostFailed, mostSent = max(mostFailed, failures(n)), max(mostSent, all(n))
	}
	c.Failures = mostFailed > 0
	c.Left = newScale(mostFailed)
	c.Right = newScale(mostSent)
	if c.Failures {
		c.Right = c.Left.beside(mostSent)
	} else {
		c.Left = c.Right // for its lines
	}
	gap := int64(-1)
	for i := int64(0); i <= b.count; i++ {
		empty := i < b.count && all(counts[i]) == 0
		if empty && gap < 0 {
			gap = i
		}
		if !empty && gap >= 0 {
			c.Gaps = append(c.Gaps, b.span(gap, i))
			gap = -1
		}
		if i < b.count && !empty {
			c.column(b, i, counts[i])
		}
	}
}

// all is the exchanges of a bucket.
func all(classes scan.ClassCount) int64 {
	n := int64(0)
	for _, count := range classes {
		n += count
	}
	return n
}

func (c *timelineChart) column(b binning, i int64, n scan.ClassCount) {
	backdrop := b.bar(i, 0, float64(all(n))/c.Right.top, "")
	if b.count > 8 { // an area rather than bars
		whole := b.span(i, i+1)
		backdrop.X, backdrop.Width = whole.X, whole.Width
	}
	c.Backdrop = append(c.Backdrop, backdrop)
	column := timelineColumn{Hit: b.span(i, i+1), When: b.words(i), Any: failures(n) > 0, Row: []string{Number(all(n)), Number(failures(n))}}
	base := 0.0
	var parts []string
	for _, l := range c.Legend {
		column.Row = append(column.Row, Number(n[l.index]))
		if n[l.index] == 0 {
			continue
		}
		to := base + float64(n[l.index])/c.Left.top
		column.Bars = append(column.Bars, b.bar(i, base, to, l.Class))
		base = to
		parts = append(parts, fmt.Sprintf("%s %s", Number(n[l.index]), l.Words))
	}
	column.Words = fmt.Sprintf("%s: %s requests, %s failed", column.When, Number(all(n)), Number(failures(n)))
	if len(parts) > 0 {
		column.Words += "\n" + strings.Join(parts, "\n")
	}
	c.Columns = append(c.Columns, column)
}

// describe says in words what the chart shows.
func (c *timelineChart) describe(totals *scan.Totals, b binning, counts []scan.ClassCount) {
	c.Title = "Failed requests over time, by class"
	if !c.Failures {
		c.Title = "Requests over time (none failed)"
	}
	peak := int64(0)
	for i, n := range counts {
		if failures(n) > failures(counts[peak]) {
			peak = int64(i)
		}
	}
	c.Description = fmt.Sprintf("From %s to %s UTC, in columns of %s.", tableTime(totals.First), tableTime(totals.Last), c.Width)
	if c.Failures {
		c.Description += fmt.Sprintf(" Most failures: %s, %s of %s requests.", b.words(peak), Number(failures(counts[peak])), Number(all(counts[peak])))
	}
	switch n := len(c.Gaps); {
	case n == 1:
		c.Description += " One period has no requests."
	case n > 1:
		c.Description += fmt.Sprintf(" %d periods have no requests.", n)
	}
}

// spark is a small chart of a group over the time of the totals.
type spark struct {
	Columns int64
	Path    string
}

const (
	sparkColumns = 40
	sparkHeight  = 20
)

func newSpark(totals *scan.Totals, timeline scan.Timeline[int64]) spark {
	if totals.First == 0 || len(timeline.Buckets) == 0 {
		return spark{}
	}
	b := newBinning(floorNanos(totals.First), floorNanos(totals.Last), timeline.Width, sparkColumns)
	heights := make([]int64, b.count)
	most := int64(1)
	for start, n := range timeline.Buckets {
		at := b.of(start)
		heights[at] += n
		most = max(most, heights[at])
	}
	var path strings.Builder
	for i, h := range heights {
		if h > 0 {
			tall := max(float64(h)/float64(most)*sparkHeight, 1)
			fmt.Fprintf(&path, "M%d.1 %dv-%.1fh.8v%.1fz", i, sparkHeight, tall, tall)
		}
	}
	return spark{b.count, path.String()}
}
