package cmd_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// netless is the variable that makes this test program a launcher: it forbids
// itself sockets and becomes the program under test.
const netless = "IMMERSVE_DOCTOR_TEST_NETLESS"

// forbidSockets installs a filter (seccomp) that kills the process when it asks for
// a socket. It needs no privilege and outlives exec.
func forbidSockets() error {
	type instruction struct {
		code   uint16
		jt, jf uint8
		k      uint32
	}
	filter := []instruction{
		{0x20, 0, 0, 0},                          // load the number of the system call
		{0x15, 0, 1, uint32(syscall.SYS_SOCKET)}, // socket?
		{0x06, 0, 0, 0x80000000},                 // kill the process
		{0x06, 0, 0, 0x7fff0000},                 // allow
	}
	program := struct {
		length uint16
		filter *instruction
	}{uint16(len(filter)), &filter[0]}
	const noNewPrivileges, setSeccomp, filterMode = 38, 22, 2
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, noNewPrivileges, 1, 0, 0, 0, 0); errno != 0 {
		return errno
	}
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, setSeccomp, filterMode, uintptr(unsafe.Pointer(&program))); errno != 0 {
		return errno
	}
	return nil
}

// launch runs in the test program when netless is set.
func launch() {
	runtime.LockOSThread()
	if err := forbidSockets(); err != nil {
		fmt.Fprintln(os.Stderr, "no filter here:", err)
		os.Exit(99)
	}
	self, err := os.Executable()
	if err == nil {
		err = os.Unsetenv(netless)
	}
	if err == nil {
		err = syscall.Exec(self, os.Args, os.Environ())
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(98)
}

// Commands that need no network open no socket: not for a look-up, not for a
// proxy, not for telling anybody.
func TestOfflineCommandsOpenNoSocket(t *testing.T) {
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		t.Skip("the filter is written for 64-bit system calls")
	}
	const har = "../testdata/capture/curl-verbose/get.in"
	for _, args := range [][]string{
		{"version"},
		{"--help"},
		{"explain"},
		{"explain", "403", "INSUFFICIENT_FUNDS"},
		{"explain", "--list"},
		{har},
		{"diagnose", har, "-o", "json"},
		{"diagnose", har, "-o", "har"},
		{"diagnose", har, "-o", "markdown"},
		{"compare", har, har},
		{"scan", har},
		{"support", har},
		{"replay", "--dry-run", har},
		{"call", "create-card", "--dry-run", "a=b"},
		{"--dry-run", "curl", "https://test.immersve.com/api/currencies"},
		{"completion", "bash"},
		{"man"},
		{"nonsense"},
	} {
		if state := withoutSockets(t, args); state.ExitCode() < 0 || state.ExitCode() > 5 {
			t.Errorf("%s: %v", strings.Join(args, " "), state)
		}
	}
	if state := withoutSockets(t, []string{"call", "list-currencies", "--env", "http://127.0.0.1:9"}); state.ExitCode() >= 0 {
		t.Errorf("the filter does not work: a call ended with %v", state)
	}
}

func withoutSockets(t *testing.T, args []string) *os.ProcessState {
	t.Helper()
	c := program(t, args...)
	c.Env = append(os.Environ(), netless+"=1", "HTTPS_PROXY=http://127.0.0.1:9", "HTTP_PROXY=http://127.0.0.1:9")
	out, err := c.CombinedOutput()
	if c.ProcessState == nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if code := c.ProcessState.ExitCode(); code >= 98 {
		t.Skipf("no filter of system calls here: %s", out)
	}
	return c.ProcessState
}

func init() { // before TestMain, which becomes the program at once
	if os.Getenv(netless) != "" {
		launch()
	}
}
