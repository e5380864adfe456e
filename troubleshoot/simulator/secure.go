package simulator

import (
	"net/http"
	"strings"
	"time"
)

// CardToken opens a card's details once.
type CardToken struct {
	CardID    string
	Used      bool
	ExpiresAt time.Time
}

const cardTokenLife = 10 * time.Minute

type cardTokenView struct {
	TokenID     string `json:"tokenId"`
	CallbackURL string `json:"callbackUrl"`
}

func (st *store) getCardToken(rq *request) *reply {
	c, refusal := st.card(rq)
	if refusal != nil {
		return refusal
	}
	token := strings.ToUpper(st.chance.id()) + "-" + "1" + st.chance.digits(9)
	st.cardTokens.push(token, &CardToken{CardID: c.ID, ExpiresAt: rq.now.Add(cardTokenLife)})
	return ok(cardTokenView{token, rq.base + "/api/cards/secure?tokenId=" + token})
}

type secureView struct {
	CVV2         string `json:"cvv2"`
	PAN          string `json:"pan"`
	Expiry       string `json:"expiry"`
	EmbossedName string `json:"embossedName"`
}

func (st *store) getSecureCardDetails(rq *request) *reply {
	token := st.cardTokens.get(rq.query.Get("tokenId"))
	if token == nil || token.Used || !rq.now.Before(token.ExpiresAt) {
		return because("the token is unknown, used or expired")
	}
	token.Used = true
	c := st.cards.get(token.CardID)
	return ok(secureView{c.CVV, c.PAN, c.expiry(), cardholderName})
}

type passView struct {
	EncryptedPassData  string `json:"encryptedPassData"`
	EphemeralPublicKey string `json:"ephemeralPublicKey"`
	ActivationData     string `json:"activationData"`
}

// provisionToApplePay looks at the form of what PassKit gave, and answers with
// data that no wallet takes.
func (st *store) provisionToApplePay(rq *request) *reply {
	if _, refusal := st.card(rq); refusal != nil {
		return refusal
	}
	chain := rq.member("certChain").Array()
	values := []string{rq.text("nonce"), rq.text("nonceSignature")}
	for _, certificate := range chain {
		values = append(values, certificate.String())
	}
	for _, value := range values {
		if value == "" || strings.ContainsAny(value, "-_ ") { // base64url, or nothing
			return fail(http.StatusBadRequest, "APPLE_PAY_PAYLOAD_INVALID", "certChain, nonce and nonceSignature must be standard base64")
		}
	}
	if len(chain) == 0 {
		return fail(http.StatusBadRequest, "APPLE_PAY_PAYLOAD_INVALID", "certChain is empty")
	}
	return ok(passView{"U0lNVUxBVEVE", "U0lNVUxBVEVE", "U0lNVUxBVEVE"})
}
