package capture

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Bounds of decompression. Captures and logs shrink to a tenth, seldom to a
// hundredth; what grows a thousandfold beyond a gibibyte was made to harm.
const (
	maxGrowth  = 1000
	freeGrowth = 1 << 30
	maxWindow  = 8 << 20 // that a zstd frame may ask memory for: all levels do with it, but not --ultra and --long
)

// GrowthError says that a compressed input grew beyond every measure.
type GrowthError struct {
	Compressed, Decompressed int64
}

// Error names both sizes.
func (e *GrowthError) Error() string {
	return fmt.Sprintf("%d compressed bytes expand to more than %d, which is suspicious (if that's intended, decompress the file first)", e.Compressed, e.Decompressed)
}

// Decompressed returns what an input holds behind gzip or zstd, one after another
// when several were concatenated; the content decides, not a file's name. An
// input that is neither is returned as it is. Memory stays constant, and the
// reader fails with a *GrowthError rather than expand a bomb. Close frees what
// it holds; it does not close r.
func Decompressed(r io.Reader) (io.ReadCloser, error) {
	head := bufio.NewReaderSize(r, 64<<10)
	magic, _ := head.Peek(4) // the reader's failure comes back with the first Read
	counted := &counter{r: head}
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b, 8}):
		z, err := gzip.NewReader(counted)
		if err != nil {
			return nil, fmt.Errorf("decompress gzip: %w", err)
		}
		return &bounded{r: z, in: counted, what: "gzip", free: z.Close}, nil
	case bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(counted, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, fmt.Errorf("decompress zstd: %w", err)
		}
		return &bounded{r: z, in: counted, what: "zstd", free: func() error { z.Close(); return nil }}, nil
	}
	return io.NopCloser(head), nil
}

// counter counts what was read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// bounded is a decompressing reader that knows how much came of how much.
type bounded struct {
	r    io.Reader
	in   *counter
	out  int64
	what string
	free func() error
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.out += int64(n)
	if b.out > freeGrowth && b.out/maxGrowth > b.in.n {
		return 0, &GrowthError{Compressed: b.in.n, Decompressed: b.out}
	}
	switch {
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		err = fmt.Errorf("decompress zstd: compressed with --ultra or --long, which needs more than %d MiB of memory (pipe it from zstd -dc --long=31): %w", maxWindow>>20, err)
	case err != nil && err != io.EOF:
		err = fmt.Errorf("decompress %s: %w", b.what, err)
	}
	return n, err
}

func (b *bounded) Close() error { return b.free() }
