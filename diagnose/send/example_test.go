package send_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"time"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/send"
	"immersve-doctor/troubleshoot"
	"immersve-doctor/troubleshoot/report"
)

// A program's client reports why a call failed, while the program itself notices
// nothing of it.
func ExampleObserver() {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"statusCode":403,"errorCode":"KYC_REQUIRED"}`)
	}))
	defer api.Close()

	observer := &send.Observer{Observe: func(ex *exchange.Exchange) {
		d := diagnose.Diagnose(ex, time.Now())
		fmt.Println(d.Status(), d.OperationID(), d.Findings[0].ID)
	}}
	client := &http.Client{Transport: observer}
	response, err := client.Post(api.URL+"/api/cards", "application/json", strings.NewReader(`{}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	_ = observer.Close() // at the end of the program
	// Output: 403 create-card error-code
}

// The failures go to a file of JSON lines, secrets masked.
func ExampleObserver_file() {
	api := httptest.NewServer(http.NotFoundHandler())
	defer api.Close()
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	name := filepath.Join(dir, "failures.ndjson")
	file, err := os.Create(name)
	if err != nil {
		fmt.Println(err)
		return
	}

	observer := &send.Observer{Observe: func(ex *exchange.Exchange) {
		plan, err := troubleshoot.NewPlan(diagnose.Diagnose(ex, time.Now()))
		if err == nil {
			err = report.JSON(file, &plan)
		}
		if err != nil {
			fmt.Println(err)
		}
	}}
	request, err := http.NewRequest(http.MethodGet, api.URL+"/api/crads", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	request.Header.Set("x-api-secret", "imm-secret-test-0123456789abcdef")
	response, err := (&http.Client{Transport: observer}).Do(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = response.Body.Close()
	_ = observer.Close()
	_ = file.Close()
	text, err := os.ReadFile(name)
	fmt.Println(strings.Count(string(text), "\n"), strings.Contains(string(text), "0123456789abcdef"), err)
	// Output: 1 false <nil>
}
