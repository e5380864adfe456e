package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// stateSchema names the format of a saved state. A format that this version
// cannot read has a higher number.
const (
	stateFormat = "immersve-doctor/simulator-state/"
	stateSchema = stateFormat + "v1"
)

// maxState is how much of a saved state is read, in bytes; full tables stay far
// below it.
const maxState = 256 << 20

// state is everything that a simulator remembers, as it is saved. What the
// options say, such as limits and the life of tokens, is not part of it, and
// neither are the budgets of the rate limits.
type state struct {
	Schema string                     `json:"schema"`
	Seed   string                     `json:"seed"`
	Chance []byte                     `json:"chance"` // where the sequence of ids stands
	Demo   Demo                       `json:"demo"`
	Story  Story                      `json:"story"`
	Due    []event                    `json:"due"`
	Tables map[string]json.RawMessage `json:"tables"`
}

// WriteState saves the state as JSON. Its secrets are the simulator's own and
// open nothing else.
func (s *Simulator) WriteState(w io.Writer) error {
	text, err := s.encodeState()
	if err != nil {
		return fmt.Errorf("save the simulator's state: %w", err)
	}
	if _, err := w.Write(text); err != nil {
		return fmt.Errorf("save the simulator's state: %w", err)
	}
	return nil
}

func (s *Simulator) encodeState() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sequence, err := s.store.chance.source.MarshalBinary()
	if err != nil {
		return nil, err
	}
	saved := state{
		Schema: stateSchema, Seed: s.seed, Chance: sequence, Demo: s.demo, Story: s.story, Due: s.store.due,
		Tables: map[string]json.RawMessage{},
	}
	for name, table := range s.store.tables() {
		text, err := table.MarshalJSON()
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", name, err)
		}
		saved.Tables[name] = text
	}
	return json.Marshal(saved)
}

// Changes counts what has happened to the state: two equal counts mean that
// there is nothing new to save.
func (s *Simulator) Changes() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.store.changes
}

// StateError says why a saved state cannot be continued.
type StateError struct {
	Line, Column int // where the text is no JSON; 0 when it is
	Problem      string
}

func (e *StateError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Problem)
	}
	return e.Problem
}

func badState(format string, args ...any) error {
	return &StateError{Problem: fmt.Sprintf(format, args...)}
}

// Restore returns a simulator that goes on where a saved one stopped. Seed,
// Random and Scenario of the options play no part. The error is a *StateError
// where the text is at fault.
func Restore(o Options, from io.Reader) (*Simulator, error) {
	saved, err := readState(from)
	if err != nil {
		return nil, err
	}
	o.Seed = DemoSeed // anything that reads no random bytes; the sequence is replaced
	s, err := prepare(o)
	if err != nil {
		return nil, err
	}
	if err := s.continueFrom(saved); err != nil {
		return nil, err
	}
	return s, nil
}

func readState(from io.Reader) (*state, error) {
	text, err := io.ReadAll(io.LimitReader(from, maxState+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the simulator's state: %w", err)
	case len(text) > maxState:
		return nil, badState("it is larger than 256 MB, no simulator saved it")
	case len(bytes.TrimSpace(text)) == 0:
		return nil, badState("it is empty")
	}
	var head struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, jsonFault(text, err)
	}
	if err := checkSchema(head.Schema); err != nil {
		return nil, err
	}
	saved := new(state)
	if err := strictly(text, saved); err != nil {
		return nil, jsonFault(text, err)
	}
	return saved, nil
}

func checkSchema(found string) error {
	switch {
	case found == stateSchema:
		return nil
	case strings.HasPrefix(found, stateFormat):
		return badState("it has the format %.80q, this version reads %q: it was saved by another version", found, stateSchema)
	case found == "":
		return badState("it has no member schema, so it is not a simulator's state")
	}
	return badState("it is %.80q, not a simulator's state", found)
}

// strictly decodes JSON that may hold nothing unknown.
func strictly(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// jsonFault puts the place to an error of package json.
func jsonFault(text []byte, err error) error {
	offset := int64(-1)
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &wrong):
		offset = wrong.Offset
	}
	e := &StateError{Problem: "not a simulator state: " + strings.TrimPrefix(err.Error(), "json: ")}
	if offset >= 0 {
		before := text[:min(offset, int64(len(text)))]
		e.Line = 1 + bytes.Count(before, []byte("\n"))
		e.Column = max(1, len(before)-bytes.LastIndexByte(before, '\n')-1)
	}
	return e
}

// continueFrom fills the simulator with a saved state.
func (s *Simulator) continueFrom(saved *state) error {
	if err := s.store.chance.source.UnmarshalBinary(saved.Chance); err != nil {
		return badState("member chance: %v", err)
	}
	tables := s.store.tables()
	for name, text := range saved.Tables {
		table, known := tables[name]
		if !known {
			return badState("it has a table %.40q that this version does not know", name)
		}
		if err := table.UnmarshalJSON(text); err != nil {
			return badState("table %s: %v", name, err)
		}
	}
	s.store.due = saved.Due
	if err := s.store.reconnect(); err != nil {
		return err
	}
	s.seed, s.demo, s.story = saved.Seed, saved.Demo, saved.Story
	s.store.openSession(&s.demo)
	return nil
}

// openSession gives the demo a session of its own where the state has been saved
// with one: new tokens void a session's refresh token, and a client may hold
// that one still.
func (st *store) openSession(d *Demo) {
	account := st.accounts.get(d.CardholderAccountID)
	if account == nil || account.OwnerUserID == "" {
		return
	}
	session := &Session{
		ID: st.chance.id(), UserID: account.OwnerUserID, AccountID: account.ID, ApplicationID: d.ClientApplicationID,
	}
	st.demoSession = session
	st.sessions.push(session.ID, session)
}

// savedTable is a table of any rows.
type savedTable interface {
	json.Marshaler
	json.Unmarshaler
}

// tables names all tables of the store; a test holds the list to the struct.
func (st *store) tables() map[string]savedTable {
	return map[string]savedTable{
		"accounts": &st.accounts, "keys": &st.keys, "users": &st.users, "sessions": &st.sessions, "logins": &st.logins,
		"challenges": &st.challenges, "applications": &st.applications, "profiles": &st.profiles, "programs": &st.programs,
		"cardholders": &st.cardholders, "blocks": &st.blocks, "files": &st.files, "kycLinks": &st.kycLinks,
		"cards": &st.cards, "cardTokens": &st.cardTokens,
		"channels": &st.channels, "sources": &st.sources, "interactions": &st.interactions, "intents": &st.intents,
		"payments": &st.payments, "inquiries": &st.inquiries, "paymentNotifications": &st.paymentNotifications,
		"securityChallenges": &st.securityChallenges,
		"listeners":          &st.listeners, "notifications": &st.notifications, "reports": &st.reports, "faultConfigs": &st.faultConfigs,
	}
}

// savedRow is a row as it is saved.
type savedRow[T any] struct {
	ID     string `json:"id"`
	Number uint64 `json:"number"`
	Value  *T     `json:"value"`
}

// savedRows are a table's rows, and the number that the newest row ever had.
type savedRows[T any] struct {
	Number uint64        `json:"number"`
	Rows   []savedRow[T] `json:"rows"`
}

// MarshalJSON writes the rows in their order.
func (t *table[T]) MarshalJSON() ([]byte, error) {
	saved := savedRows[T]{Number: t.number, Rows: make([]savedRow[T], 0, len(t.rows))}
	for _, r := range t.rows {
		saved.Rows = append(saved.Rows, savedRow[T]{r.id, r.number, r.value})
	}
	return json.Marshal(saved)
}

// UnmarshalJSON replaces the rows.
func (t *table[T]) UnmarshalJSON(text []byte) error {
	var saved savedRows[T]
	if err := strictly(text, &saved); err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	fresh, last := newTable[T](t.limit), uint64(0)
	for i, r := range saved.Rows {
		switch {
		case r.Value == nil || r.ID == "" || r.Number <= last || r.Number > saved.Number || fresh.byID[r.ID] != nil:
			return fmt.Errorf("row %d has no value, or its id or number is out of order", i+1)
		case len(fresh.rows) == t.limit:
			return fmt.Errorf("it has more than %d rows", t.limit)
		}
		last = r.Number
		fresh.byID[r.ID] = r.Value
		fresh.rows = append(fresh.rows, row[T]{r.ID, r.Number, r.Value})
	}
	fresh.number = saved.Number
	*t = fresh
	return nil
}

// refer is one row's reference to another table.
type refer struct {
	from, id string // the table and row that refer
	to       string
	target   string
	found    bool
}

// reconnect makes one thing again of what the tables share, and holds every row
// to what the operations rely on.
func (st *store) reconnect() error {
	for _, c := range st.cards.newest() {
		if c.Block != nil && st.blocks.get(c.Block.ID) != nil {
			c.Block = st.blocks.get(c.Block.ID)
		}
	}
	for _, c := range st.cardholders.newest() {
		if c.Activation == nil {
			return badState("table cardholders: row %.40q has no activation block", c.AccountID)
		}
		if b := st.blocks.get(c.Activation.ID); b != nil {
			c.Activation = b
		}
	}
	for _, r := range st.references() {
		if !r.found {
			return badState("table %s: row %.80q names %.80q, which table %s does not have", r.from, r.id, r.target, r.to)
		}
	}
	return st.checkRows()
}

// references lists what the operations take for granted of each other's rows.
func (st *store) references() []refer {
	var list []refer
	to := func(from, id, table, target string, found bool) {
		list = append(list, refer{from, id, table, target, found})
	}
	account := func(from, id, target string) { to(from, id, "accounts", target, st.accounts.get(target) != nil) }
	for _, a := range st.accounts.newest() {
		if a.parent() != "" {
			account("accounts", a.ID, a.parent())
		}
	}
	for _, k := range st.keys.newest() {
		account("keys", k.Key, k.AccountID)
	}
	for _, u := range st.users.newest() {
		account("users", u.ID, u.AccountID)
	}
	for _, s := range st.sessions.newest() {
		account("sessions", s.ID, s.AccountID)
		to("sessions", s.ID, "users", s.UserID, st.users.get(s.UserID) != nil)
		to("sessions", s.ID, "applications", s.ApplicationID, st.applications.get(s.ApplicationID) != nil)
	}
	for _, l := range st.logins.newest() {
		to("logins", l.ID, "applications", l.ApplicationID, st.applications.get(l.ApplicationID) != nil)
	}
	for _, a := range st.applications.newest() {
		account("applications", a.ID, a.AccountID)
	}
	for _, c := range st.cardholders.newest() {
		account("cardholders", c.AccountID, c.AccountID)
	}
	for _, l := range st.kycLinks.newest() {
		to("kycLinks", l.AccountID, "cardholders", l.AccountID, st.cardholders.get(l.AccountID) != nil)
	}
	return append(list, st.moneyReferences()...)
}

func (st *store) moneyReferences() []refer {
	var list []refer
	to := func(from, id, table, target string, found bool) {
		list = append(list, refer{from, id, table, target, found})
	}
	account := func(from, id, target string) { to(from, id, "accounts", target, st.accounts.get(target) != nil) }
	source := func(from, id, target string) { to(from, id, "sources", target, st.sources.get(target) != nil) }
	card := func(from, id, target string) { to(from, id, "cards", target, st.cards.get(target) != nil) }
	for _, c := range st.channels.newest() {
		account("channels", c.ID, c.AccountID)
	}
	for _, s := range st.sources.newest() {
		account("sources", s.ID, s.AccountID)
		to("sources", s.ID, "channels", s.ChannelID, st.channels.get(s.ChannelID) != nil)
	}
	for _, c := range st.cards.newest() {
		to("cards", c.ID, "cardholders", c.AccountID, st.cardholders.get(c.AccountID) != nil)
		to("cards", c.ID, "programs", c.ProgramID, st.programs.get(c.ProgramID) != nil)
		source("cards", c.ID, c.SourceID)
	}
	for _, t := range st.cardTokens.newest() {
		card("cardTokens", t.CardID, t.CardID)
	}
	for _, i := range st.interactions.newest() {
		source("interactions", i.ID, i.SourceID)
	}
	for _, i := range st.intents.newest() {
		source("intents", i.ID, i.SourceID)
	}
	for _, p := range st.payments.newest() {
		account("payments", p.ID, p.AccountID)
		card("payments", p.ID, p.CardID)
	}
	for _, f := range st.files.newest() {
		account("files", f.ID, f.AccountID)
	}
	return list
}

// checkRows looks at the values that the operations cut up or copy unseen.
func (st *store) checkRows() error {
	for _, a := range st.accounts.newest() {
		if a.Type == cardholder && st.cardholders.get(a.ID) == nil {
			return badState("table accounts: row %.80q is a cardholder without a row in table cardholders", a.ID)
		}
		if a.Type == cardholder && (st.accounts.get(a.PartnerID) == nil || st.accounts.get(a.PartnerID).Type != partner) {
			return badState("table accounts: row %.80q is a cardholder without a partner", a.ID)
		}
	}
	for _, c := range st.cards.newest() {
		if len(c.PAN) != len("9999990000000000") || strings.Trim(c.PAN, "0123456789") != "" {
			return badState("table cards: the number of row %.80q has not 16 digits", c.ID)
		}
	}
	var texts []string
	for _, c := range st.channels.newest() {
		texts = append(texts, c.Params)
	}
	for _, p := range st.profiles.newest() {
		for _, value := range p.Attributes {
			texts = append(texts, value)
		}
	}
	for _, c := range st.cardholders.newest() {
		texts = append(texts, c.Addresses...)
		if c.Statement != nil {
			texts = append(texts, c.Statement.Claims, c.Statement.Evidence)
		}
	}
	for _, text := range texts {
		if !json.Valid([]byte(text)) {
			return badState("expected JSON, found %.80q", text)
		}
	}
	return st.checkEvents()
}

func (st *store) checkEvents() error {
	last := time.Time{}
	for _, e := range st.due {
		if e.At.Before(last) {
			return badState("member due: the events are out of order")
		}
		last = e.At
	}
	return nil
}
