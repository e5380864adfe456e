package simulator

// Demo is what a client needs to know of the accounts that a new simulator has.
// The credentials are made up by the simulator and open nothing else.
type Demo struct {
	BaseURL string // filled by Start

	// The partner, with a key pair for each of its two roles.
	AccountID           string
	APIKey, APISecret   string // card-issuer
	AdminKey            string // account-admin
	AdminSecret         string
	ClientApplicationID string
	Origin              string // allowed of the client application

	// The session of a user whose cardholder account has everything: KYC, contact
	// details, expected spend, money and cards.
	AccessToken         string
	RefreshToken        string
	CardholderAccountID string
	WalletAddress       string // what the user logs in with
	OwnerUserID         string
	FundingSourceID     string // 1000 USDC
	CardID              string // virtual, active
	FrozenCardID        string // virtual, frozen by the user
	BlockedCardID       string // virtual, blocked by the system
	PhysicalCardID      string // shipped, to be activated
	TransactionID       string
	InquiryID           string
	FileUploadID        string
	SecurityChallengeID string // 3DS, open for ten minutes

	// A custodial cardholder of the same partner who has nothing yet.
	NewCardholderAccountID string
	NewFundingSourceID     string // empty

	// What the partner has besides.
	FundingChannelID         string // simulator-usdc
	CustodialChannelID       string
	CustodialFundingSourceID string // of CardholderAccountID
	OnChainChannelID         string // polygon-amoy-usdc-universal-evm-test
	CardProgramID            string // virtual
	PhysicalCardProgramID    string
	BetaCardProgramID        string // nobody is admitted
	ReportID                 string // completed
	PendingReportID          string
	PaymentNotificationID    string
	ListenerID               string // webhook, subscribed to payment-updated

	// What belongs to somebody else, and what is of the live environment: ids that
	// are refused.
	ForeignPartnerID     string
	ForeignAccountID     string
	ForeignCardID        string
	ForeignCardProgramID string
	LiveAccountID        string
	LiveCardID           string
	LiveFundingSourceID  string
	LiveCardProgramID    string
}

// Demo returns the credentials and ids of the accounts that the simulator
// brought. At its first call it signs the session's two tokens, which costs some
// two milliseconds; DemoKeys does without them.
func (s *Simulator) Demo() Demo {
	d := s.DemoKeys()
	d.AccessToken, d.RefreshToken = s.demoToken()
	return d
}

// DemoKeys is Demo without the session's tokens.
func (s *Simulator) DemoKeys() Demo {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.demo
	d.BaseURL = s.base
	return d
}

// signDemo opens the demo session; the tokens live from then on. They are empty
// only where signing fails, which a test excludes.
func (s *Simulator) signDemo() (access, refresh string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	session := s.store.demoSession
	if session == nil {
		return "", ""
	}
	s.store.changes++
	access, refresh, err := s.store.tokens(session, s.now())
	if err != nil {
		return "", ""
	}
	return access, refresh
}
