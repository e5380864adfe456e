package webhook

import (
	"fmt"
	"time"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose/api/schema"
)

// Verdict says in which ways a response isn't what a topic needs.
type Verdict struct {
	Refused bool   // the status isn't a success, or not the one that the topic needs
	Body    string // what is wrong with the body, a clause; "" if it's fine or not looked at
	Pointer string // the field that Body is about (RFC 6901)
	TooSlow bool
}

// OK reports whether the response is what the topic needs.
func (v Verdict) OK() bool { return v == Verdict{} }

// Judge checks a partner's response to a delivery. elapsed is 0 if it isn't known, and
// checkBody is false if the body isn't. A nil topic needs a success.
func (t *Topic) Judge(status int, body []byte, checkBody bool, elapsed time.Duration) Verdict {
	if t == nil {
		t = &Topic{}
	}
	v := Verdict{Refused: status < 200 || status > 299 || t.Status != 0 && status != t.Status}
	v.TooSlow = t.Limit > 0 && elapsed > t.Limit
	if t.Response == nil || v.Refused || !checkBody {
		return v
	}
	v.Body, v.Pointer = t.judgeBody(body)
	return v
}

func (t *Topic) judgeBody(body []byte) (problem, pointer string) {
	if len(body) == 0 {
		return "the body is empty", ""
	}
	if !gjson.ValidBytes(body) {
		return "the body isn't JSON", ""
	}
	s, err := schema.Compile(t.Response)
	if err != nil {
		return "", "" // a test compiles them all
	}
	for _, b := range s.Validate(schema.Parse(body)) {
		switch b.Keyword {
		case "required":
			return fmt.Sprintf("the field %q is missing", b.Member), b.Pointer
		case "enum":
			return "the value isn't a documented one", b.Pointer
		case "type":
			return fmt.Sprintf("the value has the type %s", b.Got), b.Pointer
		}
	}
	return "", ""
}
