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
		return diagnose.OK, "it is among " + counted(len(entries), "card")
	}
	return diagnose.Problem, "it is not among " + counted(len(entries), "card")
}

// sameProgram is settled by a card of the programme; cards of others alone prove
// nothing.
func sameProgram(w *walk, entries []gjson.Result) (diagnose.State, string) {
	asked := w.parameter("cardProgramId")
	other := ""
	for _, c := range entries {
		switch id := c.Get("cardProgramId").String(); {
		case id == asked && asked != "":
			return diagnose.OK, fmt.Sprintf("card %s is of the same programme", shorten(c.Get("id").String()))
		case other == "":
			other = id
		}
	}
	if other == "" {
		return diagnose.Unknown, "the cardholder has no card yet"
	}
	return diagnose.Unknown, fmt.Sprintf("seen: cards of programme %s", shorten(other))
}

func physicalProgram(w *walk, entries []gjson.Result) (diagnose.State, string) {
	for _, c := range entries {
		if c.Get("cardProgramId").String() == w.parameter("cardProgramId") {
			return truth(c.Get("type").String() == "physical", fmt.Sprintf("an earlier card of it is %s", clip(c.Get("type").String())))
		}
	}
	return diagnose.Unknown, "no earlier card is of this programme"
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

// activeCards shows the count: the limit stands in no documentation.
func activeCards(_ *walk, entries []gjson.Result) (diagnose.State, string) {
	active, _ := tally(entries)
	return diagnose.Unknown, fmt.Sprintf("seen: %d of %s active", active, counted(len(entries), "card"))
}

func noneUsable(_ *walk, entries []gjson.Result) (diagnose.State, string) {
	_, usable := tally(entries)
	return truth(usable == 0, fmt.Sprintf("%d of %s active and not blocked", usable, counted(len(entries), "card")))
}

// burst is how close in time two cards are created by retries.
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
	return diagnose.OK, fmt.Sprintf("no two of %s were", counted(len(entries), "card"))
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
		return diagnose.Unknown, "the card is not in the list, or has no seriesId"
	}
	for _, c := range entries {
		same := c.Get("seriesId").String() == own.Get("seriesId").String() && c.Get("id").String() != own.Get("id").String()
		if same && c.Get("createdAt").String() > own.Get("createdAt").String() {
			return diagnose.Problem, fmt.Sprintf("card %s of the series is newer, its status is %q", shorten(c.Get("id").String()), clip(c.Get("status").String()))
		}
	}
	return diagnose.OK, "it is the newest of its series"
}

// inForce returns the blocks that hold.
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
			return diagnose.Problem, blockWords(b) + " is in force"
		}
	}
	return diagnose.OK, "none is in force"
}

// ownBlock looks for a block of the card, or of all cards, that neither the user
// nor the partner set.
func ownBlock(w *walk, entries []gjson.Result) (diagnose.State, string) {
	seen := ""
	for _, b := range inForce(entries) {
		if id := b.Get("cardId").String(); id != "" && id != w.parameter("cardId") {
			continue
		}
		switch by := b.Get("initiator").String(); {
		case by != "user" && by != "partner":
			return diagnose.Problem, blockWords(b) + " is in force"
		case seen == "":
			seen = blockWords(b)
		}
	}
	if seen == "" {
		return diagnose.Unknown, "no block of this card is in force"
	}
	return diagnose.OK, seen
}

// noOtherBlock passes over the block that every new cardholder has.
func noOtherBlock(_ *walk, entries []gjson.Result) (diagnose.State, string) {
	for _, b := range inForce(entries) {
		if b.Get("scope").String() == "cardholder" && b.Get("reason").String() != "activation" {
			return diagnose.Problem, blockWords(b) + " is in force"
		}
	}
	return diagnose.OK, "none is in force for another reason"
}

// The lists of regions: the one that is asked for, and the one of the profile.

func askedRegionAvailable(w *walk, entries []gjson.Result) (diagnose.State, string) {
	asked := w.content("kycRegion").String()
	if asked == "" {
		return diagnose.Unknown, "the call shows no kycRegion"
	}
	return available(asked, entries)
}

func profileRegionAvailable(w *walk, entries []gjson.Result) (diagnose.State, string) {
	profile := w.lookUp("get-kyc-profile", w.cardholder(), "")
	region := profile.get("region").String()
	if profile.kind != granted || region == "" {
		return diagnose.Unknown, "the region of the KYC profile is not known"
	}
	return available(region, entries)
}

func available(code string, entries []gjson.Result) (diagnose.State, string) {
	for _, r := range entries {
		if r.Get("code").String() == code {
			return truth(r.Get("isAvailable").Bool(), fmt.Sprintf("%q is listed with isAvailable %t", clip(code), r.Get("isAvailable").Bool()))
		}
	}
	return diagnose.Problem, fmt.Sprintf("%q is not among %s", clip(code), counted(len(entries), "region"))
}

// countAddresses does not show them: they are personal.
func countAddresses(_ *walk, entries []gjson.Result) (diagnose.State, string) {
	return diagnose.Unknown, "seen: " + counted(len(entries), "address record")
}
