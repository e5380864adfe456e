package scan

import "io"

// colourless removes the escape sequences that colour a terminal (ECMA-48) from what it
// reads.
type colourless struct {
	r     io.Reader
	state byte // 0 outside a sequence, 'e' after ESC, '[' within one
}

func (c *colourless) Read(p []byte) (int, error) {
	for {
		n, err := c.r.Read(p)
		kept := p[:0]
		for _, b := range p[:n] {
			switch {
			case b == 0x1b:
				c.state = 'e'
			case c.state == 'e' && b == '[':
				c.state = '['
			case c.state == '[' && b != '\n':
				if b >= 0x40 && b <= 0x7e {
					c.state = 0
				}
			case c.state == 'e' && b != '\n':
				c.state = 0
			default:
				c.state = 0
				kept = append(kept, b)
			}
		}
		if len(kept) > 0 || err != nil || len(p) == 0 {
			return len(kept), err
		}
	}
}
