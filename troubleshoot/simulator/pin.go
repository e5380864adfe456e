package simulator

import (
	"slices"
	"strings"
)

// setCardPIN keeps to the documented rules for a PIN. Those that ask for
// customer references look at the phone number only.
func (st *store) setCardPIN(rq *request) *reply {
	c, refusal := st.card(rq)
	if refusal != nil {
		return refusal
	}
	person := st.cardholders.get(c.AccountID)
	switch {
	case c.Status != "active" || c.Block != nil || c.expired(rq.now):
		return refused("CARD_SET_PIN_FORBIDDEN", "the card is not active, is blocked or has expired")
	case rq.body == nil:
		return invalid("newPin", "Required")
	case rq.breaks("INVALID_PIN_FORMAT") || !goodPIN(rq.text("newPin"), c.PAN, person):
		return refused("INVALID_PIN_FORMAT", "the PIN breaks one of the rules")
	}
	return ok(nil) // no operation reads a PIN, so that none is kept
}

// goodPIN reports whether four digits have nothing to do with the card or the person.
func goodPIN(pin, pan string, person *Cardholder) bool {
	return !strings.HasSuffix(pan, pin) && !strings.Contains(person.Phone, pin) && !slices.Contains(birthPINs(person.BirthDate), pin)
}

// birthPINs are the PINs that a birth date (YYYY-MM-DD) gives away: the year,
// MMDD, YY with the second digits of month and day, and YYMM.
func birthPINs(date string) []string {
	if len(date) != len("2006-01-02") {
		return nil
	}
	year, month, day := date[:4], date[5:7], date[8:]
	return []string{year, month + day, year[2:] + month[1:] + day[1:], year[2:] + month}
}
