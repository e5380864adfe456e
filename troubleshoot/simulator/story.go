package simulator

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"immersve-doctor/diagnose/api"
)

// Story is what a client needs to know of a scenario's own things.
type Story struct {
	Title string      `json:"title"`
	Names []StoryName `json:"names"`
}

// StoryName is a thing of the scenario: its name, and what a client calls it.
type StoryName struct {
	Name  string `json:"name"`  // "alice", "acme-issuer secret"
	Kind  string `json:"kind"`  // "cardholder account", "API key"
	Value string `json:"value"` // an id or a credential
}

// Story returns the scenario's own names. Its sessions are signed at the first
// call.
func (s *Simulator) Story() Story {
	tokens := s.storyTokens()
	s.mu.Lock()
	defer s.mu.Unlock()
	story := s.story
	story.Names = append(append([]StoryName{}, story.Names...), tokens...)
	return story
}

// signStory opens the sessions of the scenario.
func (s *Simulator) signStory() []StoryName {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []StoryName
	for _, told := range s.store.told {
		access, refresh, err := s.store.tokens(told.session, s.now().Add(-told.age))
		if err != nil {
			continue // excluded by a test
		}
		if told.refreshSpent {
			told.session.RefreshID = ""
		}
		if told.loggedOut {
			s.store.sessions.remove(told.session.ID)
		}
		names = append(names, StoryName{told.name + " access-token", "access token", access},
			StoryName{told.name + " refresh-token", "refresh token", refresh})
	}
	return names
}

// toldSession is a session whose tokens are signed when somebody asks for them.
type toldSession struct {
	name                    string
	session                 *Session
	age                     time.Duration
	loggedOut, refreshSpent bool
}

// teller sets a scenario up in a store.
type teller struct {
	st    *store
	demo  *Demo
	now   time.Time
	past  time.Time                    // when what has a history began
	ids   map[string]map[string]string // kind -> name -> id
	names []StoryName
}

// The kinds of thing that a scenario names.
const (
	kindPartner     = "partner"
	kindApplication = "client application"
	kindProgram     = "card program"
	kindChannel     = "funding channel"
	kindHolder      = "cardholder"
	kindSource      = "funding source"
	kindCard        = "card"
	kindListener    = "webhook listener"
	kindReport      = "report"
	kindChallenge   = "3DS challenge"
)

// tell sets a scenario up and returns what there is to know of it. The error is
// a *ScenarioError.
func (st *store) tell(sc *Scenario, d *Demo, now time.Time) (Story, error) {
	t := &teller{st: st, demo: d, now: now, past: now.Add(-30 * 24 * time.Hour).Truncate(time.Millisecond), ids: demoNames(d)}
	err := firstError(
		func() error { return each(sc.Partners, t.partner) },
		func() error { return each(sc.Keys, t.key) },
		func() error { return each(sc.Applications, t.application) },
		func() error { return each(sc.Programs, t.program) },
		func() error { return each(sc.Channels, t.channel) },
		func() error { return each(sc.Cardholders, t.holder) },
		func() error { return each(sc.Sources, t.source) },
		func() error { return each(sc.Cards, t.card) },
		func() error { return each(sc.Listeners, t.listener) },
		func() error { return each(sc.Reports, t.report) },
		func() error { return each(sc.Challenges, t.challenge) },
		func() error { return each(sc.Sessions, t.session) },
		func() error { return each(sc.Faults, t.fault) },
	)
	return Story{Title: sc.Title, Names: t.names}, shown(err, sc.text)
}

func firstError(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func each[E any](entries []E, tell func(*E) error) error {
	for i := range entries {
		if err := tell(&entries[i]); err != nil {
			return err
		}
	}
	return nil
}

// demoNames are the names by which a scenario changes the demo's own things.
func demoNames(d *Demo) map[string]map[string]string {
	return map[string]map[string]string{
		kindPartner:     {"demo": d.AccountID},
		kindApplication: {"application": d.ClientApplicationID},
		kindProgram:     {"program": d.CardProgramID, "physical-program": d.PhysicalCardProgramID, "beta-program": d.BetaCardProgramID},
		kindChannel:     {"channel": d.FundingChannelID, "custodial-channel": d.CustodialChannelID, "on-chain-channel": d.OnChainChannelID},
		kindHolder:      {"cardholder": d.CardholderAccountID, "new-cardholder": d.NewCardholderAccountID},
		kindSource: {
			"source": d.FundingSourceID, "new-source": d.NewFundingSourceID, "custodial-source": d.CustodialFundingSourceID,
		},
		kindCard: {
			"card": d.CardID, "frozen-card": d.FrozenCardID, "blocked-card": d.BlockedCardID, "physical-card": d.PhysicalCardID,
		},
		kindListener: {"listener": d.ListenerID},
		kindReport:   {"report": d.ReportID, "pending-report": d.PendingReportID},
		kindChallenge: {
			"challenge": d.SecurityChallengeID,
		},
	}
}

// find returns the id behind a reference; an absent one means the demo's own.
func (t *teller) find(kind string, w word, otherwise string) (string, error) {
	name := w.or(otherwise)
	if id := t.ids[kind][name]; id != "" {
		return id, nil
	}
	var names []string
	for known := range t.ids[kind] {
		names = append(names, known)
	}
	return "", w.fault("unknown %s %q%s", kind, name, didYouMean(name, slices.Sorted(slices.Values(names))))
}

// begin settles the id of an entry: that of the thing with its name, else the
// given one, else a new one. It reports whether the thing is new.
func (t *teller) begin(kind string, name, id word) (string, bool, error) {
	if !name.given() || !isName(name.text) {
		return "", false, name.fault("a %s needs a name of lower-case letters, digits and hyphens, not %q", kind, name.text)
	}
	if known := t.ids[kind][name.text]; known != "" {
		if id.given() {
			return "", false, id.fault("%s already exists with the ID %s", name.text, known)
		}
		return known, false, nil
	}
	fresh := id.text
	if !id.given() {
		fresh = t.st.chance.id()
	} else if !isID(fresh) {
		return "", false, id.fault("an ID has at most 64 letters, digits and hyphens")
	}
	t.ids[kind][name.text] = fresh
	t.names = append(t.names, StoryName{name.text, kind, fresh})
	return fresh, true, nil
}

// keep reports that the table had no room, or the id already.
func keep[T any](table *table[T], id word, key string, value *T) error {
	if table.get(key) != nil {
		return id.fault("the ID %s is already used", key)
	}
	if !table.add(key, value) {
		return id.fault("the simulator has no room for more of these")
	}
	return nil
}

func isName(text string) bool {
	return text != "" && len(text) <= 40 && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && text[0] != '-'
}

func isID(text string) bool {
	return text != "" && len(text) <= 64 &&
		strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func (t *teller) partner(p *scenarioPartner) error {
	id, isNew, err := t.begin(kindPartner, p.Name, p.ID)
	if err != nil {
		return err
	}
	if isNew {
		if t.st.accounts.get(id) != nil {
			return p.ID.fault("the ID %s is already used", id)
		}
		t.st.newPartner(id, p.Name.text, liveness, t.past)
	}
	if p.StatementsAllowed != nil {
		t.st.profiles.get(id).StatementsAllowed = *p.StatementsAllowed
	}
	return nil
}

func (t *teller) key(k *scenarioKey) error {
	if !isName(k.Name.text) {
		return k.Name.fault("a key needs a name of lower-case letters, digits and hyphens")
	}
	partnerID, err := t.find(kindPartner, k.Partner, "demo")
	if err != nil {
		return err
	}
	if err := k.Role.among("role", string(cardIssuer), string(accountAdmin)); err != nil {
		return err
	}
	key, secret := t.st.newKey(partnerID, role(k.Role.or(string(cardIssuer))))
	t.names = append(t.names, StoryName{k.Name.text + " api-key", "API key", key}, StoryName{k.Name.text + " api-secret", "API secret", secret})
	return nil
}

func (t *teller) application(a *scenarioApp) error {
	id, isNew, err := t.begin(kindApplication, a.Name, a.ID)
	if err != nil {
		return err
	}
	if isNew {
		partnerID, err := t.find(kindPartner, a.Partner, "demo")
		if err != nil {
			return err
		}
		if err := keep(&t.st.applications, a.ID, id, &ClientApplication{ID: id, AccountID: partnerID, CreatedAt: t.past, ModifiedAt: t.past}); err != nil {
			return err
		}
	}
	if a.Origins != nil {
		t.st.applications.get(id).Origins = texts(a.Origins)
	}
	return nil
}

func (t *teller) program(p *scenarioProgram) error {
	id, isNew, err := t.begin(kindProgram, p.Name, p.ID)
	if err != nil {
		return err
	}
	if err := p.Type.among("type of card", "virtual", "physical"); err != nil {
		return err
	}
	if isNew {
		partnerID, err := t.find(kindPartner, p.Partner, "demo")
		if err != nil {
			return err
		}
		fresh := &CardProgram{
			ID: id, PartnerID: partnerID, Liveness: liveness, Type: "virtual", Regions: []string{defaultRegion},
			FundingTypes: []string{"simulator-usdc"},
		}
		if err := keep(&t.st.programs, p.ID, id, fresh); err != nil {
			return err
		}
	}
	program := t.st.programs.get(id)
	program.Type = p.Type.or(program.Type)
	if p.Regions != nil {
		program.Regions = texts(p.Regions)
	}
	if p.FundingTypes != nil {
		program.FundingTypes = texts(p.FundingTypes)
	}
	if p.Beta != nil {
		program.Beta = *p.Beta
	}
	if p.Admitted != nil {
		program.Admitted = texts(p.Admitted)
	}
	return nil
}

func (t *teller) channel(c *scenarioChannel) error {
	id, isNew, err := t.begin(kindChannel, c.Name, c.ID)
	if err != nil {
		return err
	}
	if err := firstError(
		func() error { return c.Purpose.among("purpose", "card-funding", "billing") },
		func() error { return c.Type.among("funding type", fundingTypeNames()...) },
	); err != nil {
		return err
	}
	if isNew {
		partnerID, err := t.find(kindPartner, c.Partner, "demo")
		if err != nil {
			return err
		}
		fresh := &Channel{ID: id, AccountID: partnerID, TypeName: "simulator-usdc", Purpose: "card-funding", Params: "{}", CreatedAt: t.past}
		if err := keep(&t.st.channels, c.ID, id, fresh); err != nil {
			return err
		}
	}
	channel := t.st.channels.get(id)
	channel.TypeName, channel.Purpose = c.Type.or(channel.TypeName), c.Purpose.or(channel.Purpose)
	if c.StorageAddress.given() {
		channel.Instance = strings.ToLower(c.StorageAddress.text)
		channel.Params = fmt.Sprintf(`{"storageAddress":%q}`, channel.Instance)
		if !isID(channel.Instance) {
			return c.StorageAddress.fault("%q isn't a contract address", c.StorageAddress.text)
		}
	}
	return nil
}

func (t *teller) holder(h *scenarioHolder) error {
	id, isNew, err := t.begin(kindHolder, h.Name, h.ID)
	if err != nil {
		return err
	}
	if isNew {
		if err := t.newHolder(h, id); err != nil {
			return err
		}
	}
	c := t.st.cardholders.get(id)
	if h.Email.given() {
		c.Email, c.EmailAt = h.Email.text, t.past
	}
	if h.Phone.given() {
		c.Phone, c.PhoneAt = h.Phone.text, t.past
	}
	if spend := h.ExpectedSpend; spend.given() {
		if strings.Trim(spend.text, "0123456789") != "" {
			return spend.fault("expectedSpend is a whole number of US cents a month")
		}
		c.ExpectedSpend = spend.text
	}
	if birth := h.BirthDate; birth.given() {
		if _, err := time.Parse(time.DateOnly, birth.text); err != nil && birth.text != "" {
			return birth.fault("birthDate is written as 1990-02-03")
		}
		c.BirthDate = birth.text
	}
	return firstError(func() error { return t.kyc(c, h.KYC) }, func() error { return t.holderBlock(c, h.Block) })
}

func (t *teller) newHolder(h *scenarioHolder, id string) error {
	partnerID, err := t.find(kindPartner, h.Partner, "demo")
	if err != nil {
		return err
	}
	account := &Account{ID: id, Type: cardholder, PartnerID: partnerID, Liveness: liveness, CreatedAt: t.past}
	if err := keep(&t.st.accounts, h.ID, id, account); err != nil {
		return err
	}
	t.st.openCardholder(account, t.past)
	if h.Wallet.given() {
		if t.st.userOf(h.Wallet.text) != nil {
			return h.Wallet.fault("a user with this wallet is there already")
		}
		user := &User{ID: t.st.chance.id(), Address: h.Wallet.text, AccountID: id}
		account.OwnerUserID = user.ID
		return keep(&t.st.users, h.Wallet, user.ID, user)
	}
	return nil
}

// kyc puts a cardholder's check into a state. A check that is "created" or
// "pending" here stays so: only one that the API begins moves on by itself.
func (t *teller) kyc(c *Cardholder, k *scenarioKYC) error {
	switch {
	case k == nil:
		t.release(c)
		return nil
	case k.Status.text == "none":
		c.KYC = nil
		t.hold(c)
		return nil
	}
	if err := k.Status.among("KYC status", "none", "created", "pending", "passing", "passed", "failing", "failed"); err != nil {
		return err
	}
	if c.KYC == nil {
		c.KYC = &KYCProfile{
			ID: t.st.chance.id(), Status: "passed", Region: defaultRegion, CreatedAt: t.past, ModifiedAt: t.past,
			By: "irn:" + c.AccountID + ":system:simulator",
		}
	}
	c.KYC.Status = k.Status.or(c.KYC.Status)
	c.KYC.Region = k.Region.or(c.KYC.Region)
	c.KYC.Reason = k.Reason.or(c.KYC.Reason)
	t.release(c)
	return nil
}

// release and hold bring the activation block in line with what is known of the
// cardholder.
func (t *teller) release(c *Cardholder) {
	t.st.activateCardholder(c, t.past)
	if !c.passed() || c.Email == "" || c.Phone == "" || c.ExpectedSpend == "" {
		t.hold(c)
	}
}

func (t *teller) hold(c *Cardholder) { c.Activation.Status = "created" }

// holderBlock keeps a cardholder from spending for another reason than that
// something is missing.
func (t *teller) holderBlock(c *Cardholder, b *scenarioBlock) error {
	if b == nil {
		return nil
	}
	if err := b.check(); err != nil {
		return err
	}
	c.Activation = &Block{
		ID: t.st.chance.id(), AccountID: c.AccountID, Status: "created", Scope: "cardholder", Type: "cardholder-suspension",
		Reason: b.Reason.or("suspended"), Initiator: b.Initiator.or("system"), CreatedAt: t.now,
	}
	t.st.blocks.push(c.Activation.ID, c.Activation)
	return nil
}

func (b *scenarioBlock) check() error {
	return firstError(
		func() error {
			return b.Reason.among("reason of a block", "activation", "deactivation", "fraud", "kyc", "loststolen", "suspended", "system", "termination")
		},
		func() error { return b.Initiator.among("initiator of a block", "system", "partner", "user") },
	)
}

func (t *teller) source(s *scenarioSource) error {
	id, isNew, err := t.begin(kindSource, s.Name, s.ID)
	if err != nil {
		return err
	}
	if err := s.Purpose.among("purpose", "card-funding", "billing"); err != nil {
		return err
	}
	if isNew {
		if err := t.newSource(s, id); err != nil {
			return err
		}
	}
	source := t.st.sources.get(id)
	source.ExternalID, source.Purpose = s.ExternalID.or(source.ExternalID), s.Purpose.or(source.Purpose)
	if s.Balance.given() {
		balance, good := new(big.Int).SetString(s.Balance.text, 10)
		if !good || balance.Sign() < 0 || len(s.Balance.text) > 40 {
			return s.Balance.fault("balance is a whole number of the token's smallest units: 5 USDC are 5000000")
		}
		source.Balance = *balance
	}
	return t.pending(s, source)
}

func (t *teller) newSource(s *scenarioSource, id string) error {
	holderID, err := t.find(kindHolder, s.Cardholder, "cardholder")
	if err != nil {
		return err
	}
	channelID, err := t.find(kindChannel, s.Channel, "channel")
	if err != nil {
		return err
	}
	source := &Source{
		ID: id, AccountID: holderID, ChannelID: channelID, ExternalID: id, Purpose: t.st.channels.get(channelID).Purpose, CreatedAt: t.past,
	}
	return keep(&t.st.sources, s.ID, id, source)
}

// pending makes withdrawals of one unit each, on top of the balance.
func (t *teller) pending(s *scenarioSource, source *Source) error {
	if s.PendingWithdrawals < 0 || s.PendingWithdrawals > maxPending {
		return s.Name.fault("%s: at most %d withdrawals can be pending", s.Name.text, maxPending)
	}
	one := big.NewInt(1)
	for range s.PendingWithdrawals {
		source.Balance.Add(&source.Balance, one)
		if _, good := t.st.withdraw(source, one, t.now); !good {
			return s.Name.fault("the simulator has no room for more withdrawals")
		}
	}
	return nil
}

func (t *teller) card(c *scenarioCard) error {
	if c.Count < 0 || c.Count > maxCards || c.Count > 1 && c.ID.given() {
		return c.Name.fault("%s: count is at most %d, and 1 where an id is given", c.Name.text, maxCards)
	}
	id, isNew, err := t.begin(kindCard, c.Name, c.ID)
	if err != nil {
		return err
	}
	if err := c.Status.among("card status", "created", "shipped", "active", "cancelled"); err != nil {
		return err
	}
	for n := range max(1, c.Count) {
		if n > 0 {
			id = t.st.chance.id()
		}
		if isNew {
			if err := t.newCard(c, id); err != nil {
				return err
			}
		}
		if err := t.change(c, t.st.cards.get(id)); err != nil {
			return err
		}
		isNew = true
	}
	return nil
}

func (t *teller) newCard(c *scenarioCard, id string) error {
	sourceID, err := t.find(kindSource, c.Source, "source")
	if err != nil {
		return err
	}
	programID, err := t.find(kindProgram, c.Program, "program")
	if err != nil {
		return err
	}
	card := t.st.newCard(t.st.sources.get(sourceID), t.st.programs.get(programID), defaultRegion, t.past)
	card.ID, card.Status = id, "active"
	return keep(&t.st.cards, c.ID, id, card)
}

func (t *teller) change(c *scenarioCard, card *Card) error {
	card.Status = c.Status.or(card.Status)
	if card.Status == "cancelled" && card.CancelReason == "" {
		card.CancelReason = "user-requested"
	}
	if c.Expired {
		card.ExpiresAt = t.now.Add(-24 * time.Hour)
	}
	if c.Block == nil {
		return nil
	}
	if err := c.Block.check(); err != nil {
		return err
	}
	t.st.block(card, c.Block.Reason.or("suspended"), c.Block.Initiator.or("user"), t.now)
	return nil
}

func (t *teller) listener(l *scenarioListener) error {
	id, isNew, err := t.begin(kindListener, l.Name, word{})
	if err != nil {
		return err
	}
	for _, topic := range l.Topics {
		if err := topic.among("topic", api.RuleSet("topic")[0].Values...); err != nil {
			return err
		}
	}
	if isNew {
		accountID, err := t.account(l.Account)
		if err != nil {
			return err
		}
		t.st.listeners.push(id, &Listener{ID: id, AccountID: accountID, URL: "https://example.com/webhooks", CreatedAt: t.past})
	}
	listener := t.st.listeners.get(id)
	listener.URL = l.URL.or(listener.URL)
	if l.Topics != nil {
		listener.Topics = texts(l.Topics)
	}
	return nil
}

// account finds a partner or a cardholder by name; the demo partner is the one
// that is meant without a name.
func (t *teller) account(w word) (string, error) {
	if id := t.ids[kindHolder][w.text]; id != "" {
		return id, nil
	}
	return t.find(kindPartner, w, "demo")
}

func (t *teller) report(r *scenarioReport) error {
	id, isNew, err := t.begin(kindReport, r.Name, word{})
	if err != nil {
		return err
	}
	if isNew {
		partnerID, err := t.find(kindPartner, r.Partner, "demo")
		if err != nil {
			return err
		}
		day := t.now.UTC().Truncate(24 * time.Hour)
		t.st.reports.push(id, &Report{ID: id, AccountID: partnerID, Type: "daily-payment", Day: day})
	}
	if err := r.Type.among("type of report", reportTypes()...); err != nil {
		return err
	}
	report := t.st.reports.get(id)
	report.Type, report.Completed = r.Type.or(report.Type), r.Completed
	return nil
}

func (t *teller) challenge(c *scenarioChallenge) error {
	id, isNew, err := t.begin(kindChallenge, c.Name, word{})
	if err != nil {
		return err
	}
	if isNew {
		holderID, err := t.find(kindHolder, c.Cardholder, "cardholder")
		if err != nil {
			return err
		}
		t.st.securityChallenges.push(id, &SecurityChallenge{ID: id, AccountID: holderID, ExpiresAt: t.now.Add(securityChallengeLife)})
	}
	if c.Expired {
		t.st.securityChallenges.get(id).ExpiresAt = t.now
	}
	return nil
}

func (t *teller) session(s *scenarioSession) error {
	if !isName(s.Name.text) {
		return s.Name.fault("a session needs a name of lower-case letters, digits and hyphens")
	}
	holderID, err := t.find(kindHolder, s.Cardholder, "cardholder")
	if err != nil {
		return err
	}
	account := t.st.accounts.get(holderID)
	if account.OwnerUserID == "" {
		return s.Name.fault("%s: the cardholder has no user; give it a wallet", s.Name.text)
	}
	if s.Age < 0 {
		return s.Name.fault("%s: age is how long ago the session began, and not negative", s.Name.text)
	}
	session := &Session{
		ID: t.st.chance.id(), UserID: account.OwnerUserID, AccountID: holderID, ApplicationID: t.demo.ClientApplicationID,
	}
	t.st.sessions.push(session.ID, session)
	t.st.told = append(t.st.told, toldSession{s.Name.text, session, s.Age, s.LoggedOut, s.RefreshSpent})
	return nil
}

func (t *teller) fault(f *scenarioFault) error {
	accountID, err := t.account(f.Account)
	if err != nil {
		return err
	}
	if err := f.Type.among("fault type", paymentFault); err != nil {
		return err
	}
	if err := f.Value.among("value of a fault", "true", "false"); err != nil {
		return err
	}
	t.st.faultConfigs.remove(faultKey(accountID))
	t.st.faultConfigs.push(faultKey(accountID), &FaultConfig{
		AccountID: accountID, Type: paymentFault, Value: f.Value.or("true"), CreatedAt: t.now,
	})
	return nil
}
