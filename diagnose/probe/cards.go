package probe

import (
	"fmt"
	"slices"
	"time"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose"
)

func idAmong(w *walk, entries []gjson.Result) (diagnose.State, string) {
	id := w.parameter("cardId")
	found := slices.ContainsFunc(entries, func(c gjson.Result) bool { return c.Get("id").String() == id })
	if found {
		return diagnose.OK, "it's one of " + counted(len(entries), "card")
	}
	return diagnose.Problem, "it isn't one of " + counted(len(entries), "card")
}

// sameProgram is ok if a card is of the program. Cards of other programs prove
// nothing.
func sameProgram(w *walk, entries []gjson.Result) (diagnose.State, string) {
	asked := w.parameter("cardProgramId")
	other := ""
	for _, c := range entries {
		switch id := c.Get("cardProgramId").String(); {
		case id == asked && asked != "":
			return diagnose.OK, fmt.Sprintf("card %s is from the same program", shorten(c.Get("id").String()))
		case other == "":
			other = id
		}
	}
	if other == "" {
		return diagnose.Unknown, "the cardholder doesn't have a card yet"
	}
	return diagnose.Unknown, fmt.Sprintf("seen: cards of program %s", shorten(other))
}

func physicalProgram(w *walk, entries []gjson.Result) (diagnose.State, string) {
	for _, c := range entries {
		if c.Get("cardProgramId").String() == w.parameter("cardProgramId") {
			return truth(c.Get("type").String() == "physical", fmt.Sprintf("an earlier card of the program is %s", clip(c.Get("type").String())))
		}
	}
	return diagnose.Unknown, "there's no earlier card of this program"
}

func tally(entries []gjson.Result) (active, usable int) {
	for _, c := range entries {
		if c.Get("status").String() != "active" {
			continue
		}
		active++
		if !c.Get("isBlocked").Bool() {
			usable++
		}
	}
	return active, usable
}

// activeCards shows the count, because the docs don't state the limit.
func activeCards(_ *walk, entries []gjson.Result) (diagnose.State, string) {
	active, _ := tally(entries)
	return diagnose.Unknown, fmt.Sprintf("seen: %d of %s active", active, counted(len(entries), "card"))
}

func noneUsable(_ *walk, entries []gjson.Result) (diagnose.State, string) {
	_, usable := tally(entries)
	return truth(usable == 0, fmt.Sprintf("%d of %s active and not blocked", usable, counted(len(entries), "card")))
}

// burst is the longest time between two cards that a retry created.
const burst = time.Minute

func noBurst(_ *walk, entries []gjson.Result) (diagnose.State, string) {
	var times []time.Time
	for _, c := range entries {
		if at, err := time.Parse(time.RFC3339, c.Get("createdAt").String()); err == nil {
			times = append(times, at)
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	for i := 1; i < len(times); i++ {
		if gap := times[i].Sub(times[i-1]); gap < burst {
			return diagnose.Problem, fmt.Sprintf("two were created within %d s at %s", int(gap.Seconds())+1, times[i].UTC().Format("2006-01-02 15:04 UTC"))
		}
	}
	return diagnose.OK, fmt.Sprintf("no two of %s were created within a minute", counted(len(entries), "card"))
}

// newestOfSeries compares the card with others of its series.
func newestOfSeries(w *walk, entries []gjson.Result) (diagnose.State, string) {
	var own gjson.Result
	for _, c := range entries {
		if c.Get("id").String() == w.parameter("cardId") {
			own = c
		}
	}
	if own.Get("seriesId").String() == "" {
		return diagnose.Unknown, "the card isn't in the list, or has no seriesId"
	}
	for _, c := range entries {
		same := c.Get("seriesId").String() == own.Get("seriesId").String() && c.Get("id").String() != own.Get("id").String()
		if same && c.Get("createdAt").String() > own.Get("createdAt").String() {
			return diagnose.Problem, fmt.Sprintf("card %s of the series is newer (status %q)", shorten(c.Get("id").String()), clip(c.Get("status").String()))
		}
	}
	return diagnose.OK, "it's the newest of its series"
}

// inForce returns the blocks that aren't released.
func inForce(entries []gjson.Result) []gjson.Result {
	return slices.DeleteFunc(slices.Clone(entries), func(b gjson.Result) bool {
		status := b.Get("status").String()
		return status == "released"
	})
}

func blockWords(b gjson.Result) string {
	return fmt.Sprintf("a block of scope %q, reason %q, by %q", clip(b.Get("scope").String()), clip(b.Get("reason").String()), clip(b.Get("initiator").String()))
}

func noCardholderBlock(_ *walk, entries []gjson.Result) (diagnose.State, string) {
	for _, b := range inForce(entries) {
		if b.Get("scope").String() == "cardholder" {
			return diagnose.Problem, blockWords(b) + " is active"
		}
	}
	return diagnose.OK, "no block is active"
}

// ownBlock looks for a block of the card, or of all cards, that someone other than
// the user and the partner set.
func ownBlock(w *walk, entries []gjson.Result) (diagnose.State, string) {
	seen := ""
	for _, b := range inForce(entries) {
		if id := b.Get("cardId").String(); id != "" && id != w.parameter("cardId") {
			continue
		}
		switch by := b.Get("initiator").String(); {
		case by != "user" && by != "partner":
			return diagnose.Problem, blockWords(b) + " is active"
		case seen == "":
			seen = blockWords(b)
		}
	}
	if seen == "" {
		return diagnose.Unknown, "no block of this card is active"
	}
	return diagnose.OK, seen
}

// noOtherBlock ignores the activation block that every new cardholder has.
func noOtherBlock(_ *walk, entries []gjson.Result) (diagnose.State, string) {
	for _, b := range inForce(entries) {
		if b.Get("scope").String() == "cardholder" && b.Get("reason").String() != "activation" {
			return diagnose.Problem, blockWords(b) + " is active"
		}
	}
	return diagnose.OK, "no other block is active"
}

// The regions: the requested one, and the profile's.

func askedRegionAvailable(w *walk, entries []gjson.Result) (diagnose.State, string) {
	asked := w.content("kycRegion").String()
	if asked == "" {
		return diagnose.Unknown, "the input doesn't show kycRegion"
	}
	return available(asked, entries)
}

func profileRegionAvailable(w *walk, entries []gjson.Result) (diagnose.State, string) {
	profile := w.lookUp("get-kyc-profile", w.cardholder(), "")
	region := profile.get("region").String()
	if profile.kind != granted || region == "" {
		return diagnose.Unknown, "the KYC profile's region is unknown"
	}
	return available(region, entries)
}

func available(code string, entries []gjson.Result) (diagnose.State, string) {
	for _, r := range entries {
		if r.Get("code").String() == code {
			return truth(r.Get("isAvailable").Bool(), fmt.Sprintf("%q is listed with isAvailable %t", clip(code), r.Get("isAvailable").Bool()))
		}
	}
	return diagnose.Problem, fmt.Sprintf("%q isn't one of %s", clip(code), counted(len(entries), "region"))
}

// countAddresses doesn't show the addresses, because they're personal data.
func countAddresses(_ *walk, entries []gjson.Result) (diagnose.State, string) {
	return diagnose.Unknown, "seen: " + counted(len(entries), "address record")
}
