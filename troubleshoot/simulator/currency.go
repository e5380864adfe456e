package simulator

import (
	"math/big"
	"slices"
)

// currency is an ISO 4217 currency with a rate that the simulator made up.
type currency struct {
	code     string
	label    string
	decimals int
	perUSD   string // decimal
}

func currencies() []currency {
	return []currency{
		{"AUD", "AUSTRALIAN DOLLAR", 2, "1.50"},
		{"BRL", "BRAZILIAN REAL", 2, "5.00"},
		{"CAD", "CANADIAN DOLLAR", 2, "1.35"},
		{"CHF", "SWISS FRANC", 2, "0.90"},
		{"EUR", "EURO", 2, "0.90"},
		{"GBP", "POUND STERLING", 2, "0.80"},
		{"JPY", "YEN", 0, "150"},
		{"KWD", "KUWAITI DINAR", 3, "0.30"},
		{"KYD", "CAYMAN ISLANDS DOLLAR", 2, "0.83"},
		{"MXN", "MEXICAN PESO", 2, "18"},
		{"NZD", "NEW ZEALAND DOLLAR", 2, "1.60"},
		{"SGD", "SINGAPORE DOLLAR", 2, "1.35"},
		{"USD", "US DOLLAR", 2, "1"},
	}
}

func findCurrency(code string) (currency, bool) {
	i := slices.IndexFunc(currencies(), func(c currency) bool { return c.code == code })
	if i < 0 {
		return currency{}, false
	}
	return currencies()[i], true
}

type currencyView struct {
	Symbol string `json:"symbol"`
	Label  string `json:"label"`
}

func (st *store) listCurrencies(*request) *reply {
	var views []currencyView
	for _, c := range currencies() {
		views = append(views, currencyView{c.code, c.label})
	}
	return ok(views)
}

type conversionView struct {
	Currency          string `json:"currency"`
	ConvertedCurrency string `json:"convertedCurrency"`
	Amount            string `json:"amount"`
	ConvertedAmount   string `json:"convertedAmount"`
	Rate              string `json:"rate"`
}

func (st *store) getCurrencyConversion(rq *request) *reply {
	target := rq.query.Get("targetCurrency")
	if target == "" {
		target = "USD"
	}
	from, good := findCurrency(rq.query.Get("currency"))
	if !good {
		return invalid("currency", "Not a currency that the simulator knows")
	}
	to, good := findCurrency(target)
	if !good {
		return invalid("targetCurrency", "Not a currency that the simulator knows")
	}
	text := rq.query.Get("amount")
	amount, good := new(big.Int).SetString(text, 10)
	const longest = 40
	if !good || len(text) > longest || amount.Sign() < 0 {
		return invalid("amount", "Must be a whole number of minor units")
	}
	rate := to.rate(from)
	return ok(conversionView{from.code, to.code, amount.String(), convert(amount, from, to).String(), rate.FloatString(6)})
}

// rate is how much of c one unit of the other currency buys.
func (c currency) rate(other currency) *big.Rat {
	mine, _ := new(big.Rat).SetString(c.perUSD) // the tests read them all
	theirs, _ := new(big.Rat).SetString(other.perUSD)
	return new(big.Rat).Quo(mine, theirs)
}

// convert converts minor units, rounding down.
func convert(amount *big.Int, from, to currency) *big.Int {
	value := new(big.Rat).Mul(new(big.Rat).SetInt(amount), to.rate(from))
	value.Mul(value, new(big.Rat).SetFrac(power(to.decimals), power(from.decimals)))
	return new(big.Int).Quo(value.Num(), value.Denom())
}

// toUSD converts minor units of a currency to cents.
func toUSD(amount *big.Int, code string) (cents *big.Int, known bool) {
	from, known := findCurrency(code)
	if !known {
		return new(big.Int), false
	}
	usd, known := findCurrency("USD")
	return convert(amount, from, usd), known
}
