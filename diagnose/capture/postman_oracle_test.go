package capture_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/exchange"
)

const postmanOracle = captures + "/postman/oracle/"

// wireRequest is a request as a server on loopback wrote it down, without the
// fields that every client of Postman's adds.
type wireRequest struct {
	Method, Target string
	Header         [][2]string
	Body           string
}

func (w wireRequest) String() string {
	var fields []string
	for _, f := range w.Header {
		fields = append(fields, strings.ToLower(f[0])+": "+strings.TrimSpace(f[1]))
	}
	slices.Sort(fields)
	return fmt.Sprintf("%s %s\n  %s\n  %q", w.Method, w.Target, strings.Join(fields, "\n  "), w.Body)
}

func wireOf(r *exchange.Request) wireRequest {
	w := wireRequest{Method: string(r.Method), Target: strings.NewReplacer("{", "%7B", "}", "%7D").Replace(r.URL.Path), Body: string(r.Body.Bytes())}
	if r.URL.HasQuery {
		w.Target += "?" + r.URL.RawQuery
	}
	for _, f := range r.Header {
		w.Header = append(w.Header, [2]string{f.Name, f.Value.Reveal()})
	}
	return w
}

// The oracle is newman 6: what it sent of a collection and an environment is what
// we understand of them. The files were made with the real tool against a server
// on loopback.
func TestPostmanAgreesWithNewman(t *testing.T) {
	var want []wireRequest
	wire, err := os.ReadFile(postmanOracle + "wire.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(wire, &want); err != nil {
		t.Fatal(err)
	}
	environment, err := os.ReadFile(postmanOracle + "environment.json")
	if err != nil {
		t.Fatal(err)
	}
	values, err := capture.ParseEnvironment(environment, "")
	if err != nil {
		t.Fatal(err)
	}
	collection, err := os.ReadFile(postmanOracle + "collection.json")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	_, err = capture.Each(bytes.NewReader(collection), "collection.json", capture.Options{Variables: values}, func(ex *exchange.Exchange) bool {
		if n < len(want) && wireOf(ex.Request).String() != want[n].String() {
			t.Errorf("request %d, line %d: understood\n%s\nnewman sent\n%s", n, ex.Source.Line, wireOf(ex.Request), want[n])
		}
		n++
		return true
	})
	if err != nil || n != len(want) || n < 40 {
		t.Errorf("%d requests, %v; newman sent %d", n, err, len(want))
	}
}
