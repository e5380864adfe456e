package probe_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"immersve-doctor/diagnose"
)

// rung is a failing call in the simulator, and what is true of it.
type rung struct {
	name   string
	call   func(*world) call
	states string // of resource, membership, role
	errors string // findings that accuse
	says   string // part of the evidence or of a verdict
}

const nowhere = "0123456789abcdef0123456789abcdef"

func rungs() []rung {
	cards := func(w *world, as []string, account string) call {
		return call{op: "list-cards", as: as, path: []string{account}}
	}
	card := func(w *world, as []string, id string) call {
		return call{op: "get-card", as: as, path: []string{id}}
	}
	return []rung{
		// The account.
		{
			"the cardholder is not named",
			func(w *world) call { return cards(w, w.issuer(), w.d.CardholderAccountID) },
			"ok problem ok", "target-account-missing", "403 without x-account-id and 200 with it",
		},
		{
			"the partner is named instead of the cardholder",
			func(w *world) call { return cards(w, in(w.d.AccountID, w.issuer()), w.d.CardholderAccountID) },
			"ok problem ok", "target-account-mismatch", "403 with x-account-id d1bc…9956 and 200 with",
		},
		{
			"a cardholder of another partner, not named",
			func(w *world) call { return cards(w, w.issuer(), w.d.ForeignAccountID) },
			"unknown problem unknown", "membership-missing", "GET /api/currencies → 200, GET /api/currencies with x-account-id",
		},
		{
			"a cardholder of another partner, named",
			func(w *world) call { return cards(w, in(w.d.ForeignAccountID, w.issuer()), w.d.ForeignAccountID) },
			"unknown problem unknown", "membership-missing", "with no x-account-id → 200, GET /api/currencies → 403",
		},
		{
			"an account that does not exist looks like a stranger's",
			func(w *world) call { return cards(w, w.issuer(), nowhere) },
			"unknown problem unknown", "membership-missing", "if the account didn't exist",
		},
		{
			"a user and somebody else's account",
			func(w *world) call { return cards(w, w.user(), w.d.NewCardholderAccountID) },
			"unknown problem unknown", "membership-missing", "",
		},
		{
			"a stranger's x-account-id on a call that names no account",
			func(w *world) call { return card(w, in(w.d.ForeignAccountID, w.issuer()), w.d.ForeignCardID) },
			"unknown problem unknown", "membership-missing", "",
		},
		{
			"a cardholder's account where a partner's belongs",
			func(w *world) call {
				return call{op: "list-funding-channels", as: w.user(), path: []string{w.d.CardholderAccountID}}
			},
			"problem ok unknown", "", `an account of type "cardholder", but list-funding-channels needs a partner account`,
		},
		{
			"the partner's own name on a cardholder's card",
			func(w *world) call { return card(w, in(w.d.AccountID, w.issuer()), w.d.CardID) },
			"unknown unknown unknown", "", `x-account-id names an account of type "partner"`,
		},

		// The role.
		{
			"the account-admin key on a cardholder's list, with the account",
			func(w *world) call {
				return cards(w, in(w.d.CardholderAccountID, w.admin()), w.d.CardholderAccountID)
			},
			"unknown ok problem", "role-insufficient", "but 403 for an invented account",
		},
		{
			"the account-admin key on a cardholder's list, without the account",
			func(w *world) call { return cards(w, w.admin(), w.d.CardholderAccountID) },
			"unknown ok problem", "role-insufficient", "funding-sources with x-account-id",
		},
		{
			"the account-admin key on a card",
			func(w *world) call { return card(w, in(w.d.CardholderAccountID, w.admin()), w.d.CardID) },
			"unknown ok problem", "role-insufficient", "contact-details → 403",
		},
		{
			"the card-issuer key on the partner's listeners",
			func(w *world) call {
				return call{op: "list-webhook-listeners", as: w.issuer(), path: []string{w.d.AccountID}}
			},
			"unknown ok problem", "role-insufficient", "funding-channels → 403",
		},
		{
			"the card-issuer key making a funding channel",
			func(w *world) call {
				return call{op: "create-funding-channel", as: w.issuer(), body: fmt.Sprintf(`{"accountId":%q,"fundingTypeName":"simulator-usdc","params":{}}`, w.d.AccountID)}
			},
			"unknown ok problem", "role-insufficient", "webhook-listeners → 403",
		},
		{
			"an operation whose role is not documented",
			func(w *world) call {
				return call{op: "get-partner-profile", as: w.issuer(), path: []string{w.d.AccountID}}
			},
			"ok ok unknown", "", "the docs don't say which role get-partner-profile needs",
		},

		// The resource.
		{
			"another partner's card",
			func(w *world) call { return card(w, w.forHolder(), w.d.ForeignCardID) },
			"problem ok ok", "resource-missing", "cards lists 4 cards on all its pages, but not this one",
		},
		{
			"a card that does not exist",
			func(w *world) call { return call{op: "freeze-card", as: w.forHolder(), path: []string{nowhere}} },
			"problem ok ok", "resource-missing", "doesn't have a card 0123…cdef",
		},
		{
			"another cardholder's funding source in a body",
			func(w *world) call {
				return call{op: "create-card", as: w.forHolder(), body: fmt.Sprintf(`{"cardProgramId":%q,"fundingSourceId":%q}`, w.d.CardProgramID, w.d.NewFundingSourceID)}
			},
			"problem ok ok", "resource-missing", "lists 2 funding sources",
		},
		{
			"a transaction that does not exist",
			func(w *world) call { return call{op: "get-transaction", as: w.forHolder(), path: []string{nowhere}} },
			"problem ok ok", "resource-missing", "lists 1 transaction on",
		},
		{
			"an inquiry that does not exist",
			func(w *world) call { return call{op: "get-inquiry", as: w.forHolder(), path: []string{nowhere}} },
			"problem ok ok", "resource-missing", "lists 1 inquiry on",
		},
		{
			"a report that does not exist",
			func(w *world) call {
				return call{op: "get-report", as: in(w.d.AccountID, w.admin()), path: []string{"01JPMK5BGDY7G2PQXYZ1234567"}}
			},
			"problem ok ok", "resource-missing", "lists 2 reports",
		},
		{
			"a webhook listener that does not exist",
			func(w *world) call {
				return call{op: "get-webhook-listener", as: in(w.d.AccountID, w.admin()), path: []string{nowhere}}
			},
			"problem ok ok", "resource-missing", "lists 1 webhook listener on",
		},
		{
			"a funding channel that does not exist",
			func(w *world) call {
				return call{op: "get-funding-channel", as: in(w.d.AccountID, w.admin()), path: []string{nowhere}}
			},
			"problem ok ok", "resource-missing", "lists 3 funding channels",
		},
		{
			"a payment notification that does not exist",
			func(w *world) call {
				return call{op: "get-payment-notification", as: in(w.d.AccountID, w.admin()), path: []string{nowhere}}
			},
			"problem ok ok", "resource-missing", "lists 1 payment notification on",
		},
		{
			"a file, which no list holds",
			func(w *world) call { return call{op: "get-file-upload", as: w.forHolder(), path: []string{nowhere}} },
			"unknown ok ok", "", "no endpoint lists files",
		},
		{
			"a client application, which no list holds",
			func(w *world) call {
				return call{op: "get-client-application", as: in(w.d.AccountID, w.admin()), path: []string{nowhere}}
			},
			"unknown ok ok", "", "no endpoint lists client applications",
		},
		{
			"nothing says whose card it is",
			func(w *world) call { return card(w, w.issuer(), w.d.CardID) },
			"unknown unknown unknown", "", "without x-account-id the owner is unknown",
		},

		// The opposite: everything is in order, and nothing is accused.
		{
			"a pending report",
			func(w *world) call {
				return call{op: "create-report-download-url", as: in(w.d.AccountID, w.admin()), path: []string{w.d.PendingReportID}}
			},
			"ok ok ok", "", `the report's status is "pending"`,
		},
		{
			"a cancelled card cannot be frozen",
			func(w *world) call {
				w.ok(call{op: "cancel-card", as: w.forHolder(), path: []string{w.d.CardID}})
				return call{op: "freeze-card", as: w.forHolder(), path: []string{w.d.CardID}}
			},
			"ok ok ok", "", `the card's status is "cancelled"`,
		},
		{
			"a user whose own call was refused and is answered now",
			func(w *world) call {
				c := cards(w, in(w.d.CardholderAccountID, w.user()), w.d.CardholderAccountID)
				c.order = "403"
				return c
			},
			"ok ok ok", "", "the same request now succeeds",
		},
		{
			"the session's own account, without its id",
			func(w *world) call {
				return call{op: "get-card", as: w.user(), path: []string{w.d.CardID}, order: "403"}
			},
			"ok ok ok", "", "cardId 06db…8f57 exists",
		},
		{
			"the card-issuer key with the right account",
			func(w *world) call {
				return call{op: "freeze-card", as: w.forHolder(), path: []string{w.d.CardID}, order: "403"}
			},
			"ok ok ok", "", "so the API rejects the action itself",
		},
		{
			"the account-admin key on its own partner",
			func(w *world) call {
				return call{op: "list-webhook-listeners", as: w.admin(), path: []string{w.d.AccountID}, order: "403"}
			},
			"ok ok ok", "", "it can read the partner's own resources",
		},
		{
			"an operation on no account at all",
			func(w *world) call { return call{op: "list-fault-types", as: w.admin(), order: "403"} },
			"not-applicable unknown unknown", "", "the request has no resource ID",
		},
		{
			"regions, which every role reads",
			func(w *world) call {
				return call{op: "get-supported-regions", as: w.issuer(), path: []string{w.d.AccountID}, order: "403"}
			},
			"ok ok ok", "", "the same request now succeeds",
		},
	}
}

// TestLadder makes each failing call and compares what the probes settle with
// what is true in the simulator.
func TestLadder(t *testing.T) {
	for _, r := range rungs() {
		t.Run(r.name, func(t *testing.T) {
			w := newWorld(t)
			d := w.probed(r.call(w))
			if got := states(&d); got != r.states {
				t.Errorf("resource, membership, role are %q, want %q", got, r.states)
			}
			if got := errorsOf(&d); got != r.errors {
				t.Errorf("accused are %q, want %q", got, r.errors)
			}
			if got := everything(&d); !strings.Contains(got, r.says) {
				t.Errorf("nothing says %q", r.says)
			}
			if t.Failed() {
				t.Log(shown(&d), everything(&d))
			}
		})
	}
}

// everything is what people read of a proof.
func everything(d *diagnose.Diagnosis) string {
	var b strings.Builder
	for _, f := range d.Findings {
		fmt.Fprintf(&b, "\n%s %s: %s. %s. %s", f.Severity, f.ID, f.Title, f.Evidence, f.Fix)
	}
	for _, v := range append(d.Verdicts, d.Steps...) {
		fmt.Fprintf(&b, "\n%s %s: %s", v.Item, v.State, v.Because)
	}
	return b.String() + "\n" + d.Remark
}

// A header that is proven to be missing is added to the corrected request, and a
// suspicion that the probes cleared is gone.
func TestHeaderIsCorrected(t *testing.T) {
	w := newWorld(t)
	d := w.probed(call{op: "list-cards", as: w.issuer(), path: []string{w.d.CardholderAccountID}})
	if d.Corrected == nil || d.Corrected.Header.Text("x-account-id") != w.d.CardholderAccountID {
		t.Errorf("the corrected request is %v", d.Corrected)
	}
	if d.Exchange.Request.Header.Text("x-account-id") != "" {
		t.Error("the exchange itself was changed")
	}
}

func TestSuspicionIsCleared(t *testing.T) {
	w := newWorld(t)
	before := diagnose.Diagnose(w.send(call{op: "get-contact-details", as: w.issuer(), path: []string{w.d.CardholderAccountID}, order: "403"}), w.now)
	if len(before.Findings) != 1 || before.Findings[0].ID != "target-account-missing" {
		t.Fatalf("without probes the findings are %+v", before.Findings)
	}
	d := w.probed(call{op: "list-cards", as: w.forHolder(), path: []string{w.d.CardholderAccountID}, order: "403"})
	if len(d.Findings) != 0 {
		t.Errorf("in order, and yet there is %+v", d.Findings)
	}
}

// The account that the user names elsewhere is tried where the call names none.
func TestCandidate(t *testing.T) {
	w := newWorld(t)
	ex := w.send(call{op: "get-card", as: w.issuer(), path: []string{w.d.CardID}})
	d := w.walk(ex, credentials(ex.Request), w.d.CardholderAccountID)
	if got := states(&d); got != "ok problem ok" {
		t.Errorf("the verdicts are %q%s", got, shown(&d))
	}
	if got := errorsOf(&d); got != "target-account-missing" {
		t.Errorf("accused are %q", got)
	}
	other := w.walk(ex, credentials(ex.Request), w.d.NewCardholderAccountID)
	if got := errorsOf(&other); got != "" {
		t.Errorf("with another cardholder's account accused are %q%s", got, shown(&other))
	}
}

// Credentials that have expired since the call settle nothing.
func TestExpiredMeanwhile(t *testing.T) {
	w := newWorld(t)
	ex := w.send(call{op: "get-card", as: w.user(), path: []string{w.d.ForeignCardID}})
	header := credentials(ex.Request)
	d := diagnose.Diagnose(ex, w.now)
	w.pass(time.Hour)
	if states(&d) != "unknown unknown unknown" {
		t.Fatalf("before the probes the verdicts are %q", states(&d))
	}
	ex.Started = w.now
	ex.Response.Header.Set("date", w.now.Add(-time.Hour).Format("Mon, 02 Jan 2006 15:04:05 GMT"))
	d = w.walk(ex, header, "")
	if got := states(&d); got != "unknown unknown unknown" || errorsOf(&d) != "" {
		t.Errorf("the verdicts are %q, accused are %q%s", got, errorsOf(&d), shown(&d))
	}
}
