package capture_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/exchange"
)

const harHead = `{"log":{"version":"1.2","creator":{"name":"mitmproxy","version":"1"},"entries":[`

// harEntry is one entry, with a response body of so many bytes.
func harEntry(url string, size int) string {
	return fmt.Sprintf(`{"startedDateTime":"2026-11-23T10:44:12.345Z","time":12.5,"request":{"method":"GET","url":%q,"httpVersion":"HTTP/1.1","headers":[{"name":"Accept","value":"*/*"}],"bodySize":0},`+
		`"response":{"status":200,"statusText":"OK","httpVersion":"HTTP/1.1","headers":[{"name":"Content-Type","value":"application/json"}],"content":{"size":%d,"mimeType":"application/json","text":"%s"},"redirectURL":""},"cache":{},"timings":{}}`,
		url, size, strings.Repeat("x", size))
}

func lines(list []view) (all []string) {
	for _, v := range list {
		line := "none"
		if v.Request != nil {
			line = v.Request.Line
		}
		status := 0
		if v.Response != nil {
			status = v.Response.Status
		}
		all = append(all, fmt.Sprintf("%s %d", line, status))
	}
	return all
}

// What cannot be read of a HAR is named with its place, and the rest is read.
func TestHARLeftovers(t *testing.T) {
	good, other := harEntry("https://a/1", 3), harEntry("https://a/2", 3)
	for name, tt := range map[string]struct {
		text   string
		want   []string
		left   []capture.Leftover
		broken string
	}{
		"a wrong type": {
			text: harHead + good + ",\n" + strings.Replace(good, `"status":200`, `"status":{}`, 1) + "," + other + "]}}",
			want: []string{"GET https://a/1 200", "GET https://a/2 200"},
			left: []capture.Leftover{{Line: 2, Entry: 2, Offset: int64(len(harHead) + len(good) + 2), Why: "/response/status is an object instead of a number"}},
		},
		"a comma too many in an entry": {
			text: harHead + strings.Replace(good, `"bodySize":0`, `"bodySize":0,`, 1) + "," + other + "]}}",
			want: []string{"GET https://a/2 200"},
			left: []capture.Leftover{{Line: 1, Entry: 1, Offset: 80, Why: fmt.Sprintf("invalid character ',' at start of value in /request, byte %d of the entry", strings.Index(good, `"bodySize":0`)+len(`"bodySize":0`))}},
		},
		"nothing in an entry": {
			text: harHead + `{"request":{},"response":{"status":0},"_capture":{"request":"none"}},` + `{"request":{"method":null},"response":null},` + good + "]}}",
			want: []string{"GET https://a/1 200"},
			left: []capture.Leftover{
				{Line: 1, Entry: 1, Offset: 80, Why: "its request and its response are empty"},
				{Line: 1, Entry: 2, Offset: 149, Why: "its request and its response are empty"},
			},
		},
		"commas between entries": {
			text: harHead + "," + good + ",," + other + ",]}}",
			want: []string{"GET https://a/1 200", "GET https://a/2 200"},
		},
		"no comma between entries": {
			text: harHead + good + other + "]}}",
			want: []string{"GET https://a/1 200", "GET https://a/2 200"},
		},
		"the end is cut off": {
			text:   harHead + good + "," + other + "]",
			want:   []string{"GET https://a/1 200", "GET https://a/2 200"},
			broken: fmt.Sprintf("the HAR ends at byte %d, after entry 2", len(harHead)+len(good)+len(other)+2),
		},
		"cut inside an entry": {
			text:   harHead + good + "," + other[:100],
			want:   []string{"GET https://a/1 200"},
			broken: fmt.Sprintf("the HAR ends at byte %d, within entry 2", len(harHead)+len(good)+101),
		},
		"cut inside a response's body": {
			text:   harHead + good + "," + other[:strings.Index(other, "xxx")+2],
			want:   []string{"GET https://a/1 200", "GET https://a/2 200"},
			broken: fmt.Sprintf("the HAR ends at byte %d, within entry 2", len(harHead)+len(good)+1+strings.Index(other, "xxx")+2),
		},
		"words where members belong": {
			text:   harHead + good + "]},oops}",
			want:   []string{"GET https://a/1 200"},
			broken: fmt.Sprintf("the HAR can't be read after entry 1: found 'o' at byte %d, expected a field name", len(harHead)+len(good)+3),
		},
	} {
		t.Run(name, func(t *testing.T) {
			list, summary, err := readAll("-", strings.NewReader(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, lines(list)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.left, summary.Left); diff != "" {
				t.Error(diff)
			}
			if summary.Broken != tt.broken || summary.LeftEntries != len(tt.left) {
				t.Errorf("%d entries left, broken %q, want %q", summary.LeftEntries, summary.Broken, tt.broken)
			}
		})
	}
}

// An entry is cut to the limit, and what does not fit even so is left; the input
// may be of any size.
func TestHARBounds(t *testing.T) {
	many := `{"request":{"method":"GET","url":"https://a/","headers":[` + strings.TrimSuffix(strings.Repeat(`{"name":"a","value":"b"},`, 100_000), ",") + `]},"timings":{}}`
	text := harHead + harEntry("https://a/1", 900_000) + "," + many + "," + harEntry("https://a/2", 10) + "]}}"
	var sizes []int
	var cut []bool
	summary, err := capture.HAREntries(strings.NewReader(text), "-", capture.Options{MaxBytes: 1 << 20}, func(ex *exchange.Exchange) bool {
		sizes, cut = append(sizes, len(ex.Response.Body.Bytes())), append(cut, ex.Response.Body.Truncated)
		return true
	})
	if err != nil || summary.Truncated || summary.Bytes != int64(len(text)) {
		t.Errorf("%+v, %v", summary, err)
	}
	if len(sizes) != 2 || sizes[0] < 400_000 || sizes[0] > 600_000 || !cut[0] || sizes[1] != 10 || cut[1] {
		t.Errorf("bodies of %d bytes, cut %v", sizes, cut)
	}
	if summary.LeftEntries != 1 || summary.Left[0].Why != "it's longer than 1048576 bytes" {
		t.Errorf("left %+v", summary.Left)
	}
}

// Whatever never ends is read in constant memory.
func TestHARMemory(t *testing.T) {
	for name, r := range map[string]io.Reader{
		"entries":      io.MultiReader(strings.NewReader(harHead), &repeat{text: harEntry("https://a/1", 1000) + ","}),
		"one string":   io.MultiReader(strings.NewReader(harHead+`{"request":{"method":"GET","url":"`), &repeat{text: strings.Repeat("x", 4000)}),
		"backslashes":  io.MultiReader(strings.NewReader(harHead+`{"request":{"method":"GET","url":"`), &repeat{text: strings.Repeat(`\`, 4000)}),
		"one header":   io.MultiReader(strings.NewReader(harHead+`{"request":{"headers":[`), &repeat{text: strings.Repeat(`{"name":"a","value":"b"},`, 100)}),
		"brackets":     io.MultiReader(strings.NewReader(harHead), &repeat{text: strings.Repeat("[", 4000)}),
		"other member": io.MultiReader(strings.NewReader(`{"log":{"version":"1.2","creator":{},"pages":[`), &repeat{text: strings.Repeat(`{"title":"x"},`, 100)}),
		"names":        io.MultiReader(strings.NewReader(harHead+`],"`), &repeat{text: strings.Repeat("x", 4000)}),
		"redirects": io.MultiReader(strings.NewReader(harHead), &repeat{text: strings.NewReplacer(`"status":200`, `"status":302`, `"redirectURL":""`, `"redirectURL":"/elsewhere"`).
			Replace(harEntry("https://a/1", 1000)) + ","}),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			_, err := capture.Each(io.LimitReader(r, 64<<20), "-", capture.Options{}, func(*exchange.Exchange) bool { return true })
			runtime.ReadMemStats(&after)
			if err != nil && !errors.Is(err, capture.ErrNothing) {
				t.Fatal(err)
			}
			if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 48<<20 {
				t.Errorf("the heap grew by %d MiB", grown>>20)
			}
		})
	}
}

// The receiver may stop at any time.
func TestHARStops(t *testing.T) {
	r := io.MultiReader(strings.NewReader(harHead), &repeat{text: harEntry("https://a/1", 1000) + ","})
	count := 0
	summary, err := capture.Each(r, "-", capture.Options{}, func(*exchange.Exchange) bool { count++; return count < 3 })
	if err != nil || count != 3 || summary.Exchanges != 3 {
		t.Errorf("%d, %+v, %v", count, summary, err)
	}
}

// gzip and zstd are undone whatever the kind of capture; what grows beyond
// measure is refused.
func TestCompressed(t *testing.T) {
	const plain = "HTTP/1.1 403 Forbidden\nContent-Type: application/json\n\n{\"statusCode\":403,\"errorCode\":\"KYC_REQUIRED\"}\n"
	want, _, _ := readAll("-", strings.NewReader(plain))
	for name, text := range map[string][]byte{"gzip": gzipped(plain), "zstd": zstandard(plain)} {
		got, _, err := readAll("-", bytes.NewReader(text))
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
		list, _, err := readAll("-", bytes.NewReader(text[:len(text)-5]))
		if err == nil || !strings.Contains(err.Error(), "decompress "+name) {
			t.Errorf("%s, cut: %v, %v", name, list, err)
		}
	}
	var growth *capture.GrowthError
	r, err := capture.Decompressed(bytes.NewReader(bomb()))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if n, err := io.Copy(io.Discard, r); !errors.As(err, &growth) || n > 2<<30 {
		t.Errorf("a bomb gave %d bytes, %v", n, err)
	}
}

func gzipped(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.Bytes()
}

func zstandard(text string) []byte {
	w, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err)
	}
	return w.EncodeAll([]byte(text), nil)
}

// bomb is one zstd frame of zeros after another.
func bomb() []byte { return bytes.Repeat(zstandard(strings.Repeat("\x00", 64<<20)), 40) }

// Like -v with request bodies: hex or not, with times or not, it is the same call.
func TestTracesAgree(t *testing.T) {
	var first []view
	for _, name := range []string{"hex", "hex-time", "ascii", "ascii-time", "ascii-beside-body", "ids-time"} {
		text, err := os.ReadFile(captures + "/curl-trace/" + name + ".in")
		if err != nil {
			t.Fatal(err)
		}
		list, summary, err := readAll("-", bytes.NewReader(text))
		if err != nil || summary.LeftLines > 0 {
			t.Fatalf("%s: %+v, %v", name, summary.Left, err)
		}
		if first == nil {
			first = list
		}
		if diff := cmp.Diff(first, list); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// typedEntry is what a program would write that decodes HAR with encoding/json.
type typedEntry struct {
	Started string  `json:"startedDateTime"`
	Time    float64 `json:"time"`
	Request struct {
		Method, URL, HTTPVersion string
		Headers                  []struct{ Name, Value string }
		PostData                 *struct{ MimeType, Text string }
		BodySize                 int
	}
	Response struct {
		Status                  int
		StatusText, HTTPVersion string
		Headers                 []struct{ Name, Value string }
		Content                 struct {
			Size                     int
			MimeType, Text, Encoding string
		}
		RedirectURL string
	}
}

// typed decodes a HAR entry by entry with encoding/json.
func typed(r io.Reader) (count int, err error) {
	d := json.NewDecoder(r)
	for { // up to the entries
		token, err := d.Token()
		if err != nil {
			return 0, err
		}
		if token == "entries" {
			break
		}
	}
	if _, err := d.Token(); err != nil {
		return 0, err
	}
	for d.More() {
		var e typedEntry
		if err := d.Decode(&e); err != nil {
			return count, err
		}
		count++
	}
	return count, nil
}

// BenchmarkHAR reads HARs alternately with this package and with encoding/json.
// "ratio" is how many times as fast this package is, best time against best time:
// the machine may be busy. Small entries have bodies of a hundred bytes; large ones
// of six thousand, as lists of the API have.
func BenchmarkHAR(b *testing.B) {
	list := strings.Repeat(`{"id":"0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6","status":"active","amount":1234},`, 80)
	for name, body := range map[string]string{"small": `{"statusCode":403,"errorCode":"KYC_REQUIRED"}`, "large": "[" + strings.TrimSuffix(list, ",") + "]"} {
		b.Run(name, func(b *testing.B) { benchmarkHAR(b, bigHAR(b, 3000, body)) })
	}
}

// bigHAR is a HAR of so many entries of a browser, each with the body.
func bigHAR(b *testing.B, entries int, body string) []byte {
	text, err := os.ReadFile(captures + "/har/chrome-with-sensitive-data.in")
	if err != nil {
		b.Fatal(err)
	}
	quoted, _ := json.Marshal(body) // a string
	var compact bytes.Buffer
	err = json.Compact(&compact, []byte(gjson.GetBytes(text, "log.entries.0").Raw))
	if err != nil {
		b.Fatal(err)
	}
	entry, err := withBody(compact.Bytes(), quoted)
	if err != nil {
		b.Fatal(err)
	}
	return []byte(harHead + strings.Repeat(entry+",", entries-1) + entry + "]}}")
}

// withBody gives an entry another response body.
func withBody(entry, body []byte) (string, error) {
	at := gjson.GetBytes(entry, "response.content.text")
	if at.Index == 0 {
		return "", errors.New("the entry has no body")
	}
	return string(entry[:at.Index]) + string(body) + string(entry[at.Index+len(at.Raw):]), nil
}

func benchmarkHAR(b *testing.B, text []byte) {
	b.SetBytes(int64(len(text)))
	ours, theirs := time.Hour, time.Hour
	for b.Loop() {
		started := time.Now()
		if _, err := capture.HAREntries(bytes.NewReader(text), "-", capture.Options{}, func(*exchange.Exchange) bool { return true }); err != nil {
			b.Fatal(err)
		}
		between := time.Now()
		if n, err := typed(bytes.NewReader(text)); err != nil || n != 3000 {
			b.Fatal(n, err)
		}
		ours, theirs = min(ours, between.Sub(started)), min(theirs, time.Since(between))
	}
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "ratio")
	b.ReportMetric(float64(len(text))/1e6/ours.Seconds(), "ours-MB/s")
	b.ReportMetric(float64(len(text))/1e6/theirs.Seconds(), "json-MB/s")
}
