package probe

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose"
)

// amount parses a whole number of smallest units from a JSON number or string.
func amount(v gjson.Result) (*big.Int, bool) {
	text := v.Raw
	if v.Type == gjson.String {
		text = v.String()
	}
	const most = 80 // digits; no token has as many
	if text == "" || len(text) > most || strings.Trim(text, "0123456789") != "" {
		return nil, false
	}
	return new(big.Int).SetString(text, 10)
}

// decimals returns the number of decimals of a token, if it's documented.
func decimals(currency, network string) (int, bool) {
	switch {
	case currency == "USDC":
		return 6, true
	case currency == "USDT" && strings.HasPrefix(network, "bsc"):
		return 18, true
	}
	return 0, false
}

// money formats an amount in smallest units and, if the token's decimals are known,
// in tokens: "1500000 (1.5 USDC)".
func money(units *big.Int, source reply) string {
	currency := source.get("balanceCurrency").String()
	places, known := decimals(currency, source.get("network").String())
	if !known {
		return fmt.Sprintf("%s smallest units of %s", units, clip(currency))
	}
	return fmt.Sprintf("%s (%s %s)", units, shift(units.String(), places), currency)
}

// shift inserts the decimal point into a number of smallest units.
func shift(digits string, places int) string {
	for len(digits) <= places {
		digits = "0" + digits
	}
	whole, rest := digits[:len(digits)-places], strings.TrimRight(digits[len(digits)-places:], "0")
	if rest == "" {
		return whole
	}
	return whole + "." + rest
}

// covers compares the balance with the amount asked for.
func covers(w *walk, r reply, path string) (diagnose.State, string) {
	balance, good := amount(r.get(path))
	asked, shown := amount(w.content("amount"))
	switch {
	case !good:
		return diagnose.Unknown, "seen: " + seen(path, r.get(path))
	case !shown:
		return diagnose.Unknown, fmt.Sprintf("seen: the balance is %s, but the input doesn't show the amount", money(balance, r))
	}
	return truth(asked.Cmp(balance) <= 0, fmt.Sprintf("the balance is %s, and the request asks for %s", money(balance, r), money(asked, r)))
}

// pending returns the number and sum of withdrawals that are neither confirmed nor
// discarded. As the docs say, that includes unknown statuses.
func pending(entries []gjson.Result) (count int, sum *big.Int) {
	sum = new(big.Int)
	for _, e := range entries {
		if kind := e.Get("type").String(); kind != "" && !strings.EqualFold(kind, "Withdrawal") {
			continue
		}
		switch strings.ToLower(e.Get("status").String()) {
		case "confirmed", "discarded":
			continue
		}
		count++
		if n, good := amount(e.Get("amount")); good {
			sum.Add(sum, n)
		}
	}
	return count, sum
}

// noneHolds checks whether pending withdrawals use up the missing amount.
func noneHolds(w *walk, entries []gjson.Result) (diagnose.State, string) {
	count, held := pending(entries)
	if count == 0 {
		return diagnose.OK, "no withdrawal is pending"
	}
	source := w.lookUp("get-funding-source", w.parameter("fundingSourceId"), "")
	balance, good := amount(source.get("balance"))
	asked, shown := amount(w.content("amount"))
	words := counted(count, "pending withdrawal") + " of " + money(held, source)
	if source.kind != granted || !good || !shown {
		return diagnose.Unknown, "seen: " + counted(count, "pending withdrawal")
	}
	if balance.Add(balance, held).Cmp(asked) >= 0 {
		return diagnose.Problem, words + ", and without them the balance would be enough"
	}
	return diagnose.OK, words + ", but even without them the balance wouldn't be enough"
}

func fewerThanTen(_ *walk, entries []gjson.Result) (diagnose.State, string) {
	const most = 10 // documented with TOO_MANY_PENDING_WITHDRAWALS
	count, _ := pending(entries)
	return truth(count < most, counted(count, "withdrawal")+" pending")
}

func ofCardholder(w *walk, r reply, path string) (diagnose.State, string) {
	if w.Account == "" || r.get(path).String() == "" {
		return diagnose.Unknown, "seen: " + seen(path, r.get(path))
	}
	return truth(r.get(path).String() == w.Account, fmt.Sprintf("%s, x-account-id %s", seen(path, r.get(path)), shorten(w.Account)))
}

// channelKind shows a channel's type. A billing channel can't fund a card program.
func channelKind(_ *walk, r reply, path string) (diagnose.State, string) {
	words := fmt.Sprintf("%s, %s", seen(path, r.get(path)), seen("purpose", r.get("purpose")))
	if r.get("purpose").String() == "billing" {
		return diagnose.Problem, words
	}
	return diagnose.Unknown, "seen: " + words
}

func notCustodial(_ *walk, r reply, path string) (diagnose.State, string) {
	v := r.get(path)
	if v.String() == "" {
		return diagnose.Unknown, seen(path, v)
	}
	return truth(!strings.HasPrefix(v.String(), "custodial-"), seen(path, v))
}

// otherParams looks for a channel with the same contract. It ignores the case of
// addresses.
func otherParams(w *walk, entries []gjson.Result) (diagnose.State, string) {
	same := ""
	w.content("params").ForEach(func(name, value gjson.Result) bool {
		for _, e := range entries {
			claimed := e.Get("params").Get(gjson.Escape(name.String())).String()
			if claimed != "" && strings.EqualFold(claimed, value.String()) && same == "" {
				same = fmt.Sprintf("funding channel %s has the same %s", shorten(e.Get("id").String()), clip(name.String()))
			}
		}
		return true
	})
	if same != "" {
		return diagnose.Problem, same
	}
	return diagnose.OK, fmt.Sprintf("none of %s has the same params", counted(len(entries), "funding channel"))
}

func otherSources(w *walk, entries []gjson.Result) (diagnose.State, string) {
	others := 0
	for _, e := range entries {
		if e.Get("id").String() != w.parameter("fundingSourceId") {
			others++
		}
	}
	if others == 0 {
		return diagnose.OK, "the cardholder doesn't have another one"
	}
	return diagnose.Unknown, "seen: " + counted(others, "other funding source")
}
