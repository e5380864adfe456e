package cmd

import (
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"immersve-doctor/diagnose/crash"
	"immersve-doctor/diagnose/scan"
)

// scanInput is a file to be read, or standard input.
type scanInput struct {
	name    string
	size    int64 // 0 when not known
	problem error // why it cannot be read
}

// inputs finds the files that the arguments name: files, folders with all that
// is in them, and globs that the shell left as they are.
func (o *scanOptions) inputs(names []string) ([]scanInput, error) {
	if len(names) == 0 {
		names = []string{"-"}
	}
	var list []scanInput
	for _, name := range names {
		found, err := inputsOf(name)
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	list = once(list)
	if o.follow && (len(list) != 1) {
		return nil, usage("try: tail -F a.log b.log | immersve-doctor scan", "--follow works with one file only")
	}
	return list, nil
}

// once leaves out inputs that were named before, by a folder and by themselves:
// nothing counts twice.
func once(list []scanInput) []scanInput {
	seen := map[string]bool{}
	return slices.DeleteFunc(list, func(in scanInput) bool {
		name := filepath.Clean(in.name)
		again := seen[name]
		seen[name] = true
		return again
	})
}

func inputsOf(name string) ([]scanInput, error) {
	if name == "-" {
		return []scanInput{{name: "-"}}, nil
	}
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return folder(name, "*")
	case err == nil:
		return []scanInput{{name: name, size: info.Size()}}, nil
	case strings.ContainsAny(name, "*?["):
		return globbed(name)
	}
	return nil, usage("", "open %s: %w", name, plainCause(err))
}

// folder finds the files in a folder and below whose name fits a pattern. Hidden
// ones are left out.
func folder(root, pattern string) ([]scanInput, error) {
	var list []scanInput
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			list = append(list, scanInput{name: path, problem: plainCause(err)})
			return nil
		}
		hidden := strings.HasPrefix(entry.Name(), ".") && path != root
		switch {
		case hidden && entry.IsDir():
			return filepath.SkipDir
		case hidden || !entry.Type().IsRegular():
			return nil
		}
		if fits, err := filepath.Match(pattern, entry.Name()); !fits || err != nil {
			return err
		}
		list = append(list, scanInput{name: path, size: sizeOnDisk(entry)})
		return nil
	})
	if err == nil && len(list) == 0 {
		return nil, usage("", "no files in %s", root)
	}
	return list, err
}

func sizeOnDisk(entry fs.DirEntry) int64 {
	info, err := entry.Info()
	if err != nil {
		return 0 // it may have vanished: opening it will tell
	}
	return info.Size()
}

// globbed expands a glob; "**/" stands for any folders.
func globbed(pattern string) ([]scanInput, error) {
	if root, last, ok := strings.Cut(pattern, "**/"); ok && !strings.ContainsAny(root, "*?[") && !strings.Contains(last, "/") {
		return folder(filepath.Clean(root+"."), last)
	}
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		return nil, usage("", "no file matches %s", pattern)
	}
	var list []scanInput
	for _, name := range names {
		found, err := inputsOf(name)
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	return list, nil
}

// read has the scanner read all inputs, and shows how far it is.
func (o *scanOptions) read(ctx context.Context, s *scan.Scanner, inputs []scanInput) error {
	opened := 0
	var total int64
	for _, in := range inputs {
		total += in.size
	}
	p := o.newProgress(s, total, len(inputs) == 1 && inputs[0].name == "-")
	defer p.stop()
	var first error
	for _, in := range inputs {
		if ctx.Err() != nil {
			break
		}
		r, closeInput, err := o.openInput(ctx, in)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			s.Fail(in.name, err)
			first = err
			continue
		}
		opened++
		if o.follow {
			o.watch(ctx, s, in.name, r)
		} else {
			s.Read(ctx, in.name, p.count(r))
		}
		closeInput()
	}
	if opened == 0 && first != nil && ctx.Err() == nil {
		return usage("", "open %s: %w", inputs[0].name, first)
	}
	return nil
}

func (o *scanOptions) openInput(ctx context.Context, in scanInput) (io.Reader, func(), error) {
	if in.problem != nil {
		return nil, nil, in.problem
	}
	if in.name == "-" {
		return newPump(ctx, o.env.In), func() {}, nil
	}
	if info, err := os.Stat(in.name); o.follow && (err != nil || info.Mode().IsRegular()) {
		f, err := newFollower(ctx, in.name)
		if err != nil {
			return nil, nil, plainCause(err)
		}
		return f, f.close, nil
	}
	f, err := openWaiting(ctx, in.name, os.O_RDONLY)
	if err != nil {
		return nil, nil, plainCause(err)
	}
	closeFile := func() { _ = f.Close() } // it was only read
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return newPump(ctx, f), closeFile, nil // more of it may be long in coming
	}
	return f, closeFile, nil
}

// watch reads an input that grows, and reports whenever something has come.
func (o *scanOptions) watch(ctx context.Context, s *scan.Scanner, name string, r io.Reader) {
	done := make(chan struct{})
	var reading crash.Group
	reading.Go(func() {
		defer close(done)
		s.Read(ctx, name, r)
	})
	ticker := time.NewTicker(max(o.every, 100*time.Millisecond))
	defer ticker.Stop()
	told := int64(0)
	for {
		select {
		case <-done:
			reading.Wait()
			return
		case <-ticker.C:
			if seen, _ := s.Seen(); seen != told {
				told = seen
				if o.output == "text" && o.env.OutTTY {
					_, _ = io.WriteString(o.env.Out, "\x1b[H\x1b[2J") // a terminal that is gone ends the command by itself
				}
				if err := o.report(s.Totals()); err != nil {
					return
				}
			}
		}
	}
}

// pump reads in a goroutine of its own, so that an interrupt ends even a read
// that waits for a pipe.
type pump struct {
	ctx  context.Context
	full chan pumped
	free chan []byte
	now  pumped
	used []byte
}

type pumped struct {
	data []byte
	err  error
}

func newPump(ctx context.Context, r io.Reader) *pump {
	p := &pump{ctx: ctx, full: make(chan pumped), free: make(chan []byte, 3)}
	for range cap(p.free) {
		p.free <- make([]byte, 128<<10)
	}
	go p.run(r)
	return p
}

func (p *pump) run(r io.Reader) {
	for {
		var b []byte
		select {
		case b = <-p.free:
		case <-p.ctx.Done():
			return
		}
		n, err := r.Read(b)
		select {
		case p.full <- pumped{b[:n], err}:
		case <-p.ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

func (p *pump) Read(b []byte) (int, error) {
	for len(p.now.data) == 0 {
		if p.now.err != nil {
			return 0, p.now.err
		}
		if p.used != nil {
			p.free <- p.used[:cap(p.used)]
			p.used = nil
		}
		select {
		case p.now = <-p.full:
			p.used = p.now.data
		case <-p.ctx.Done():
			return 0, p.ctx.Err()
		}
	}
	n := copy(b, p.now.data)
	p.now.data = p.now.data[n:]
	return n, nil
}

// follower reads a file to its end and waits for more. A file that was cut is
// read from its beginning, one that was replaced is opened anew.
type follower struct {
	ctx    context.Context
	name   string
	file   *os.File
	offset int64
	fresh  bool // another file begins: what was left of a line of the last one ends here
}

// pollInterval is how often a file is asked whether it has grown.
const pollInterval = 200 * time.Millisecond

func newFollower(ctx context.Context, name string) (*follower, error) {
	f, err := openWaiting(ctx, name, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	return &follower{ctx: ctx, name: name, file: f}, nil
}

func (f *follower) close() { _ = f.file.Close() } // it was only read

func (f *follower) Read(b []byte) (int, error) {
	for {
		if f.fresh && len(b) > 0 {
			f.fresh = false
			b[0] = '\n'
			return 1, nil
		}
		n, err := f.file.Read(b)
		f.offset += int64(n)
		if n > 0 || err != nil && err != io.EOF {
			return n, err
		}
		select {
		case <-f.ctx.Done():
			return 0, f.ctx.Err()
		case <-time.After(pollInterval):
		}
		if err := f.renew(); err != nil {
			return 0, err
		}
	}
}

// renew goes to the beginning of what now has the file's name, where that is no
// longer what was being read.
func (f *follower) renew() error {
	named, err := os.Stat(f.name)
	if err != nil {
		return nil // between two files of a rotation there may be none
	}
	open, err := f.file.Stat()
	if err != nil {
		return err
	}
	if !os.SameFile(named, open) {
		fresh, err := os.Open(f.name)
		if err != nil {
			return nil // it will be there at the next look
		}
		f.close()
		f.file, f.offset, f.fresh = fresh, 0, true
		return nil
	}
	if open.Size() < f.offset {
		f.offset, f.fresh = 0, true
		_, err = f.file.Seek(0, io.SeekStart)
	}
	return err
}
