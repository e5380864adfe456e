package simulator

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// FuzzServe sends anything with good credentials: no panic, and no fault of the
// simulator's own.
func FuzzServe(f *testing.F) {
	s, err := New(Options{Now: time.Now, RateLimit: 1 << 40})
	if err != nil {
		f.Fatal(err)
	}
	d := s.Demo()
	f.Add("POST", "/api/cards", `{"cardProgramId":"`+d.CardProgramID+`","fundingSourceId":"`+d.FundingSourceID+`"}`, "application/json", "")
	f.Add("POST", "/api/funding-sources/"+d.FundingSourceID+"/withdraw", `{"amount":1e3}`, "application/json", "")
	f.Add("PUT", "/api/accounts/"+d.NewCardholderAccountID+"/partner-kyc-statement", strings.Replace(statement, "%q", `"x"`, 2), "application/json", "")
	f.Add("POST", "/api/accounts/"+d.CardholderAccountID+"/residential-addresses", `[{"country":"NZ","fullAddress":"x"}]`, "application/json", "")
	f.Add("POST", "/auth/token", `{"refreshToken":"`+d.RefreshToken+`","clientApplicationId":"x"}`, "application/json", "")
	f.Add("GET", "/api/accounts/"+d.CardholderAccountID+"/cards?limit=1e9&cursor=MQ", "", "", "")
	f.Add("GET", "/api/currency/convert?currency=JPY&amount=-1&targetCurrency=KWD", "", "", "")
	f.Add("GET", "/api/cards/%2e%2e%2f%zz", "", "", "403:KYC_REQUIRED, retry-after=\x00")
	f.Add("POST", "/api/file-uploads", "--xx\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n", "multipart/form-data; boundary=xx", "")
	f.Add("GET", "/_simulator/kyc/x", "", "", "")
	f.Fuzz(func(t *testing.T, method, target, body, contentType, order string) {
		if strings.Contains(order, "timeout") || method == "" || !strings.HasPrefix(target, "/") {
			return
		}
		r, err := http.NewRequest(method, "http://localhost"+target, strings.NewReader(body))
		if err != nil {
			return
		}
		r.RemoteAddr = "127.0.0.1:1"
		r.Header.Set("X-Api-Key", d.APIKey)
		r.Header.Set("X-Api-Secret", d.APISecret)
		r.Header.Set("X-Account-Id", d.CardholderAccountID)
		if contentType != "" {
			r.Header.Set("Content-Type", contentType)
		}
		if order != "" {
			r.Header.Set(demandField, order)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code >= 500 && order == "" && !strings.Contains(w.Body.String(), "SERVICE_UNAVAILABLE") && !strings.Contains(w.Body.String(), paymentFault) {
			t.Errorf("%s %s: %d %s", method, target, w.Code, w.Body)
		}
	})
}
