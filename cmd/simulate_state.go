package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"immersve-doctor/troubleshoot/report"
	"immersve-doctor/troubleshoot/simulator"
)

// stateFile is where a simulator's state is kept.
type stateFile struct {
	name    string // of the file itself where --state names a link to it
	existed bool
	saved   uint64      // the simulator's Changes when it was last saved
	ours    os.FileInfo // of the file as it was read or saved; nil while there is none
}

// openState looks for a state file; that it does not exist is no error.
func openState(name string) (*stateFile, error) {
	s := &stateFile{name: name}
	if target, err := filepath.EvalSymlinks(name); err == nil {
		s.name = target
	}
	info, err := os.Stat(s.name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s, nil
	case err != nil:
		return nil, usage("", "read --state %s: %w", name, plainCause(err))
	case !info.Mode().IsRegular():
		return nil, usage("give a file name", "read --state %s: not a regular file", name)
	}
	s.existed, s.ours = true, info
	return s, nil
}

// restore goes on from the file's content.
func (s *stateFile) restore(options simulator.Options) (*simulator.Simulator, error) {
	f, err := os.Open(s.name)
	if err != nil {
		return nil, usage("", "read --state %s: %w", s.name, plainCause(err))
	}
	defer f.Close()
	sim, err := simulator.Restore(options, f)
	var wrong *simulator.StateError
	if errors.As(err, &wrong) {
		return nil, usage("nothing was changed (use a different file, or remove this one to start again)", "--state %s: %w", s.name, err)
	}
	return sim, err
}

// save writes the state, whole or not at all.
func (s *stateFile) save(sim *simulator.Simulator) error {
	if s.overtaken() {
		return usage("stop the other simulator, or use a different --state", "save %s: another program changed it in the meantime", s.name)
	}
	changes := sim.Changes()
	if err := writeWhole(context.Background(), s.name, sim.WriteState); err != nil {
		return err
	}
	s.saved = changes
	info, err := os.Stat(s.name)
	if err != nil {
		return usage("", "save %s: %w", s.name, plainCause(err))
	}
	s.ours = info
	return nil
}

// overtaken reports whether the file is another than the one that was read or
// saved last: two simulators on one file would each undo what the other did.
func (s *stateFile) overtaken() bool {
	info, err := os.Stat(s.name)
	if err != nil {
		return false // it is gone, or saving will say what is the matter
	}
	return s.ours == nil || !os.SameFile(info, s.ours) || !info.ModTime().Equal(s.ours.ModTime())
}

// keep saves the state whenever it has changed, until the context ends. A second
// is the most that is lost where the process is killed, unless saving is slow: it
// takes at most a tenth of the time. A failure is said once, and tried again.
func (s *stateFile) keep(ctx context.Context, sim *simulator.Simulator, complaints io.Writer) {
	const interval, share = time.Second, 10
	timer := time.NewTimer(interval)
	defer timer.Stop()
	said := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		begun := time.Now()
		if sim.Changes() != s.saved {
			if err := s.save(sim); err != nil && err.Error() != said {
				said = err.Error()
				fmt.Fprintf(complaints, "immersve-doctor: %s (trying again)\n", report.Plain(said))
			}
		}
		timer.Reset(max(interval, share*time.Since(begun)))
	}
}

// newSimulator makes a simulator; from names where the scenario came from.
func newSimulator(options simulator.Options, from string) (*simulator.Simulator, error) {
	sim, err := simulator.New(options)
	var wrong *simulator.ScenarioError
	if errors.As(err, &wrong) {
		return nil, wrongScenario(from, wrong)
	}
	if err != nil {
		return nil, usage("", "%w", err)
	}
	return sim, nil
}

// loadScenario reads a scenario: a file, or one of those that the simulator
// brings; nil for "".
func loadScenario(ctx context.Context, name string) (*simulator.Scenario, error) {
	if name == "" {
		return nil, nil
	}
	text, err := readScenario(ctx, name)
	if ctx.Err() != nil {
		return nil, exit(exitInterrupted)
	}
	if errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(name, `/\.`) {
		return builtInScenario(name)
	}
	if err != nil {
		return nil, usage("use a YAML file, or one of: "+strings.Join(simulator.ScenarioNames(), ", "), "read --scenario %s: %w", name, plainCause(err))
	}
	sc, err := simulator.ParseScenario(text)
	var wrong *simulator.ScenarioError
	if errors.As(err, &wrong) {
		return nil, wrongScenario(name, wrong)
	}
	return sc, err
}

func readScenario(ctx context.Context, name string) ([]byte, error) {
	f, err := openWaiting(ctx, name, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	const most = 1 << 20 // ParseScenario says what is too long
	return io.ReadAll(io.LimitReader(interruptible{ctx, f}, most))
}

func builtInScenario(name string) (*simulator.Scenario, error) {
	sc, err := simulator.LoadScenario(name)
	var unknown *simulator.UnknownScenarioError
	if !errors.As(err, &unknown) {
		return sc, err
	}
	hint := "use a YAML file, or one of: " + strings.Join(simulator.ScenarioNames(), ", ")
	if unknown.Nearest != "" {
		hint = "did you mean --scenario " + unknown.Nearest + "? " + hint
	}
	return nil, usage(hint, "no such file or scenario: %q", name)
}

// wrongScenario shows the place in the file.
func wrongScenario(name string, e *simulator.ScenarioError) error {
	var hint []string
	for line := range strings.SplitSeq(strings.TrimRight(e.Source, "\n"), "\n") {
		if line != "" {
			hint = append(hint, report.Plain(line))
		}
	}
	return usage(strings.Join(hint, "\n"), "--scenario %s: %s", name, report.Plain(e.Error()))
}
