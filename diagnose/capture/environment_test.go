package capture_test

import (
	"errors"
	"maps"
	"strconv"
	"strings"
	"testing"

	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/exchange"
)

var environments = []struct {
	does, content, name string
	want                map[string]string
	refused             string
}{
	{does: "Postman's environment", content: `{"id":"1","values":[{"key":"a","value":"1","enabled":true},{"key":"off","value":"2","enabled":false},{"key":"n","value":3},{"key":"","value":"x"},{"key":"unset"}]}`, want: map[string]string{"a": "1", "n": "3", "unset": ""}},
	{does: "wrong types in it", content: `{"values":[1,null,{"key":{},"value":[]},{"key":"a","value":{"b":1}},{"key":"b","value":true}]}`, want: map[string]string{"b": "true"}},
	{does: "JetBrains, one environment", content: `{"dev":{"host":"http://127.0.0.1","port":4010,"Security":{"Auth":{}}}}`, want: map[string]string{"host": "http://127.0.0.1", "port": "4010"}},
	{does: "JetBrains, one of several", content: `{"dev":{"a":"1"},"prod":{"a":"2"}}`, name: "prod", want: map[string]string{"a": "2"}},
	{does: "none chosen", content: `{"dev":{"a":"1"},"prod":{"a":"2"}}`, refused: `several ("dev", "prod"), so choose one with FILE:NAME`},
	{does: "one that is not there", content: `{"dev":{"a":"1"}}`, name: "test", refused: `unknown environment "test", use "dev"`},
	{does: "REST Client's settings", content: `{"editor.tabSize":2,"rest-client.environmentVariables":{"$shared":{"v":"v1","a":"0"},"local":{"a":"1"},"x":{"a":"2"}}}`, name: "local", want: map[string]string{"v": "v1", "a": "1"}},
	{does: "shared alone", content: `{"$shared":{"v":"v1"}}`, want: map[string]string{"v": "v1"}},
	{does: "an object of texts", content: `{"a":"1","b":2,"c":null}`, want: map[string]string{"a": "1", "b": "2"}},
	{does: "dotenv", content: "# comment\nexport A=1\nB = \"two words\" # why\nC='x=y'\nD=4 # four\nE=\n", want: map[string]string{"A": "1", "B": "two words", "C": "x=y", "D": "4", "E": ""}},
	{does: "CRLF and a byte-order mark", content: "\xef\xbb\xbfA=1\r\nB=2\r\n", want: map[string]string{"A": "1", "B": "2"}},
	{does: "nothing", content: " \n", refused: "the file is empty"},
	{does: "comments only", content: "# a\n", refused: "has no variables"},
	{does: "an empty object", content: "{}", refused: "has no variables"},
	{does: "broken JSON", content: `{"a":`, refused: "starts like JSON but isn't valid"},
	{does: "prose", content: "A=1\nhello\n", refused: "line 2 isn't NAME=value"},
	{does: "binary data", content: "\x00\x01\x02\x00\xff", refused: "binary data"},
	{does: "deep JSON", content: strings.Repeat(`{"a":`, 2000), refused: "starts like JSON but isn't valid"},
}

func TestParseEnvironment(t *testing.T) {
	for _, tt := range environments {
		t.Run(tt.does, func(t *testing.T) {
			got, err := capture.ParseEnvironment([]byte(tt.content), tt.name)
			switch {
			case tt.refused != "":
				if !errors.Is(err, capture.ErrEnvironment) || !strings.Contains(err.Error(), tt.refused) {
					t.Errorf("got %v, %v; want the error %q", got, err, tt.refused)
				}
			case err != nil || !maps.Equal(got, tt.want):
				t.Errorf("got %v, %v; want %v", got, err, tt.want)
			}
		})
	}
}

// What the user gives goes before what the file holds, on every level.
func TestGivenVariables(t *testing.T) {
	given := map[string]string{"base": "http://127.0.0.1:4010", "id": "{{prefix}}1", "prefix": "p", "loop": "{{loop}}", "TOKEN": "t0", "CARD": "c9"}
	for _, tt := range []struct{ does, text, want string }{
		{"over the file's", "@base = https://test.immersve.com\n### \nGET {{base}}/api/cards/{{id}}\n", "GET http://127.0.0.1:4010/api/cards/p1"},
		{"inside the file's", "@url = {{base}}/api\n###\nGET {{url}}/cards\n", "GET http://127.0.0.1:4010/api/cards"},
		{"a cycle of their own", "###\nGET {{base}}/{{loop}}\n", "GET http://127.0.0.1:4010/{{loop}}"},
		{"for dotenv", "###\nGET {{base}}/{{$dotenv CARD}}\n", "GET http://127.0.0.1:4010/c9"},
		{"for the process's environment", "###\nGET {{base}}/{{$processEnv CARD}}\n", "GET http://127.0.0.1:4010/c9"},
		{"for JetBrains' environment", "###\nGET {{base}}/{{$env.CARD}}\n", "GET http://127.0.0.1:4010/c9"},
		{"Postman", `{"info":{"schema":"https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},"variable":[{"key":"base","value":"x"}],"item":[{"request":"{{base}}/api/cards/{{id}}"}]}`, "GET http://127.0.0.1:4010/api/cards/p1"},
	} {
		t.Run(tt.does, func(t *testing.T) {
			var got string
			_, err := capture.Each(strings.NewReader(tt.text), "-", capture.Options{Variables: given}, func(ex *exchange.Exchange) bool {
				got = ex.Request.Method.String() + " " + ex.Request.URL.String()
				return true
			})
			if err != nil || got != tt.want {
				t.Errorf("got %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

// Variables that double each other, and texts of nothing but braces, cost no more
// than the bounds allow.
func TestVariablesAreBounded(t *testing.T) {
	var doubling strings.Builder
	for range 3 {
		doubling.WriteString("@x0 = xxxxxxxxxxxxxxxx\n")
	}
	for i := 1; i < 60; i++ {
		doubling.WriteString("@x" + strconv.Itoa(i) + " = {{x" + strconv.Itoa(i-1) + "}}{{x" + strconv.Itoa(i-1) + "}}\n")
	}
	for range 2000 {
		doubling.WriteString("###\nGET https://test.immersve.com/{{x59}}\n")
	}
	var chain strings.Builder
	for i := range 20_000 {
		chain.WriteString("@y" + strconv.Itoa(i) + " = {{y" + strconv.Itoa(i+1) + "}}\n")
	}
	chain.WriteString("###\nGET https://test.immersve.com/{{y0}}\n")
	for name, text := range map[string]string{
		"doubling":      doubling.String(),
		"a long chain":  chain.String(),
		"closing":       "###\nGET https://test.immersve.com/" + strings.Repeat("}}", 1<<18),
		"opening":       "###\nGET https://test.immersve.com/" + strings.Repeat("{{", 1<<18),
		"unknown names": "###\nGET https://test.immersve.com/" + strings.Repeat("{{a}}", 1<<18),
		"separators":    "###\nGET {{a}}/b\n" + strings.Repeat("###\n", 1<<18),
		"definitions":   "###\nGET {{a}}/b\n" + strings.Repeat("@a={{a}}\n", 1<<17),
		"folders":       `{"info":{"schema":"https://schema.getpostman.com/"},"item":` + strings.Repeat(`[{"item":`, 1<<18),
		"flat folders":  `{"info":{"schema":"https://schema.getpostman.com/"},"item":[` + strings.Repeat(`{"item":[{"request":"x"}]},`, 1<<18),
		"wget lines":    strings.Repeat("--2026-11-27 20:04:02--  http://x/\n[BODY data: \n", 1<<17),
		"httpie errors": strings.Repeat("http: error: x\n\n", 1<<18),
	} {
		t.Run(name, func(t *testing.T) {
			longest := 0
			_, err := capture.Each(strings.NewReader(text), "-", capture.Options{}, func(ex *exchange.Exchange) bool {
				if ex.Request != nil {
					longest = max(longest, len(ex.Request.URL.Path))
				}
				return true
			})
			if err != nil && !errors.Is(err, capture.ErrNothing) || longest > 8<<20 {
				t.Errorf("a path of %d bytes, %v", longest, err)
			}
		})
	}
}

// A line of a log has method and URL like a request of an .http file, and a status
// behind them.
func TestLogLinesAreNoHTTPFile(t *testing.T) {
	const text = "GET https://test.immersve.com/api/cards 403\nPOST https://test.immersve.com/api/cards 403 12ms\n"
	summary, _ := capture.Each(strings.NewReader(text), "-", capture.Options{}, func(*exchange.Exchange) bool { return true }) // any other kind, or none
	if summary.Kind == exchange.KindHTTPFile {
		t.Error("read as an .http file")
	}
}
