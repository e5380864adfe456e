package report

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// junitWriter writes JUnit XML: a test case per Case, in one suite. The suite's start
// tag has the totals, so the test cases go to a temporary file first.
type junitWriter struct {
	w     io.Writer
	spool func() (io.ReadWriteSeeker, error)

	file            io.ReadWriteSeeker
	cases           *bufio.Writer
	tests, failures int
	seconds         float64
}

type junitCase struct {
	XMLName xml.Name      `xml:"testcase"`
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	File    string        `xml:"file,attr,omitempty"`
	Line    int           `xml:"line,attr,omitempty"`
	Time    string        `xml:"time,attr"`
	Failure *junitFailure `xml:"failure"`
	Output  *junitOutput  `xml:"system-out"`
}

type junitOutput struct {
	Text string `xml:",innerxml"` // escaped
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",innerxml"` // escaped
}

func (j *junitWriter) Add(c Case) error {
	if j.cases == nil {
		file, err := j.spool()
		if err != nil {
			return err
		}
		j.file, j.cases = file, bufio.NewWriter(file)
	}
	place := c.Places[0]
	test := junitCase{Name: c.Name, Class: place.Name, File: place.Name, Line: place.Line, Time: seconds(c.Elapsed.Seconds())}
	if test.Class == "" {
		test.Class = "immersve-doctor"
	}
	text, err := escapeXML(c.Text)
	if err != nil {
		return err
	}
	j.tests++
	j.seconds += c.Elapsed.Seconds()
	if c.Failed {
		j.failures++
		test.Failure = &junitFailure{c.Headline, c.Results[0].Rule, text}
	} else if text != "" {
		test.Output = &junitOutput{text}
	}
	encoder := xml.NewEncoder(j.cases)
	encoder.Indent("    ", "  ")
	if err := encoder.Encode(test); err != nil {
		return fmt.Errorf("write JUnit: %w", err)
	}
	return j.cases.WriteByte('\n')
}

func (j *junitWriter) Close() error {
	var b strings.Builder
	totals := fmt.Sprintf(`name="immersve-doctor" tests="%d" failures="%d" errors="0" time="%s"`, j.tests, j.failures, seconds(j.seconds))
	fmt.Fprintf(&b, "%s<testsuites %s>\n  <testsuite %s skipped=\"0\">\n", xml.Header, totals, totals)
	if _, err := io.WriteString(j.w, b.String()); err != nil {
		return err
	}
	if j.cases != nil {
		if err := j.cases.Flush(); err != nil {
			return err
		}
		if _, err := j.file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if _, err := io.Copy(j.w, j.file); err != nil {
			return err
		}
	}
	_, err := io.WriteString(j.w, "  </testsuite>\n</testsuites>\n")
	return err
}

// escapeXML escapes text as encoding/xml does, but leaves the lines readable. What XML
// can't have becomes U+FFFD.
func escapeXML(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(text)); err != nil {
		return "", fmt.Errorf("write JUnit: %w", err)
	}
	return "\n" + strings.ReplaceAll(b.String(), "&#xA;", "\n"), nil
}

func seconds(s float64) string { return strconv.FormatFloat(s, 'f', 3, 64) }
