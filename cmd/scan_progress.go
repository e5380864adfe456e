package cmd

import (
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"immersve-doctor/diagnose/scan"
)

// scanProgress shows on a terminal's standard error how far reading is. The zero
// value shows nothing.
type scanProgress struct {
	env   Environment
	total int64 // bytes, 0 when not known
	begun time.Time
	read  atomic.Int64
	end   chan struct{}
	ended chan struct{}
}

func (o *scanOptions) newProgress(s *scan.Scanner, total int64, endless bool) *scanProgress {
	if !o.env.ErrTTY || o.follow {
		return &scanProgress{}
	}
	if endless {
		total = 0
	}
	p := &scanProgress{env: o.env, total: total, begun: o.env.Now(), end: make(chan struct{}), ended: make(chan struct{})}
	go p.show(s)
	return p
}

// show redraws ten times a second, so that reading does not wait for a terminal.
// What is over sooner than that shows nothing.
func (p *scanProgress) show(s *scan.Scanner) {
	defer close(p.ended)
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	width := p.env.Width
	if width == 0 {
		width = 80
	}
	drawn := false
	for {
		select {
		case <-p.end:
			if drawn {
				_, _ = io.WriteString(drawing(p.env.Err), "\r\x1b[K") // a terminal that is gone needs none
			}
			return
		case <-ticker.C:
			exchanges, failed := s.Seen()
			line := progressLine(p.read.Load(), p.total, exchanges, failed, p.env.Now().Sub(p.begun))
			_, _ = fmt.Fprintf(drawing(p.env.Err), "\r%s\x1b[K", line[:min(len(line), width-1)])
			drawn = true
		}
	}
}

// progressLine says in ASCII how far reading is; a total of 0 is one that nobody
// knows.
func progressLine(read, total, exchanges, failed int64, taken time.Duration) string {
	found := grouped(exchanges) + " requests, " + grouped(failed) + " failed"
	if total <= 0 {
		return byteSize(read) + " read, " + found
	}
	read = min(read, total)
	line := fmt.Sprintf("%d%% of %s, %s", 100*read/total, byteSize(total), found)
	if taken >= time.Second && 0 < read && read < total {
		left := time.Duration(float64(taken) * float64(total-read) / float64(read))
		line += ", " + max(left.Round(time.Second), time.Second).String() + " left"
	}
	return line
}

// byteSize writes a number of bytes in the largest unit of which there is one.
func byteSize(n int64) string {
	for i, unit := range [...]string{"GiB", "MiB", "KiB"} {
		if size := float64(n) / float64(int64(1)<<(30-10*i)); size >= 1 {
			return fmt.Sprintf("%.1f %s", size, unit)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}

// grouped writes a number with commas.
func grouped(n int64) string {
	var digits []byte
	for i := 0; n > 0 || i == 0; i++ {
		if i > 0 && i%3 == 0 {
			digits = append(digits, ',')
		}
		digits = append(digits, byte('0'+n%10))
		n /= 10
	}
	slices.Reverse(digits)
	return string(digits)
}

func (p *scanProgress) stop() {
	if p.end != nil {
		close(p.end)
		<-p.ended
	}
}

// count counts the bytes that are read.
func (p *scanProgress) count(r io.Reader) io.Reader {
	if p.end == nil {
		return r
	}
	return &countingReader{r, &p.read}
}

type countingReader struct {
	r io.Reader
	n *atomic.Int64
}

func (c *countingReader) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n.Add(int64(n))
	return n, err
}
