package scan

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/exchange"
)

var clock = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// understood is what a line is read as.
type understood struct {
	status   int
	request  string // method and URL
	time     string
	consumer string
	lead     diagnose.Lead
}

const (
	testKey    = "imm-key-test-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	testSecret = "imm-secret-test-fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
	testToken  = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiI1YjJmN2MiLCJleHAiOjE3OTU0Mjk4NjV9.c2lnbmF0dXJlc2lnbmF0dXJl"
	shownKey   = "key imm-key-test-01234567…cdef"
)

// lines are the shapes that people have, each as its documentation or its users
// show it.
func lines() []struct {
	name, line string
	want       understood
} {
	kyc := diagnose.Lead{Class: "business-rule", Operation: "create-card", Code: "KYC_REQUIRED", Finding: "error-code", Severity: 2, Failed: true}
	refused := diagnose.Lead{Class: "resource-or-permission", Operation: "create-card", Failed: true}
	limited := diagnose.Lead{Class: "rate-limited", Operation: "get-spending-prerequisites", Finding: "rate-limited", Severity: 2, Failed: true}
	ok := diagnose.Lead{Class: "success", Operation: "list-currencies"}
	const at = "2026-11-23T10:44:12Z"
	return []struct {
		name, line string
		want       understood
	}{
		{
			"pino-http", `{"level":30,"time":1795430652000,"pid":17,"hostname":"api-1","req":{"id":1,"method":"POST","url":"/api/cards","headers":{"host":"test.immersve.com","x-api-key":"` + testKey + `","x-api-secret":"[Redacted]"},"remoteAddress":"10.0.0.1"},"res":{"statusCode":403,"headers":{"content-type":"application/json"},"body":{"statusCode":403,"errorCode":"KYC_REQUIRED"}},"responseTime":12,"msg":"request errored"}`,
			understood{403, "POST //test.immersve.com/api/cards", at, shownKey, kyc},
		},
		{
			"bunyan, body as a string", `{"name":"app","hostname":"h","pid":1,"level":30,"req":{"method":"POST","url":"/api/cards","headers":{"X-Api-Key":"` + testKey + `"}},"res":{"statusCode":403,"body":"{\"errorCode\":\"KYC_REQUIRED\"}"},"msg":"","time":"2026-11-23T10:44:12.000Z","v":0}`,
			understood{403, "POST /api/cards", at, shownKey, kyc},
		},
		{
			"express-winston", `{"level":"info","message":"HTTP POST /api/cards","meta":{"req":{"url":"/api/cards","method":"POST","originalUrl":"/api/cards"},"res":{"statusCode":403},"responseTime":5},"timestamp":"2026-11-23T10:44:12.000Z"}`,
			understood{403, "POST /api/cards", at, "", refused},
		},
		{
			"winston with a level called status", `{"status":"error","level":"error","statusCode":403,"method":"post","url":"https://test.immersve.com/api/cards","errorCode":"KYC_REQUIRED","timestamp":"2026-11-23 10:44:12,000"}`,
			understood{403, "POST https://test.immersve.com/api/cards", at, "", kyc},
		},
		{
			"ecs, nested", `{"@timestamp":"2026-11-23T10:44:12.000Z","http":{"request":{"method":"POST"},"response":{"status_code":403,"body":{"content":"{\"errorCode\":\"KYC_REQUIRED\"}"}}},"url":{"full":"https://test.immersve.com/api/cards"},"source":{"ip":"203.0.113.9"},"event":{"duration":1200}}`,
			understood{403, "POST https://test.immersve.com/api/cards", at, "ip 203.0.113.9", kyc},
		},
		{
			"ecs, dotted", `{"@timestamp":"2026-11-23T10:44:12.000Z","http.request.method":"POST","http.response.status_code":403,"url.path":"/api/cards","url.domain":"test.immersve.com","error.code":"KYC_REQUIRED"}`,
			understood{403, "POST //test.immersve.com/api/cards", at, "", kyc},
		},
		{
			"opentelemetry, new", `{"name":"POST","startTimeUnixNano":"1795430652000000000","attributes":{"http.request.method":"POST","http.response.status_code":429,"url.full":"https://test.immersve.com/api/spending-prerequisites"}}`,
			understood{429, "POST https://test.immersve.com/api/spending-prerequisites", at, "", limited},
		},
		{
			"opentelemetry, old", `{"Name":"HTTP POST","StartTime":"2026-11-23T10:44:12.000000Z","Attributes":{"http.method":"POST","http.status_code":429,"http.url":"https://test.immersve.com/api/spending-prerequisites"}}`,
			understood{429, "POST https://test.immersve.com/api/spending-prerequisites", at, "", limited},
		},
		{
			"api gateway", `{"requestId":"c6af9ac6","ip":"203.0.113.9","requestTime":"23/Nov/2026:10:44:12 +0000","httpMethod":"POST","routeKey":"POST /api/cards","path":"/api/cards","status":"403","protocol":"HTTP/1.1","responseLength":"66"}`,
			understood{403, "POST /api/cards", at, "ip 203.0.113.9", refused},
		},
		{
			"caddy", `{"level":"info","ts":1795430652.0,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"203.0.113.9","client_ip":"203.0.113.9","proto":"HTTP/2.0","method":"POST","host":"test.immersve.com","uri":"/api/cards","headers":{"X-Api-Key":["` + testKey + `"]}},"duration":0.01,"status":403,"resp_headers":{"Content-Type":["application/json"]}}`,
			understood{403, "POST //test.immersve.com/api/cards", at, shownKey, refused},
		},
		{
			"traefik", `{"ClientAddr":"203.0.113.9:51234","ClientHost":"203.0.113.9","DownstreamStatus":403,"Duration":1000,"OriginStatus":403,"RequestHost":"test.immersve.com","RequestMethod":"POST","RequestPath":"/api/cards","RequestScheme":"https","StartUTC":"2026-11-23T10:44:12.0Z","level":"info","msg":"","time":"2026-11-23T10:44:13Z"}`,
			understood{403, "POST https://test.immersve.com/api/cards", at, "ip 203.0.113.9", refused},
		},
		{
			"nginx", `{"time_iso8601":"2026-11-23T10:44:12+00:00","remote_addr":"203.0.113.9","request":"POST /api/cards HTTP/1.1","status":"403","body_bytes_sent":"66","request_time":"0.010","http_x_api_key":"` + testKey + `"}`,
			understood{403, "POST /api/cards", at, shownKey, refused},
		},
		{
			"envoy", `{"start_time":"2026-11-23T10:44:12.000Z","method":"POST","path":"/api/cards","protocol":"HTTP/2","response_code":403,"authority":"test.immersve.com","duration":12,"downstream_remote_address":"203.0.113.9:4444"}`,
			understood{403, "POST //test.immersve.com/api/cards", at, "ip 203.0.113.9", refused},
		},
		{
			"google cloud", `{"httpRequest":{"requestMethod":"POST","requestUrl":"https://test.immersve.com/api/cards","status":403,"remoteIp":"203.0.113.9","latency":"0.1s"},"timestamp":"2026-11-23T10:44:12Z","severity":"WARNING"}`,
			understood{403, "POST https://test.immersve.com/api/cards", at, "ip 203.0.113.9", refused},
		},
		{
			"axios error", `{"level":"error","time":"2026-11-23T10:44:12Z","err":{"name":"AxiosError","code":"ERR_BAD_REQUEST","config":{"method":"post","url":"/api/cards","baseURL":"https://test.immersve.com"},"response":{"status":403,"data":{"statusCode":403,"errorCode":"KYC_REQUIRED"}}}}`,
			understood{403, "POST https://test.immersve.com/api/cards", at, "", kyc},
		},
		{
			"no response", `{"time":"2026-11-23T10:44:12Z","method":"GET","url":"https://test.immersve.com/api/currencies","err":{"code":"ECONNREFUSED"}}`,
			understood{0, "GET https://test.immersve.com/api/currencies", at, "", diagnose.Lead{Class: "no-response", Operation: "list-currencies", Finding: "connection-refused", Severity: 2, Failed: true}},
		},
		{
			"zap", `{"level":"info","ts":1795430652,"caller":"x.go:1","msg":"/api/currencies","status":200,"method":"GET","path":"/api/currencies","query":"limit=2","ip":"203.0.113.9","latency":0.01}`,
			understood{200, "GET /api/currencies?limit=2", at, "ip 203.0.113.9", ok},
		},
		{
			"logrus, a token's user", `{"level":"info","time":"2026-11-23T10:44:12Z","status":200,"method":"GET","uri":"/api/currencies","request":{"headers":{"authorization":"Bearer ` + testToken + `"}}}`,
			understood{200, "GET /api/currencies", at, "user 5b2f7c", ok},
		},
		{
			"a slash escaped", `{"ts":"2026-11-23T10:44:12Z","status_code":200,"http_method":"GET","url":"https:\/\/test.immersve.com\/api\/currencies"}`,
			understood{200, "GET https://test.immersve.com/api/currencies", at, "", ok},
		},
		{
			"a HAR entry", `{"startedDateTime":"2026-11-23T10:44:12.000Z","time":12,"request":{"method":"GET","url":"https://test.immersve.com/api/currencies","headers":[{"name":"X-Api-Key","value":"` + testKey + `"}]},"response":{"status":200,"content":{"text":"{}"}}}`,
			understood{200, "GET https://test.immersve.com/api/currencies", at, shownKey, ok},
		},
		{
			"docker", `{"log":"{\"time\":\"2026-11-23T10:44:12Z\",\"status\":403,\"method\":\"POST\",\"path\":\"/api/cards\"}\n","stream":"stdout","time":"2026-11-23T10:44:13.000Z"}`,
			understood{403, "POST /api/cards", at, "", refused},
		},
		{
			"kubernetes", `2026-11-23T10:44:13.1Z stdout F {"time":"2026-11-23T10:44:12Z","status":403,"method":"POST","path":"/api/cards"}`,
			understood{403, "POST /api/cards", at, "", refused},
		},
		{
			"an access log in docker's", `{"log":"203.0.113.9 - - [23/Nov/2026:10:44:12 +0000] \"GET /api/currencies HTTP/1.1\" 200 5\n","stream":"stdout","time":"2026-11-23T10:44:13.000Z"}`,
			understood{200, "GET /api/currencies", at, "ip 203.0.113.9", ok},
		},
		{
			"an error body", `{"statusCode":403,"statusName":"Forbidden","errorCode":"KYC_REQUIRED"}`,
			understood{403, "", "", "", diagnose.Lead{Class: "business-rule", Code: "KYC_REQUIRED", Finding: "error-code", Severity: 2, Failed: true}},
		},
		{
			"combined", `203.0.113.9 - alice [23/Nov/2026:10:44:12 +0000] "POST /api/cards HTTP/1.1" 403 66 "-" "curl/8.5.0"`,
			understood{403, "POST /api/cards", at, "ip 203.0.113.9", refused},
		},
		{
			"common, another zone", `2001:db8::7 - - [23/Nov/2026:23:44:12 +1300] "GET /api/currencies?limit=2 HTTP/1.1" 200 66`,
			understood{200, "GET /api/currencies?limit=2", at, "ip 2001:db8::7", ok},
		},
		{
			"combined with a virtual host", `test.immersve.com:443 203.0.113.9 - - [23/Nov/2026:10:44:12 +0000] "POST /api/cards HTTP/1.1" 403 66 "-" "curl"`,
			understood{403, "POST //test.immersve.com:443/api/cards", at, "ip 203.0.113.9", refused},
		},
		{
			"envoy's default", `[2026-11-23T10:44:12.000Z] "POST /api/cards HTTP/2" 403 - 154 0 226 100 "10.0.35.28" "curl" "cc21d9b0" "test.immersve.com" "10.0.0.1:80"`,
			understood{403, "POST /api/cards", at, "", refused},
		},
		{
			"aws load balancer", `https 2026-11-23T10:44:12.000000Z app/lb/50dc6c495c0c9188 203.0.113.9:2817 10.0.0.1:80 0.000 0.001 0.000 403 403 34 366 "POST https://test.immersve.com:443/api/cards HTTP/1.1" "curl/7.46.0" ECDHE TLSv1.2 arn:aws "Root=1-58337281" "-" "-" 0`,
			understood{403, "POST https://test.immersve.com:443/api/cards", at, "ip 203.0.113.9", refused},
		},
		{
			"cloudfront", "2026-11-23\t10:44:12\tFRA2-C1\t66\t203.0.113.9\tPOST\ttest.immersve.com\t/api/cards\t403\t-\tcurl\t-\t-",
			understood{403, "POST //test.immersve.com/api/cards", at, "ip 203.0.113.9", refused},
		},
		{
			"pino-http with an error that quotes the body", `{"level":50,"time":1795430652000,"req":{"method":"POST","url":"/api/cards"},"res":{"statusCode":403,"headers":{}},"err":{"type":"AxiosError","message":"Request failed with status code 403 {\"statusCode\":403,\"errorCode\":\"KYC_REQUIRED\"}","stack":"at x"},"msg":"request errored"}`,
			understood{403, "POST /api/cards", at, "", kyc},
		},
		{
			"a quoted body of another answer", `{"time":1795430652000,"req":{"method":"POST","url":"/api/cards"},"res":{"statusCode":403},"msg":"after {\"statusCode\":400,\"errorCode\":\"KYC_REQUIRED\"}"}`,
			understood{403, "POST /api/cards", at, "", refused},
		},
		{
			"a message with the request before the body", `{"level":50,"time":1795430652000,"msg":"POST https://test.immersve.com/api/cards failed: Request failed with status code 403 {\"statusCode\":403,\"errorCode\":\"KYC_REQUIRED\"}"}`,
			understood{403, "POST https://test.immersve.com/api/cards", at, "", kyc},
		},
		{"kubectl logs --prefix", `[pod/api-7f/app] {"time":1795430652000,"req":{"method":"GET","url":"/api/currencies"},"res":{"statusCode":200}}`, understood{200, "GET /api/currencies", at, "", ok}},
		{"kubectl logs --prefix, access log", `[pod/api-7f/app] 10.0.0.1 - - [23/Nov/2026:10:44:12 +0000] "GET /api/currencies HTTP/1.1" 200 12`, understood{200, "GET /api/currencies", at, "ip 10.0.0.1", ok}},
		{"kubectl logs --timestamps", `2026-11-23T10:44:12.000000000Z {"req":{"method":"GET","url":"/api/currencies"},"res":{"statusCode":200}}`, understood{200, "GET /api/currencies", at, "", ok}},
		{"CRI", `2026-11-23T10:44:12.000000000Z stdout F {"req":{"method":"GET","url":"/api/currencies"},"res":{"statusCode":200}}`, understood{200, "GET /api/currencies", at, "", ok}},
		{"Docker's json-file, access log", `{"log":"10.0.0.1 - - [23/Nov/2026:10:44:12 +0000] \"GET /api/currencies HTTP/1.1\" 200 12\n","stream":"stdout","time":"2026-11-23T10:44:13Z"}`, understood{200, "GET /api/currencies", at, "ip 10.0.0.1", ok}},
		{"journald", `{"__REALTIME_TIMESTAMP":"1795430652000000","_PID":"12","MESSAGE":"{\"method\":\"GET\",\"path\":\"/api/currencies\",\"status\":200}"}`, understood{200, "GET /api/currencies", at, "", ok}},
		{"Lambda", "2026-11-23T10:44:12.000Z\t7f1-22\tINFO\t" + `{"method":"GET","path":"/api/currencies","status":200}`, understood{200, "GET /api/currencies", at, "", ok}},
		{"Grafana, JSON", `{"line":"{\"method\":\"GET\",\"path\":\"/api/currencies\",\"status\":200}","timestamp":"1795430652000000000","fields":{"app":"b"}}`, understood{200, "GET /api/currencies", at, "", ok}},
		{"Datadog", `{"id":"B","attributes":{"timestamp":"2026-11-23T10:44:12Z","attributes":{"http":{"status_code":"403","method":"POST","url_details":{"path":"/api/cards"}}}}}`, understood{403, "POST /api/cards", at, "", refused}},
		{"slog", `time=2026-11-23T10:44:12.000Z level=INFO msg="request done" method=GET path=/api/currencies status=200 duration=12ms`, understood{200, "GET /api/currencies", at, "", ok}},
		{"logrus", `time="2026-11-23T10:44:12Z" level=error msg="it said \"no\"" method=POST url="https://test.immersve.com/api/cards" status_code=403 error_code=KYC_REQUIRED`, understood{403, "POST https://test.immersve.com/api/cards", at, "", kyc}},
		{"Heroku's router", `2026-11-23T10:44:12.000000+00:00 heroku[router]: at=info method=GET path="/api/currencies" host=app.example.com fwd="10.0.0.1" dyno=web.1 connect=1ms service=18ms status=200 bytes=13`, understood{200, "GET //app.example.com/api/currencies", at, "", ok}},
		{"logfmt in a message", `{"time":1795430652000,"message":"method=GET path=/api/currencies status=200"}`, understood{200, "GET /api/currencies", at, "", ok}},
	}
}

func TestShapes(t *testing.T) {
	for _, tt := range lines() {
		t.Run(tt.name, func(t *testing.T) {
			l := newLane(New(Options{}))
			if !l.parse([]byte(tt.line)) {
				t.Fatalf("not recognised: %s", tt.line)
			}
			if diff := cmp.Diff(tt.want, l.understood(), cmp.AllowUnexported(understood{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func (l *lane) understood() understood {
	u := understood{status: l.entry.status, time: stamp(l.entry.when), consumer: l.entry.consumer(), lead: diagnose.LeadOf(l.entry.exchange(), clock)}
	if r := l.entry.request(); r.Method != "" {
		target := r.URL.String()
		if r.URL.Scheme == "" && r.URL.Host != "" {
			target = "//" + r.URL.Authority() + target
		}
		u.request = string(r.Method) + " " + target
	}
	return u
}

// What has the words of a record but not its values, and what was cut or glued
// together, is none.
func TestNoRecord(t *testing.T) {
	for _, line := range []string{
		``, `{}`, `[]`, `garbage`, `{"level":"info","msg":"started"}`, `{"status":"ok","method":"GET"}`, `{"status":200}`, `{"code":200,"msg":"x"}`,
		`{"statusCode":999,"method":"GET"}`, `{"statusCode":"40","url":"/x"}`, `{"status":20034,"method":"GET"}`, `{"statusCode":200`,
		`{"statusCode":200,"method":"GET","url":"/api/car`, `{"statusCode":2{"statusCode":200,"method":"GET"}`, `{"statusCode":200} trailing`,
		`{"statusCode":200,"x":[}`, `{"statusCode":200,"x":{"y":]}}`, `{"statusCode":200,}`, `{"statusCode" 200}`, `{"statusCode":200,"a":tru}`,
		`203.0.113.9 - - [23/Nov/2026:10:44:12 +0000] "GET /x HTTP/1.1" -`, `203.0.113.9 - - [yesterday] "GET /x HTTP/1.1" 200 5`,
		`203.0.113.9 - - [23/Nov/2026:10:44:12 +0000] "GET /x`, `say "GET /x HTTP/1.1" 200`, `"GET /x HTTP/1.1" 200 1`,
		`{"message":"payment took 200 ms","url":"/x","elapsed":200}`,
	} {
		if l := newLane(New(Options{})); l.parse([]byte(line)) {
			t.Errorf("recognised: %s as %+v", line, l.understood())
		}
	}
}

// A logger's redaction is no mistake of the request.
func TestRedactionIsNotAccused(t *testing.T) {
	for _, line := range []string{
		`{"res":{"statusCode":401},"req":{"method":"GET","url":"/api/currencies","headers":{"authorization":"[Redacted]"}}}`,
		`{"res":{"statusCode":401},"req":{"method":"GET","url":"/api/currencies","headers":{"authorization":"Bearer ***"}}}`,
		`{"res":{"statusCode":401},"req":{"method":"GET","url":"/api/currencies","headers":{"x-api-key":"` + testKey + `","x-api-secret":"<redacted>"}}}`,
		`{"res":{"statusCode":401},"req":{"method":"GET","url":"/api/currencies","headers":{"accept":"*/*"}}}`,
		`{"res":{"statusCode":400},"req":{"method":"POST","url":"/api/cards/a/set-pin","body":{"pin":"[FILTERED]"}}}`,
		`{"res":{"statusCode":400},"req":{"method":"POST","url":"/api/cards","body":"{\"cardProgramId\":\"7dfa2e3ed390493ab307fac622f0"}}`,
	} {
		l := newLane(New(Options{}))
		if !l.parse([]byte(line)) {
			t.Fatalf("not recognised: %s", line)
		}
		if lead := diagnose.LeadOf(l.entry.exchange(), clock); lead.Severity == 2 {
			t.Errorf("%s: accused of %s", line, lead.Finding)
		}
	}
}

// What a logger took out was sent. What isn't there at all may have been dropped, and
// nobody can tell who wrote a row of x's.
func TestRedactedHeaders(t *testing.T) {
	for _, tt := range []struct{ secret, finding string }{
		{`,"x-api-secret":"[Redacted]"`, ""},
		{`,"x-api-secret":"***"`, ""},
		{`,"x-api-secret":"imm-secret-test-a4…"`, ""},
		{`,"x-api-secret":"xxxxxxxxxxxx"`, "credential-placeholder"},
		{``, "api-secret-missing"},
	} {
		line := `{"res":{"statusCode":401},"req":{"method":"GET","url":"https://test.immersve.com/api/currencies","headers":{"host":"test.immersve.com","x-api-key":"` + testKey + `"` + tt.secret + `}}}`
		l := newLane(New(Options{}))
		if !l.parse([]byte(line)) {
			t.Fatalf("not recognised: %s", line)
		}
		d := diagnose.Diagnose(l.entry.exchange(), clock)
		finding := ""
		if len(d.Findings) > 0 {
			finding = d.Findings[0].ID
		}
		if finding != tt.finding || d.Cause() != nil {
			t.Errorf("%s: finding %q, want %q as a suspicion", tt.secret, finding, tt.finding)
		}
	}
}

// The walk takes whatever is JSON, and never more.
func FuzzLine(f *testing.F) {
	for _, tt := range lines() {
		f.Add([]byte(tt.line))
	}
	s := New(Options{Now: clock})
	f.Fuzz(func(t *testing.T, line []byte) {
		l := newLane(s)
		l.begin("fuzz")
		l.inLines = true
		l.one(1, line)
		l.settle()
		if n := l.totals.Exchanges + l.totals.Unrecognised; n > 1 {
			t.Errorf("%q counts %d times", line, n)
		}
		if len(line) > 0 && line[0] == '{' && exchange.ValidJSON(line) {
			if r := new(record); !r.read(line, s.shapes) {
				t.Errorf("valid JSON is not read: %q", line)
			}
		}
		other := append([]byte("x"), line...)
		l.explain(1, other, l.parse(other))
	})
}
