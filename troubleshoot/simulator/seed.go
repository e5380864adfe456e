package simulator

import (
	"math/big"
	"time"
)

// sandbox are the ids of the API's public sandbox, which the demo takes over: a
// client that is configured for the sandbox finds the same here.
type sandbox struct {
	partner, application, program, channel string
}

func sandboxIDs(o Options) *sandbox {
	if o.Seed != DemoSeed && (o.Seed != "" || o.Random != nil) {
		return nil
	}
	return &sandbox{
		partner: "d1bc97edfa4f7dc9b56726c7d82a9956", application: "d0b05d44204810fc61991a49e289dda3",
		program: "7dfa2e3ed390493ab307fac622f05ae9", channel: "4cdc4310718674342d561647194e2446",
	}
}

// demoOrigin is the sandbox's allowed origin.
const demoOrigin = "http://localhost:3000"

// seed makes the demo accounts. What has a history has it before now.
func (st *store) seed(now time.Time, known *sandbox) Demo {
	if known == nil {
		known = &sandbox{st.chance.id(), st.chance.id(), st.chance.id(), st.chance.id()}
	}
	past := now.Add(-30 * 24 * time.Hour).Truncate(time.Millisecond)
	d := Demo{
		AccountID: known.partner, ClientApplicationID: known.application, CardProgramID: known.program, FundingChannelID: known.channel,
		Origin: demoOrigin,
	}
	st.seedPartner(&d, past)
	st.seedPrograms(&d, past)
	st.seedCardholder(&d, past)
	st.seedCards(&d, past, now)
	st.seedNewCardholder(&d, past)
	st.seedHistory(&d, past, now)
	st.seedOthers(&d, past)
	return d
}

func (st *store) newPartner(id, name, environment string, at time.Time) {
	st.accounts.add(id, &Account{ID: id, Type: partner, Name: name, Liveness: environment, CreatedAt: at})
	st.profiles.add(id, &PartnerProfile{
		AccountID: id, StatementsAllowed: true, CreatedAt: at, ModifiedAt: at,
		Attributes: map[string]string{"supportEmail": `"support@example.com"`},
	})
}

func (st *store) seedPartner(d *Demo, at time.Time) {
	st.newPartner(d.AccountID, "Demo partner", liveness, at)
	d.APIKey, d.APISecret = st.newKey(d.AccountID, cardIssuer)
	d.AdminKey, d.AdminSecret = st.newKey(d.AccountID, accountAdmin)
	st.applications.add(d.ClientApplicationID, &ClientApplication{
		ID: d.ClientApplicationID, AccountID: d.AccountID, Origins: []string{d.Origin}, CreatedAt: at, ModifiedAt: at,
	})
}

// newKey makes a key pair of the test environment's documented form.
func (st *store) newKey(accountID string, r role) (key, secret string) {
	const digits = 64
	k := &APIKey{Key: "imm-key-test-" + st.chance.hex(digits), Secret: "imm-secret-test-" + st.chance.hex(digits), AccountID: accountID, Role: r}
	st.keys.add(k.Key, k)
	return k.Key, k.Secret
}

func (st *store) seedPrograms(d *Demo, at time.Time) {
	everywhere, near := []string{"AU", "GB", "NZ"}, []string{"AU", "NZ"}
	onChain := "polygon-amoy-usdc-universal-evm-test"
	funding := []string{"simulator-usdc", "custodial-test-usdc", onChain}
	program := func(id, kind string, where []string, beta bool) string {
		st.programs.add(id, &CardProgram{
			ID: id, PartnerID: d.AccountID, Liveness: liveness, Type: kind, Regions: where, FundingTypes: funding, Beta: beta,
		})
		return id
	}
	program(d.CardProgramID, "virtual", everywhere, false)
	d.PhysicalCardProgramID = program(st.chance.id(), "physical", near, false)
	d.BetaCardProgramID = program(st.chance.id(), "virtual", everywhere, true)

	channel := func(id, kind, params string) string {
		st.channels.add(id, &Channel{
			ID: id, AccountID: d.AccountID, TypeName: kind, Purpose: "card-funding", Params: params, CreatedAt: at,
		})
		return id
	}
	channel(d.FundingChannelID, "simulator-usdc", "{}")
	d.CustodialChannelID = channel(st.chance.id(), "custodial-test-usdc", `{"webhookBaseUrl":"https://example.com/immersve"}`)
	d.OnChainChannelID = channel(st.chance.id(), onChain, `{"storageAddress":"0x0000000000000000000000000000000000000001"}`)
	st.channels.get(d.OnChainChannelID).Instance = "0x0000000000000000000000000000000000000001"
}

// newCardholder opens a cardholder account below a partner.
func (st *store) newCardholder(partnerID, environment string, at time.Time) *Cardholder {
	a := &Account{ID: st.chance.id(), Type: cardholder, PartnerID: partnerID, Liveness: environment, CreatedAt: at}
	st.accounts.add(a.ID, a)
	return st.openCardholder(a, at)
}

func (st *store) newSource(accountID, channelID, externalID string, balance int64, at time.Time) *Source {
	s := &Source{
		ID: st.chance.id(), AccountID: accountID, ChannelID: channelID, ExternalID: externalID, Balance: *big.NewInt(balance),
		Purpose: "card-funding", CreatedAt: at,
	}
	if externalID == "" {
		s.ExternalID = s.ID
	}
	st.sources.add(s.ID, s)
	return s
}

// seedCardholder makes the cardholder who has everything, and the session of its
// user.
func (st *store) seedCardholder(d *Demo, at time.Time) {
	c := st.newCardholder(d.AccountID, liveness, at)
	st.complete(c, at)
	c.Addresses = []string{`{"streetNumber":"1","streetName":"Queen Street","town":"Auckland","postalCode":"1010","country":"NZ"}`}
	d.CardholderAccountID, d.OwnerUserID = c.AccountID, st.chance.id()
	d.WalletAddress = "0x" + st.chance.hex(40)
	st.accounts.get(c.AccountID).OwnerUserID = d.OwnerUserID
	st.users.add(d.OwnerUserID, &User{ID: d.OwnerUserID, Address: d.WalletAddress, AccountID: c.AccountID})
	st.demoSession = &Session{
		ID: c.AccountID, UserID: d.OwnerUserID, AccountID: c.AccountID, ApplicationID: d.ClientApplicationID,
	}
	st.sessions.add(st.demoSession.ID, st.demoSession)
	const thousand = 1_000_000_000 // USDC units
	s := st.newSource(c.AccountID, d.FundingChannelID, "", thousand, at)
	st.record(s, "Deposit", "Confirmed", big.NewInt(thousand), "Simulated deposit", at)
	d.FundingSourceID = s.ID
	d.CustodialFundingSourceID = st.newSource(c.AccountID, d.CustodialChannelID, "customer-1", 0, at).ID
}

// complete gives a cardholder all that spending needs.
func (st *store) complete(c *Cardholder, at time.Time) {
	c.Email, c.Phone, c.ExpectedSpend, c.EmailAt, c.PhoneAt = "cardholder@example.com", "+6421000000", "100000", at, at
	c.BirthDate = "1990-02-03"
	c.KYC = &KYCProfile{
		ID: st.chance.id(), Status: "passed", Region: defaultRegion, CreatedAt: at, ModifiedAt: at,
		By: "irn:" + c.AccountID + ":system:simulator",
	}
	st.activateCardholder(c, at)
}

func (st *store) seedCards(d *Demo, past, now time.Time) {
	source := st.sources.get(d.FundingSourceID)
	virtual, physical := st.programs.get(d.CardProgramID), st.programs.get(d.PhysicalCardProgramID)
	card := func(p *CardProgram, status string) *Card {
		c := st.newCard(source, p, defaultRegion, past)
		c.Status = status
		st.cards.add(c.ID, c)
		return c
	}
	d.CardID = card(virtual, "active").ID
	frozen, blocked := card(virtual, "active"), card(virtual, "active")
	st.block(frozen, "suspended", "user", now)
	st.block(blocked, "fraud", "system", now)
	d.FrozenCardID, d.BlockedCardID = frozen.ID, blocked.ID
	d.PhysicalCardID = card(physical, "shipped").ID
}

func (st *store) seedNewCardholder(d *Demo, at time.Time) {
	c := st.newCardholder(d.AccountID, liveness, at)
	d.NewCardholderAccountID = c.AccountID
	d.NewFundingSourceID = st.newSource(c.AccountID, d.FundingChannelID, "", 0, at).ID
}

func (st *store) seedHistory(d *Demo, past, now time.Time) {
	p := &Payment{
		ID: st.chance.id(), AccountID: d.CardholderAccountID, CardID: d.CardID, Status: "cleared", Kind: "purchase",
		Amount: *big.NewInt(1250), Currency: "NZD", Acquired: *big.NewInt(2000), Description: "Simulated Shop Auckland",
		CreatedAt: past.Add(time.Hour), ProcessedAt: past.Add(48 * time.Hour),
	}
	st.keep(p)
	i := &Inquiry{ID: st.chance.id(), AccountID: d.CardholderAccountID, CardID: d.CardID, Accepted: true, Code: "success", CreatedAt: past}
	st.inquiries.add(i.ID, i)
	n := &PaymentNotification{
		ID: st.chance.id(), AccountID: d.AccountID, SourceID: d.CustodialFundingSourceID, PaymentID: p.ID, CreatedAt: past.Add(time.Hour),
	}
	st.paymentNotifications.add(n.ID, n)
	challenge := &SecurityChallenge{
		ID: st.chance.id(), AccountID: d.CardholderAccountID, PaymentID: p.ID, ExpiresAt: now.Add(securityChallengeLife),
	}
	st.securityChallenges.add(challenge.ID, challenge)
	d.TransactionID, d.InquiryID, d.PaymentNotificationID, d.SecurityChallengeID = p.ID, i.ID, n.ID, challenge.ID

	l := &Listener{
		ID: st.chance.id(), AccountID: d.AccountID, URL: "https://example.com/webhooks", Topics: []string{"payment-updated"}, CreatedAt: past,
	}
	st.listeners.add(l.ID, l)
	f := &File{
		ID: st.chance.id(), AccountID: d.CardholderAccountID, Name: "passport.pdf", Size: 284_573, MIMEType: "application/pdf",
		ExpiresAt: now.Add(fileLife),
	}
	st.files.add(f.ID, f)
	d.ListenerID, d.FileUploadID = l.ID, f.ID

	day := now.UTC().Truncate(24 * time.Hour)
	report := func(kind string, at time.Time, completed bool) string {
		r := &Report{ID: st.chance.ulid(), Type: kind, AccountID: d.AccountID, Day: at, Completed: completed}
		st.reports.add(r.ID, r)
		return r.ID
	}
	d.ReportID = report("daily-payment", day.AddDate(0, 0, -1), true)
	d.PendingReportID = report("daily-funding-source", day, false)
	st.after(now, reportTime, reportMade, d.PendingReportID)
}

// seedOthers makes what the demo's credentials must not reach: another partner
// with its cardholder, and a set of the live environment.
func (st *store) seedOthers(d *Demo, at time.Time) {
	d.ForeignPartnerID = st.chance.id()
	foreign := st.seedSet(d.ForeignPartnerID, liveness, "simulator-usdc", at)
	d.ForeignAccountID, d.ForeignCardID, d.ForeignCardProgramID = foreign.account, foreign.card, foreign.program
	live := st.seedSet(st.chance.id(), "live", "polygon-usdc-universal-evm-live", at)
	d.LiveAccountID, d.LiveCardID, d.LiveCardProgramID, d.LiveFundingSourceID = live.account, live.card, live.program, live.source
}

type seedSet struct{ account, card, program, source string }

func (st *store) seedSet(partnerID, environment, funding string, at time.Time) seedSet {
	st.newPartner(partnerID, "Another partner", environment, at)
	c := st.newCardholder(partnerID, environment, at)
	st.complete(c, at)
	channel := &Channel{
		ID: st.chance.id(), AccountID: partnerID, TypeName: funding, Purpose: "card-funding", Params: "{}", CreatedAt: at,
	}
	p := &CardProgram{
		ID: st.chance.id(), PartnerID: partnerID, Liveness: environment, Type: "virtual", Regions: []string{defaultRegion},
		FundingTypes: []string{channel.TypeName},
	}
	st.channels.add(channel.ID, channel)
	st.programs.add(p.ID, p)
	s := st.newSource(c.AccountID, channel.ID, "", 0, at)
	card := st.newCard(s, p, defaultRegion, at)
	card.Status = "active"
	st.cards.add(card.ID, card)
	return seedSet{c.AccountID, card.ID, p.ID, s.ID}
}
