package simulator

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"time"
)

// User is a person who logs in with a wallet.
type User struct {
	ID        string
	Address   string // or XRPL public key
	AccountID string // the primary account
}

// Login is a login that waits for its signature.
type Login struct {
	ID            string
	Method        string // siwe, algorand, xrpl
	ApplicationID string
	Address       string
	Message       string
	SignUp        bool // the user is new
	Done          bool
	ExpiresAt     time.Time
}

// Challenge is a text to be signed by a wallet that is to fund cards.
type Challenge struct {
	ID        string
	Address   string
	ExpiresAt time.Time
}

const challengeLife = 5 * time.Minute

type loginView struct {
	ID                  string             `json:"id"`
	LoginMethod         string             `json:"loginMethod"`
	Mode                string             `json:"mode"`
	Network             string             `json:"network"`
	ClientApplicationID string             `json:"clientApplicationId"`
	Scopes              []string           `json:"scopes"`
	CreatedAt           string             `json:"createdAt"`
	URL                 string             `json:"url,omitempty"`
	Address             string             `json:"address"`
	SigningChallenge    loginChallengeView `json:"signingChallenge"`
}

type loginChallengeView struct {
	Description string `json:"description"`
	CreatedAt   string `json:"createdAt"`
	ExpiresAt   string `json:"expiresAt"`
	Message     string `json:"message"`
}

func (st *store) signUp(rq *request) *reply {
	if st.userOf(rq.wallet()) != nil {
		return refused("ACCOUNT_EXISTS", "the address is registered")
	}
	return st.beginLogin(rq, "cardholder-signup", true)
}

func (st *store) initiateLogin(rq *request) *reply {
	known := st.userOf(rq.wallet()) != nil
	if !known && rq.member("autoSignup").Raw != "true" {
		if refusal := st.checkApplication(rq); refusal != nil {
			return refusal
		}
		return refused("ACCOUNT_DOES_NOT_EXIST", "no user has this address")
	}
	return st.beginLogin(rq, "cardholder-login", !known)
}

// wallet is the address or public key that a login names.
func (rq *request) wallet() string {
	if rq.text("loginMethod") == "xrpl" {
		return rq.text("publicKey")
	}
	return rq.text("address")
}

func (st *store) userOf(address string) *User {
	return st.users.find(func(u *User) bool { return strings.EqualFold(u.Address, address) })
}

// checkApplication refuses an unknown client application, and a url whose origin
// the application does not allow.
func (st *store) checkApplication(rq *request) *reply {
	application := st.applications.get(rq.text("clientApplicationId"))
	if application == nil {
		return forbidden()
	}
	page := rq.text("url")
	if page == "" {
		return nil
	}
	u, err := url.Parse(page)
	if err != nil || !slices.Contains(application.Origins, u.Scheme+"://"+u.Host) {
		return refused("CLIENT_APPLICATION_DOMAIN_NOT_ALLOWED", "url is not among the client application's origins")
	}
	return nil
}

func (st *store) beginLogin(rq *request, mode string, isNew bool) *reply {
	if refusal := st.checkApplication(rq); refusal != nil {
		return refusal
	}
	l := st.newLogin(rq, rq.text("loginMethod"), rq.wallet(), isNew)
	return ok(loginView{
		ID: l.ID, LoginMethod: l.Method, Mode: mode, Network: rq.text("network"), ClientApplicationID: l.ApplicationID,
		Scopes: []string{"cardholder-partner"}, CreatedAt: stamp(rq.now), URL: rq.text("url"), Address: l.Address,
		SigningChallenge: loginChallengeView{
			Description: "Sign the message with your wallet", CreatedAt: stamp(rq.now), ExpiresAt: stamp(l.ExpiresAt), Message: l.Message,
		},
	})
}

func (st *store) newLogin(rq *request, method, address string, isNew bool) *Login {
	l := &Login{
		ID: st.chance.hex(14) + st.chance.digits(1), Method: method, ApplicationID: rq.text("clientApplicationId"),
		Address: address, SignUp: isNew, ExpiresAt: rq.now.Add(challengeLife),
	}
	l.Message = rq.loginMessage(l, st.chance.opaque(17))
	st.logins.push(l.ID, l)
	return l
}

// loginMessage is the text to sign: EIP-4361 for siwe; for xrpl hex, as there
// it is a transaction.
func (rq *request) loginMessage(l *Login, nonce string) string {
	u, err := url.Parse(rq.text("url"))
	if err != nil || u.Host == "" {
		u = &url.URL{Scheme: "https", Host: "simulator.invalid"}
	}
	text := u.Host + " wants you to sign in with your account:\n" + l.Address + "\n\nLog in to the simulated Immersve API.\n\n" +
		"URI: " + u.Scheme + "://" + u.Host + "\nVersion: 1\nNonce: " + nonce +
		"\nIssued At: " + stamp(rq.now) + "\nExpiration Time: " + stamp(l.ExpiresAt)
	if l.Method == "xrpl" {
		return strings.ToUpper(hex.EncodeToString([]byte(text)))
	}
	return text
}

// isSignature looks at the form only, because no wallet takes part: at least 64
// bytes in hex or base64, not all of them zero.
func isSignature(text string) bool {
	raw, err := hex.DecodeString(strings.TrimPrefix(strings.ToLower(text), "0x"))
	if err != nil {
		raw, err = base64.StdEncoding.DecodeString(text)
	}
	const shortest = 64
	return err == nil && len(raw) >= shortest && strings.Trim(string(raw), "\x00") != ""
}

type createdChallengeView struct {
	ID          string `json:"id"`
	Purpose     string `json:"purpose"`
	Address     string `json:"address"`
	Network     string `json:"network"`
	Description string `json:"description"`
	ExpiresAt   string `json:"expiresAt"`
	CreatedAt   string `json:"createdAt"`
	Message     string `json:"message"`
}

func (st *store) createChallenge(rq *request) *reply {
	network := rq.text("network")
	if !slices.Contains(challengeNetworks(), network) {
		return refused("INVALID_CHAIN", "the network is not supported")
	}
	c := &Challenge{ID: st.chance.opaque(17), Address: rq.text("address"), ExpiresAt: rq.now.Add(challengeLife)}
	st.challenges.push(c.ID, c)
	return ok(createdChallengeView{
		ID: c.ID, Purpose: rq.text("purpose"), Address: c.Address, Network: network, Description: "Sign the message with your wallet",
		ExpiresAt: stamp(c.ExpiresAt), CreatedAt: stamp(rq.now),
		Message: "I own " + c.Address + " on " + network + "\nNonce: " + st.chance.opaque(17),
	})
}

// challengeNetworks are those of the documented request; the documented answer
// lists only eight of them.
func challengeNetworks() []string {
	return []string{
		"algorand-mainnet", "algorand-testnet", "arbitrum-mainnet", "arbitrum-sepolia", "base-mainnet", "base-sepolia",
		"ethereum-sepolia", "polygon-amoy", "polygon-mainnet", "sei-mainnet", "sei-testnet", "xahau-mainnet", "xahau-testnet",
	}
}
