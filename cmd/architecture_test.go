package cmd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Packages import downwards only. Each line names a package and the packages of
// this module that it may import.
func TestImportsPointOneWay(t *testing.T) {
	may := map[string][]string{
		"immersve-doctor":                             {"cmd"},
		"immersve-doctor/cmd":                         {"*"},
		"immersve-doctor/diagnose/exchange":           {},
		"immersve-doctor/diagnose/growth":             {},
		"immersve-doctor/diagnose/crash":              {},
		"immersve-doctor/diagnose/api":                {"diagnose/api/words"},
		"immersve-doctor/diagnose/api/generate":       {"diagnose/api/words"},
		"immersve-doctor/diagnose/api/words":          {},
		"immersve-doctor/diagnose/api/schema":         {"diagnose/api", "diagnose/exchange"},
		"immersve-doctor/diagnose/api/rule":           {"diagnose/api", "diagnose/api/schema"},
		"immersve-doctor/diagnose/finding":            {},
		"immersve-doctor/diagnose/webhook":            {"diagnose/api/schema"},
		"immersve-doctor/diagnose/transport":          {"diagnose/exchange"},
		"immersve-doctor/diagnose/check":              {"diagnose/api", "diagnose/api/rule", "diagnose/api/schema", "diagnose/exchange", "diagnose/finding", "diagnose/transport", "diagnose/webhook"},
		"immersve-doctor/diagnose/capture":            {"diagnose/api", "diagnose/capture/pattern", "diagnose/capture/tools", "diagnose/exchange", "diagnose/transport", "diagnose/webhook"},
		"immersve-doctor/diagnose/capture/pattern":    {},
		"immersve-doctor/diagnose/capture/tools":      {"diagnose/capture/pattern", "diagnose/exchange"},
		"immersve-doctor/diagnose/planted":            {},
		"immersve-doctor/diagnose/preflight":          {"diagnose/check", "diagnose/api", "diagnose/exchange"},
		"immersve-doctor/diagnose/send":               {"diagnose/api", "diagnose/crash", "diagnose/exchange"},
		"immersve-doctor/diagnose/send/sendtest":      {},
		"immersve-doctor/diagnose":                    {"diagnose/check", "diagnose/api", "diagnose/exchange", "diagnose/finding", "diagnose/webhook"},
		"immersve-doctor/diagnose/compare":            {"diagnose", "diagnose/api", "diagnose/api/schema", "diagnose/check", "diagnose/exchange", "diagnose/finding"},
		"immersve-doctor/diagnose/scan":               {"diagnose", "diagnose/api", "diagnose/capture", "diagnose/capture/pattern", "diagnose/capture/tools", "diagnose/check", "diagnose/crash", "diagnose/exchange"},
		"immersve-doctor/diagnose/scan/generate":      {},
		"immersve-doctor/diagnose/probe":              {"diagnose", "diagnose/api", "diagnose/check", "diagnose/exchange", "diagnose/finding"},
		"immersve-doctor/troubleshoot/page":           {},
		"immersve-doctor/troubleshoot/generate":       {"troubleshoot/page"},
		"immersve-doctor/troubleshoot":                {"troubleshoot/page", "diagnose", "diagnose/check", "diagnose/api", "diagnose/exchange", "diagnose/finding"},
		"immersve-doctor/troubleshoot/report":         {"troubleshoot", "diagnose", "diagnose/preflight", "diagnose/check", "diagnose/api", "diagnose/exchange", "diagnose/finding", "diagnose/compare", "diagnose/scan"},
		"immersve-doctor/troubleshoot/simulator":      {"diagnose/api", "diagnose/api/rule", "diagnose/api/schema", "diagnose/crash", "diagnose/exchange", "diagnose/webhook"},
		"immersve-doctor/diagnose/capture/testserver": {"diagnose/capture"},
	}
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}:{{join .Imports " "}}`, "immersve-doctor/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for line := range strings.SplitSeq(strings.TrimSpace(string(out)), "\n") {
		name, imports, _ := strings.Cut(line, ":")
		allowed, known := may[name]
		if !known {
			t.Errorf("package %s is not in this table: say what it may import", name)
			continue
		}
		for imported := range strings.FieldsSeq(imports) {
			short, ours := strings.CutPrefix(imported, "immersve-doctor/")
			if ours && !slices.Contains(allowed, "*") && !slices.Contains(allowed, short) {
				t.Errorf("%s imports %s, which does not lie below it", name, short)
			}
		}
	}
}

// html/template calls methods by names that are known at run time only. With it the
// linker has to keep every exported method of every type: 3.5 MB of the binary, and up
// to 0.4 ms of each start, for a page that one command writes. Its templates are
// compiled instead: see troubleshoot/report/html_scan.qtpl.
func TestHTMLTemplateIsNotLinked(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "immersve-doctor").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	if slices.Contains(strings.Fields(string(out)), "html/template") {
		t.Error("html/template is linked")
	}
}

// What is linked is paid at every start, so no package may take more than a
// millisecond to initialise. The best of several runs counts: the machine is
// shared.
func TestStartUpIsCheap(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "immersve-doctor")
	if out, err := exec.Command("go", "build", "-o", binary, "immersve-doctor").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	best := map[string]float64{}
	for range 5 {
		c := exec.Command(binary, "version")
		c.Env = append(os.Environ(), "GODEBUG=inittrace=1")
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("run: %v\n%s", err, out)
		}
		for name, ms := range initTimes(string(out)) {
			if old, seen := best[name]; !seen || ms < old {
				best[name] = ms
			}
		}
	}
	if len(best) < 10 {
		t.Fatalf("only %d packages were traced", len(best))
	}
	for name, ms := range best {
		if ms > 1 {
			t.Errorf("package %s takes %.2f ms to initialise, at most 1 ms is allowed", name, ms)
		}
	}
}

// initTimes reads lines such as "init net/http @1.2 ms, 0.03 ms clock, …".
func initTimes(trace string) map[string]float64 {
	times := map[string]float64{}
	for line := range strings.SplitSeq(trace, "\n") {
		fields := strings.Fields(line)
		if len(fields) < 6 || fields[0] != "init" {
			continue
		}
		if ms, err := strconv.ParseFloat(fields[4], 64); err == nil {
			times[fields[1]] = ms
		}
	}
	return times
}
