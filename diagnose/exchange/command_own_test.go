package exchange

import (
	"os/exec"
	"strings"
	"testing"
)

// A printed command is pasted into a shell: nothing of a capture may expand there,
// also where it looks like the variables that this tool writes.
func TestNothingOfACaptureExpands(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh")
	}
	const bait = "$IMMERSVE_API_SECRET${IMMERSVE_API_SECRET}`echo $IMMERSVE_API_SECRET`$(echo $IMMERSVE_API_SECRET)\"'\\"
	r := &Request{Method: "POST", URL: ParseURL("https://test.immersve.com/api/" + bait + "?x=" + bait), Body: NewBody([]byte(bait))}
	for _, name := range []string{"x-account-id", "X-Debug", "x-" + bait} {
		r.Header.Add(name, bait)
	}
	r.Header.Add("x-api-key", bait)
	for _, own := range []bool{true, false} {
		command := "curl() { printf '<%s>\\n' \"$@\"; }; " + r.CurlCommand(false, own)
		run := exec.Command(shell, "-c", command)
		run.Env = []string{"IMMERSVE_API_SECRET=leaked", "IMMERSVE_API_KEY=key"}
		out, err := run.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if strings.Contains(string(out), "leaked") || own != strings.Contains(string(out), "<x-api-key: key>") {
			t.Errorf("own %v: a shell makes of the command\n%s", own, out)
		}
	}
}

// Only the hosts that the credentials belong to get them.
func TestCommandsForStrangersHoldNoVariable(t *testing.T) {
	r := &Request{Method: "GET", URL: ParseURL("https://strange.example/api/cards")}
	r.Header.Add("x-api-secret", secret)
	r.Header.Add("authorization", "Bearer "+jwt)
	if got := r.CurlCommand(false, false); strings.Contains(got, "$") || strings.Contains(got, "0123456789abcdef") {
		t.Errorf("got %s", got)
	}
}
