package capture_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// copied are a capture of curl -v and one of curl -i, as they come out of curl.
func copied() map[string]string {
	return map[string]string{
		"-v": "*   Trying 127.0.0.1:443...\n* Connected to test.immersve.com (127.0.0.1) port 443 (#0)\n" +
			"> POST /api/cards HTTP/1.1\n> Host: test.immersve.com\n> Accept: */*\n> x-api-key: imm-key-test-" + strings.Repeat("3e97caa7", 8) + "\n" +
			"> x-api-secret: imm-secret-test-" + strings.Repeat("5f7a1eb7", 8) + "\n> Content-Length: 2\n> \n" +
			"< HTTP/1.1 403 Forbidden\n< Content-Type: application/json\n< \n* Connection #0 to host test.immersve.com left intact\n" +
			`{"statusCode":403,"statusName":"Forbidden","errorCode":"KYC_REQUIRED","reason":"the cardholder has not passed it"}` + "\n",
		"-i": "HTTP/1.1 403 Forbidden\nContent-Type: application/json\n\n" +
			`{"statusCode":403,"statusName":"Forbidden","errorCode":"KYC_REQUIRED","reason":"the cardholder has not passed it"}` + "\n",
	}
}

// before puts a text before each line.
func before(text string, prefixes ...string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := range lines {
		lines[i] = prefixes[i%len(prefixes)] + lines[i]
	}
	return strings.Join(lines, "\n") + "\n"
}

// padded fills each line with blanks, as a terminal's screen is copied.
func padded(text string, width int) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := range lines {
		lines[i] += strings.Repeat(" ", max(0, width-len(lines[i])))
	}
	return strings.Join(lines, "\n") + "\n"
}

// wrapped breaks each line where a terminal's screen ends.
func wrapped(text string, width int) string {
	var b strings.Builder
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		for len(line) > width {
			b.WriteString(line[:width] + "\n")
			line = line[width:]
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// What loggers, containers, terminals and chats add to every line of a capture
// does not change what it says.
func TestCopiesSayTheSame(t *testing.T) {
	html := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")
	for kind, text := range copied() {
		want, _, err := readAll("-", strings.NewReader(text))
		if err != nil || len(want) != 1 {
			t.Fatalf("%s: %v, %v", kind, want, err)
		}
		quoted, _ := json.Marshal(text)
		for name, copy := range map[string]string{
			"ts":                 before(text, "Nov 27 23:51:02 ", "Nov 27 23:51:03 "),
			"ts of a short day":  before(text, "Nov  7 23:51:02 "),
			"ts -s":              before(text, "00:00:01 "),
			"ISO time":           before(text, "2026-11-27T23:51:02.123456Z ", "2026-11-27T23:51:03.1Z "),
			"time in brackets":   before(text, "[2026-11-27 23:51:02] "),
			"--trace-time":       before(text, "23:52:21.385718 "),
			"compose":            before(text, "api-1  | "),
			"compose, in colour": before(text, "\x1b[36mapi-1  |\x1b[0m "),
			"kubectl --prefix":   before(text, "[pod/api-6d5f/api] "),
			"kubectl with times": before(text, "[pod/api-6d5f/api] 2026-11-27T23:51:02.123456789Z "),
			"a GitHub log":       "##[group]Run curl\n" + before(text, "2026-11-27T23:51:02.1234567Z "),
			"gh run view --log":  before(text, "deploy\tCall API\t2026-11-27T23:51:02.1234567Z "),
			"journalctl":         before(text, "Nov 27 23:51:02 host app[4711]: "),
			"HTML entities":      html.Replace(text),
			"no-break spaces":    strings.ReplaceAll(text, " ", "\u00a0"),
			"padded lines":       padded(text, 120),
			"wrapped at 80":      wrapped(text, 80),
			"wrapped at 40":      wrapped(text, 40),
			"blank lines":        strings.ReplaceAll(text, "\n", "\n\n"),
			"a JSON string":      string(quoted),
			"smart quotes":       strings.NewReplacer(`{"`, "{“", `":"`, "”:“", `","`, "”,“", `":`, "”:", `,"`, ",“", `"}`, "”}").Replace(text),
		} {
			got, _, err := readAll("-", strings.NewReader(copy))
			if err != nil || len(got) != 1 {
				t.Errorf("%s, %s: read %d exchanges, %v", kind, name, len(got), err)
				continue
			}
			got[0].Line = want[0].Line
			got[0].Notes = nil
			a, _ := json.Marshal(want)
			b, _ := json.Marshal(got)
			if string(a) != string(b) {
				t.Errorf("%s, %s:\n got %s\nwant %s", kind, name, b, a)
			}
		}
	}
}

// What only looks like a copy stays as it is.
func TestNoCopies(t *testing.T) {
	for name, text := range map[string]string{
		"a trace":             "=> Send header, 30 bytes (0x1e)\n0000: GET /api/currencies HTTP/1.1\n001d: \n<= Recv header, 22 bytes (0x16)\n0000: HTTP/1.1 403 Forbidden\n",
		"a quoted answer":     "The server said HTTP/1.1 403 Forbidden\nand I wonder why.\nWhat now?\n",
		"a body with markup":  "HTTP/1.1 400 Bad Request\nContent-Type: application/json\n\n{\"reason\":\"&lt;a&gt; is &quot;bad&quot;\"}\n",
		"a body of two lines": "HTTP/1.1 400 Bad Request\n\n{\"reason\":\n\"a\u00a0b\"}\n",
	} {
		got, _, _ := readAll("-", strings.NewReader(text))
		for _, v := range got {
			if v.Response != nil && v.Response.Status == 400 && !strings.Contains(text, v.Response.Body) {
				t.Errorf("%s: the body became %q", name, v.Response.Body)
			}
			if v.Request != nil && v.Request.Line == "0000: GET" {
				t.Errorf("%s: %v", name, v)
			}
		}
	}
}

// What curl -w and time write beside a message is not left over.
func TestNothingLeftOfWriteOut(t *testing.T) {
	for kind, text := range copied() {
		for _, tail := range []string{
			"{\"content-type\":[\"application/json\"],\n\"date\":[\"Fri, 27 Nov 2026 23:52:20 GMT\"]\n}\n",
			"time_namelookup: 0.000019\ntime_connect: 0.000222s\n----------\ntime_total: 0.000597\n",
			"\nreal\t0m0.035s\nuser\t0m0.010s\nsys\t0m0.010s\n",
		} {
			list, summary, err := readAll("-", strings.NewReader(text+tail))
			if err != nil || len(list) != 1 || summary.LeftLines > 0 {
				t.Errorf("%s and %q: %d exchanges, %v, left over: %v", kind, tail, len(list), err, summary.Left)
			}
		}
	}
}
