package simulator

import (
	"crypto/rsa"
	"sync"
	"time"
)

// liveness is the environment that the simulator plays.
const liveness = "test"

// store is the state behind the API: plain rows in tables, and what is due later.
// Simulator.mu guards it.
type store struct {
	chance   *chance
	tokenTTL time.Duration
	key      func() (*rsa.PrivateKey, error)
	due      []event
	changes  uint64 // how often the state may have changed

	demoSession *Session      // whose tokens the demo brings; nil for none
	told        []toldSession // of the scenario, not yet signed

	accounts     table[Account]
	keys         table[APIKey]
	users        table[User]
	sessions     table[Session]
	logins       table[Login]
	challenges   table[Challenge]
	applications table[ClientApplication]
	profiles     table[PartnerProfile]
	programs     table[CardProgram]

	cardholders table[Cardholder]
	blocks      table[Block]
	files       table[File]
	kycLinks    table[KYCLink]

	cards      table[Card]
	cardTokens table[CardToken]

	channels     table[Channel]
	sources      table[Source]
	interactions table[Interaction]
	intents      table[Intent]

	payments             table[Payment]
	inquiries            table[Inquiry]
	paymentNotifications table[PaymentNotification]
	securityChallenges   table[SecurityChallenge]

	listeners     table[Listener]
	notifications table[Notification]
	reports       table[Report]
	faultConfigs  table[FaultConfig]
}

// The number of rows that the tables hold. Things that a client makes are refused
// beyond it; short-lived things and histories lose their oldest row.
const (
	manyRows  = 20_000
	someRows  = 5_000
	otherRows = 1_000
)

func newStore(c *chance, tokenTTL time.Duration) *store {
	return &store{
		chance: c, tokenTTL: tokenTTL, key: sync.OnceValues(parseKey),

		accounts: newTable[Account](someRows), keys: newTable[APIKey](otherRows), users: newTable[User](someRows),
		sessions: newTable[Session](someRows), logins: newTable[Login](otherRows), challenges: newTable[Challenge](otherRows),
		applications: newTable[ClientApplication](otherRows), profiles: newTable[PartnerProfile](someRows),
		programs: newTable[CardProgram](otherRows),

		cardholders: newTable[Cardholder](someRows), blocks: newTable[Block](manyRows), files: newTable[File](someRows),
		kycLinks: newTable[KYCLink](otherRows),

		cards: newTable[Card](someRows), cardTokens: newTable[CardToken](otherRows),

		channels: newTable[Channel](otherRows), sources: newTable[Source](someRows),
		interactions: newTable[Interaction](manyRows), intents: newTable[Intent](someRows),

		payments: newTable[Payment](manyRows), inquiries: newTable[Inquiry](otherRows),
		paymentNotifications: newTable[PaymentNotification](otherRows), securityChallenges: newTable[SecurityChallenge](otherRows),

		listeners: newTable[Listener](otherRows), notifications: newTable[Notification](someRows),
		reports: newTable[Report](otherRows), faultConfigs: newTable[FaultConfig](otherRows),
	}
}

// stamp writes a moment as the API does.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
