package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"immersve-doctor/diagnose/api"
)

// saved returns the state as it is saved.
func (w *world) saved() string {
	w.Helper()
	var b bytes.Buffer
	if err := w.s.WriteState(&b); err != nil {
		w.Fatal(err)
	}
	return b.String()
}

// restart replaces the simulator by one that goes on from its saved state.
func (w *world) restart() {
	w.Helper()
	s, err := Restore(Options{Now: func() time.Time { return w.now }}, strings.NewReader(w.saved()))
	if err != nil {
		w.Fatal(err)
	}
	w.s = s
}

// TestStateSurvives tells half a story, starts anew, and tells the rest.
func TestStateSurvives(t *testing.T) {
	w := newWorld(t)
	d, at := w.d, []string{w.d.FundingSourceID}
	w.do(call{op: "freeze-card", as: w.user(), path: []string{d.CardID}}).ok()
	intent := w.do(call{op: "create-withdrawal-intent", as: w.forHolder(), path: at, body: `{"amount":3000000}`}).ok()
	card := w.do(w.newCard(d.FundingSourceID, d.CardProgramID, "")).ok().text("cardId")
	spent := w.exchange(d.ClientApplicationID, d.Origin)
	renewed := w.do(spent).ok()
	page := w.do(call{op: "list-cards", as: w.user(), path: []string{d.CardholderAccountID}, query: "limit=2"}).ok().text("pageInfo.nextCursor")

	w.restart()
	if w.s.DemoKeys().APIKey != d.APIKey {
		t.Error("the keys are others")
	}
	second := w.s.Demo() // a session of its own; the client's stays
	w.do(call{op: "get-card", as: w.user(), path: []string{d.CardID}}).ok()
	w.do(call{op: "get-card", as: []string{"Authorization", "Bearer " + second.AccessToken}, path: []string{d.CardID}}).ok()
	w.do(spent).refused(403, "FORBIDDEN")
	w.d.RefreshToken = renewed.text("refreshToken")
	w.do(w.exchange(d.ClientApplicationID, d.Origin)).ok()
	w.do(call{op: "list-cards", as: w.user(), path: []string{d.CardholderAccountID}, query: "limit=2&cursor=" + page}).ok()

	w.do(call{op: "freeze-card", as: w.user(), path: []string{d.CardID}}).refused(403, "CARD_ALREADY_FROZEN")
	w.do(call{op: "unfreeze-card", as: w.user(), path: []string{d.CardID}}).ok()
	if got := w.do(call{op: "get-cardholder-blocks", as: w.user(), path: []string{d.CardholderAccountID}}).ok().text("items.0.status"); got != "released" {
		t.Errorf("the block in the history is %q: it is not the card's", got)
	}
	w.do(call{op: "execute-simulator-withdrawal", as: w.forHolder(), body: intent.get("execution.payload").Raw}).ok()
	w.pass(provisioningTime)
	if got := w.do(call{op: "get-card", as: w.forHolder(), path: []string{card}}).ok().text("status"); got != "active" {
		t.Errorf("a card that was being made is %q", got)
	}
	if other := w.do(w.newCard(d.FundingSourceID, d.CardProgramID, "")).ok().text("cardId"); other == card {
		t.Error("ids repeat")
	}
}

// TestStateIsComplete: saved, restored and saved again, the text is the same.
func TestStateIsComplete(t *testing.T) {
	w := newWorld(t)
	do := func(c call) answer { t.Helper(); return w.do(c).ok() }
	w.tellPartner(do)
	w.tellLogin(do)
	w.tellCardholder(do)
	w.tellCards(do)
	w.tellFunding(do)
	w.tellPayments(do)
	first := w.saved()
	w.restart()
	w.s.store.sessions.remove(w.s.store.demoSession.ID) // the one thing that a restart adds
	w.s.store.sessions.number--
	var a, b state
	if err := errors.Join(json.Unmarshal([]byte(first), &a), json.Unmarshal([]byte(w.saved()), &b)); err != nil {
		t.Fatal(err)
	}
	b.Chance = a.Chance // the added session's id
	for name, table := range a.Tables {
		if string(table) != string(b.Tables[name]) {
			t.Errorf("table %s: saved\n%s\nthen\n%s", name, table, b.Tables[name])
		}
	}
	if !reflect.DeepEqual(a, b) {
		t.Error("something besides the tables differs")
	}
}

// TestEveryTableIsSaved holds the list of tables to the struct.
func TestEveryTableIsSaved(t *testing.T) {
	st := newWorld(t).s.store
	names := st.tables()
	for f := range reflect.TypeFor[store]().Fields() {
		if strings.HasPrefix(f.Type.Name(), "table[") && names[f.Name] == nil {
			t.Errorf("table %s is not saved", f.Name)
		}
	}
	if len(names) < 25 {
		t.Errorf("%d tables are saved", len(names))
	}
}

// TestWrongState: what is no state, or somebody else's, is refused with a reason.
func TestWrongState(t *testing.T) {
	good := newWorld(t).saved()
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "it is empty"},
		{"blank", " \n\n", "it is empty"},
		{"not JSON", "{\n  \"schema\": nope\n}", "line 2, column 14: not a simulator state: invalid character 'o' in literal null"},
		{"another JSON", `{"log":{"version":"1.2"}}`, "it has no member schema, so it is not a simulator's state"},
		{"another document of ours", `{"schema":"immersve-doctor/diagnosis/v1"}`, `it is "immersve-doctor/diagnosis/v1", not a simulator's state`},
		{"newer", `{"schema":"immersve-doctor/simulator-state/v2"}`, `it has the format "immersve-doctor/simulator-state/v2", this version reads "immersve-doctor/simulator-state/v1": it was saved by another version`},
		{"an array", `[]`, "line 1, column 1: not a simulator state"},
		{"cut off", good[:len(good)/2], "unexpected end of JSON input"},
		{"unknown member", strings.Replace(good, `{"schema"`, `{"extra":1,"schema"`, 1), `unknown field "extra"`},
		{"unknown table", strings.Replace(good, `"tables":{`, `"tables":{"toys":{},`, 1), `it has a table "toys" that this version does not know`},
		{"unknown member of a row", strings.Replace(good, `"Liveness"`, `"Colour"`, 1), "table accounts: unknown field"},
		{"no sequence", strings.Replace(good, `"chance":"`, `"chance":"AAAA`, 1), "member chance"},
		{"a source without its channel", strings.ReplaceAll(good, `"ChannelID":"`, `"ChannelID":"x`), "which table channels does not have"},
		{"a card number of 3 digits", replaceField(good, "PAN", "999"), "table cards: the number of row"},
		{"a table twice as long as it may be", strings.Replace(good, `"number":`, `"number":0,"numbers":`, 1), "table"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Restore(Options{Now: time.Now}, strings.NewReader(c.text))
			var wrong *StateError
			if !errors.As(err, &wrong) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// replaceField puts another value into the first string member of a name.
func replaceField(text, name, value string) string {
	before, rest, _ := strings.Cut(text, `"`+name+`":"`)
	_, after, _ := strings.Cut(rest, `"`)
	return before + `"` + name + `":"` + value + `"` + after
}

// TestChanges: what changes nothing need not be saved.
func TestChanges(t *testing.T) {
	w := newWorld(t)
	before := w.s.Changes()
	w.do(call{op: "get-card", as: w.user(), path: []string{w.d.CardID}}).ok()
	w.do(call{op: "freeze-card"}).refused(401, "UNAUTHORIZED")
	if got := w.s.Changes(); got != before {
		t.Errorf("reading changed the state %d times", got-before)
	}
	w.do(call{op: "freeze-card", as: w.user(), path: []string{w.d.CardID}}).ok()
	if w.s.Changes() == before {
		t.Error("freezing changed nothing")
	}
}

// FuzzRestore reads anything as a state: an error, or a simulator that answers
// every operation that reads.
func FuzzRestore(f *testing.F) {
	s, err := New(Options{Now: time.Now})
	if err != nil {
		f.Fatal(err)
	}
	d := s.Demo()
	var b bytes.Buffer
	if err := s.WriteState(&b); err != nil {
		f.Fatal(err)
	}
	good := b.String()
	for _, seed := range []string{
		"", "{}", `{"schema":"immersve-doctor/simulator-state/v1"}`, good,
		strings.Replace(good, `"Activation":{`, `"Activation":null,"x":{`, 1),
		strings.Replace(good, `"Status":"created"`, `"Status":""`, 1),
		replaceField(good, "Params", "{"),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Restore(Options{Now: time.Now}, bytes.NewReader(text))
		if err != nil {
			return
		}
		for _, r := range api.Routes() {
			path := strings.NewReplacer(
				"{accountId}", d.AccountID, "{cardId}", d.CardID, "{cardholderAccountId}", d.CardholderAccountID,
				"{cardholderId}", d.CardholderAccountID, "{fundingSourceId}", d.FundingSourceID, "{transactionId}", d.TransactionID,
				"{fundingChannelId}", d.FundingChannelID, "{inquiryId}", d.InquiryID, "{reportId}", d.ReportID,
			).Replace(r.Path)
			request := httptest.NewRequest(r.Method, "http://localhost"+path, strings.NewReader("{}"))
			request.Header.Set("Authorization", "Bearer "+d.AccessToken)
			request.Header.Set("Content-Type", "application/json")
			recorder := httptest.NewRecorder()
			s.ServeHTTP(recorder, request)
			if recorder.Code == http.StatusInternalServerError && !strings.Contains(recorder.Body.String(), paymentFault) {
				t.Errorf("%s: %s", r.ID, fmt.Sprint(recorder.Body))
			}
		}
	})
}
