package diagnose_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/exchange"
)

// twoKilobytes is a create-card exchange whose request body has about 2 KB.
func twoKilobytes() *exchange.Exchange {
	body := `{"cardProgramId":"9d8c7b6a5f4e3d2c1b0a99887766554f","fundingSourceId":"315b7e0d4c2f4a619ddb20c7e86f138b",
 "shippingMethod":"standard-courier","language":"en","shippingAddress":{"country":"NZ","town":"Auckland","postalCode":"1010",
 "addressLine1":"1 Queen Street"},"metadata":"` + strings.Repeat("x", 1750) + `"}`
	request := &exchange.Request{Method: "POST", URL: exchange.ParseURL("https://test.immersve.com/api/cards"), HeaderCaptured: true, Body: exchange.NewBody([]byte(body))}
	request.Header.Add("content-type", "application/json")
	request.Header.Add("x-api-key", "imm-key-test-"+strings.Repeat("0f", 32))
	request.Header.Add("x-api-secret", "imm-secret-test-"+strings.Repeat("1e", 32))
	response := &exchange.Response{Status: 403, HeaderCaptured: true, Body: exchange.NewBody([]byte(`{"statusCode":403,"statusName":"Forbidden","errorCode":"KYC_REQUIRED"}`))}
	response.Header.Add("content-type", "application/json")
	return &exchange.Exchange{Request: request, Response: response}
}

// BenchmarkDiagnose reports the time of one diagnosis as a multiple of
// json.Valid on the same body, measured in the same run.
func BenchmarkDiagnose(b *testing.B) {
	ex := twoKilobytes()
	diagnose.Diagnose(ex, clock) // compiles the schema
	for b.Loop() {
		diagnose.Diagnose(ex, clock)
	}
	mine := b.Elapsed() / time.Duration(b.N)
	body := ex.Request.Body.Bytes()
	const rounds = 2000
	start := time.Now()
	for range rounds {
		json.Valid(body)
	}
	b.ReportMetric(float64(mine)/float64(time.Since(start)/rounds), "x/json.Valid")
}
