package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot/report"
)

// spool collects exchanges as HAR 1.2 in a temporary file, so that ten thousand of
// them need no more memory than one.
type spool struct {
	f      *os.File
	w      *bufio.Writer
	hiding *hidingWriter
	har    *report.HARWriter
}

func newSpool(name string, reveal bool, hidden *hidden) (*spool, error) {
	f, err := temporary("save " + name)
	if err != nil {
		return nil, err
	}
	w := bufio.NewWriterSize(f, 64<<10)
	hiding := &hidingWriter{w: w, hidden: hidden}
	return &spool{f: f, w: w, hiding: hiding, har: report.NewHARWriter(hiding, reveal)}, nil
}

// save writes what was collected to a file, and ends collecting.
func (s *spool) save(ctx context.Context, name string) error {
	defer func() {
		_ = s.f.Close()
		_ = os.Remove(s.f.Name()) // nothing is there where it was removed before
	}()
	err := s.har.Close()
	s.hiding.flush()
	if err == nil {
		err = s.w.Flush()
	}
	if err == nil {
		_, err = s.f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return usage("", "save %s: %w", name, plainCause(err))
	}
	return writeWhole(ctx, name, func(w io.Writer) error {
		_, err := io.Copy(w, s.f)
		return err
	})
}

// writeWhole writes a file whole or not at all: into a temporary file beside it,
// readable by its owner only, renamed when complete. A link keeps pointing at the
// file that is replaced; what is no file, a device or a pipe, is written to as it
// is.
func writeWhole(ctx context.Context, name string, write func(io.Writer) error) error {
	if name == "-" {
		return usage("for stdout, use -o har", "--save needs a file name")
	}
	asked := name
	name, err := behindLinks(name)
	if err != nil {
		return usage("", "save %s: %w", asked, plainCause(err))
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return usage("give a file in it", "save %s: it's a folder", name)
	} else if err == nil && !info.Mode().IsRegular() {
		return writeThrough(ctx, name, write)
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".immersve-doctor-*")
	if err != nil {
		return usage("", "save %s: %w", name, plainCause(err))
	}
	temporary := f.Name()
	err = write(f)
	if err == nil {
		err = f.Sync() // else a crash may leave the new name with no content
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(temporary, name)
	}
	if err != nil {
		_ = os.Remove(temporary) // the error that matters is already there
		return usage("", "save %s: %w", name, plainCause(err))
	}
	return nil
}

// behindLinks returns the file that a name stands for, which need not be there yet:
// a link to none is no reason to put a file in the link's place.
func behindLinks(name string) (string, error) {
	if target, err := filepath.EvalSymlinks(name); err == nil {
		return target, nil
	}
	if info, err := os.Lstat(name); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return name, nil
	}
	if _, err := os.Stat(name); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return name, err // an open pipe under /proc, whose link names no file
	}
	const most = 40 // as Linux does
	for range most {
		target, err := os.Readlink(name)
		if err != nil {
			return name, nil // it is no link
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(name), target)
		}
		name = target
	}
	return "", errors.New("too many levels of symbolic links")
}

// writeThrough writes to what stands there and is no file.
func writeThrough(ctx context.Context, name string, write func(io.Writer) error) error {
	f, err := openWaiting(ctx, name, os.O_WRONLY)
	if errors.Is(err, errInterrupted) {
		return exit(exitInterrupted)
	}
	if err != nil {
		return usage("", "save %s: %w", name, plainCause(err))
	}
	err = write(f)
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return usage("", "save %s: %w", name, plainCause(err))
	}
	return nil
}

// refuseOverwriting refuses a file to write that the command line also gives to
// read, under whatever name.
func refuseOverwriting(env Environment, c *cobra.Command, args []string) error {
	for _, flag := range [...]string{"save", "html", "out"} {
		f := c.Flags().Lookup(flag)
		if f == nil || f.Value.String() == "" {
			continue
		}
		written, err := os.Stat(f.Value.String())
		if err != nil || !written.Mode().IsRegular() {
			continue
		}
		isWritten := func(read fs.FileInfo, err error) bool { return err == nil && os.SameFile(written, read) }
		clash := slices.ContainsFunc(filesNamed(c, f, args), func(name string) bool { return isWritten(os.Stat(name)) })
		if stdin, ok := env.In.(*os.File); clash || ok && isWritten(stdin.Stat()) {
			return &statusError{
				code: exitRefused, err: fmt.Errorf("--%s %s would overwrite what this command reads", flag, exchange.QuoteFile(f.Value.String())),
				hint: "name another file",
			}
		}
	}
	return nil
}

// filesNamed returns every word of a command line that may name a file to read:
// arguments and values of flags, and what follows their @ or = and precedes their
// :LINE or #N.
func filesNamed(c *cobra.Command, except *pflag.Flag, args []string) []string {
	words := slices.Clone(args)
	c.Flags().Visit(func(f *pflag.Flag) {
		if list, ok := f.Value.(pflag.SliceValue); ok {
			words = append(words, list.GetSlice()...)
		} else if f != except {
			words = append(words, f.Value.String())
		}
	})
	for _, word := range slices.Clone(words) {
		if i := strings.LastIndexAny(word, "@="); i >= 0 {
			word = word[i+1:]
			words = append(words, word)
		}
		if i := strings.LastIndexAny(word, ":#;"); i >= 0 {
			words = append(words, word[:i])
		}
	}
	return words
}
