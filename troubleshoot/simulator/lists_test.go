package simulator

import (
	"fmt"
	"math/big"
	"slices"
	"testing"

	"immersve-doctor/diagnose/api"
)

// pagedList is a paged operation: its documented maximum and default of limit (0
// where none is documented), and what makes rows for it.
type pagedList struct {
	maximum, standard int
	as                func(*world) []string
	path              func(*world) string
	row               func(w *world, n int)
}

func pagedLists() map[string]pagedList {
	holder := func(w *world) string { return w.d.CardholderAccountID }
	partner := func(w *world) string { return w.d.AccountID }
	id := func(n int) string { return fmt.Sprintf("%032d", n) }
	return map[string]pagedList{
		"list-transactions": {1000, 0, (*world).user, holder, func(w *world, n int) {
			w.s.store.keep(&Payment{ID: id(n), AccountID: w.d.CardholderAccountID, CardID: w.d.CardID, Status: "holding", Kind: "purchase", Currency: "USD", CreatedAt: w.now})
		}},
		"get-cardholder-blocks": {1000, 100, (*world).user, holder, func(w *world, n int) {
			w.s.store.blocks.push(id(n), &Block{
				ID: id(n), AccountID: w.d.CardholderAccountID, Status: "released", Scope: "card", Type: "card-suspension", Reason: "suspended",
				Initiator: "user", CreatedAt: w.now,
			})
		}},
		"list-reports-by-account": {100, 100, (*world).admin, partner, func(w *world, n int) {
			w.s.store.reports.push(id(n), &Report{ID: id(n), AccountID: w.d.AccountID, Type: "daily-payment", Day: w.now})
		}},
		"list-account-payment-notifications": {100, 0, (*world).admin, partner, func(w *world, n int) {
			w.s.store.paymentNotifications.push(id(n), &PaymentNotification{ID: id(n), AccountID: w.d.AccountID, CreatedAt: w.now})
		}},
		"list-inquiries": {100, 0, (*world).user, holder, func(w *world, n int) {
			w.s.store.inquiries.push(id(n), &Inquiry{ID: id(n), AccountID: w.d.CardholderAccountID, CardID: w.d.CardID, Accepted: true, Code: "success", CreatedAt: w.now})
		}},
		"list-funding-source-interactions": {100, 0, (*world).user, func(w *world) string { return w.d.FundingSourceID }, func(w *world, _ int) {
			w.s.store.record(w.s.store.sources.get(w.d.FundingSourceID), "Deposit", "Confirmed", big.NewInt(1), "x", w.now)
		}},
		"list-funding-channels": {100, 0, (*world).admin, partner, func(w *world, n int) {
			w.s.store.channels.add(id(n), &Channel{ID: id(n), AccountID: w.d.AccountID, TypeName: "simulator-usdc", Purpose: "card-funding", Params: "{}", CreatedAt: w.now})
		}},
		"list-webhook-notifications": {100, 0, (*world).admin, partner, func(w *world, _ int) {
			w.s.store.notify(w.s.store.listeners.get(w.d.ListenerID), "async-test", notificationPayload{Test: true}, w.now)
		}},
		"list-cards": {0, 0, (*world).user, holder, func(w *world, _ int) {
			c := w.s.store.newCard(w.s.store.sources.get(w.d.FundingSourceID), w.s.store.programs.get(w.d.CardProgramID), "NZ", w.now)
			w.s.store.cards.add(c.ID, c)
		}},
	}
}

// TestEveryListPages walks every paged list: no page is longer than the
// documented maximum, every row comes once, the last page has no cursor.
func TestEveryListPages(t *testing.T) {
	for op, l := range pagedLists() {
		t.Run(op, func(t *testing.T) {
			w := newWorld(t)
			w.s.limit = newLimiter(1<<30, 1<<30)
			rows := max(2*100, l.maximum) + 7
			for n := range rows {
				l.row(w, n)
			}
			get := func(query string) answer {
				t.Helper()
				return w.do(call{op: op, as: l.as(w), path: []string{l.path(w)}, query: query}).ok()
			}
			size := func(query string, want int) {
				t.Helper()
				if got := int(get(query).get("items.#").Int()); got != want {
					t.Errorf("%q gives %d rows, want %d", query, got, want)
				}
			}
			most, standard := l.maximum, l.standard
			if most == 0 {
				most = 100
			}
			if standard == 0 {
				standard = 100
			}
			size("", standard)
			size("limit=1", 1)
			size(fmt.Sprintf("limit=%d", most), most)
			size(fmt.Sprintf("limit=%d", most+1), most)
			seen, query := map[string]bool{}, "limit=100"
			for query != "" {
				page := get(query)
				for _, id := range page.get("items.#.id").Array() {
					if seen[id.String()] {
						t.Fatalf("%s comes twice", id)
					}
					seen[id.String()] = true
				}
				query = ""
				if next := page.text("pageInfo.nextCursor"); next != "" {
					query = "limit=100&cursor=" + next
				}
			}
			if len(seen) < rows {
				t.Errorf("%d rows were seen, %d were made", len(seen), rows)
			}
		})
	}
}

// TestPagedListsAreAll holds the table to the facts: what documents a cursor is
// in it.
func TestPagedListsAreAll(t *testing.T) {
	for _, r := range api.Routes() {
		op, err := api.Lookup(r.ID)
		if err != nil {
			t.Fatal(err)
		}
		hasCursor := slices.ContainsFunc(op.Parameters, func(p api.Parameter) bool { return p.In == "query" && p.Name == "cursor" })
		if _, listed := pagedLists()[r.ID]; listed != hasCursor {
			t.Errorf("%s: documents a cursor: %v, is tested: %v", r.ID, hasCursor, listed)
		}
	}
}

// TestPagesMayBeEmpty: interactions are filtered when the page is cut, as the
// documentation warns.
func TestPagesMayBeEmpty(t *testing.T) {
	w := newWorld(t)
	source := w.s.store.sources.get(w.d.FundingSourceID)
	for range 5 {
		w.s.store.record(source, "Deposit", "Confirmed", big.NewInt(1), "x", w.now)
	}
	query, pages, empty, found := "limit=2&type=Withdrawal", 0, 0, 0
	w.s.store.interactions.rows[0].value.Type = "Withdrawal" // the oldest of six
	for query != "" {
		page := w.do(call{op: "list-funding-source-interactions", as: w.user(), path: []string{w.d.FundingSourceID}, query: query}).ok()
		pages++
		if n := int(page.get("items.#").Int()); n == 0 {
			empty++
		} else {
			found += n
		}
		query = ""
		if next := page.text("pageInfo.nextCursor"); next != "" {
			query = "limit=2&type=Withdrawal&cursor=" + next
		}
	}
	if pages != 3 || empty != 2 || found != 1 {
		t.Errorf("%d pages, %d of them empty, %d rows; want 3, 2 and 1", pages, empty, found)
	}
}
