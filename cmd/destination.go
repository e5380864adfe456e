package cmd

import (
	"context"
	"strings"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
)

// destination is where requests go and what with.
type destination struct {
	base        string // "" where the capture went
	credentials credentials
	sim         *local // nil unless --env local
}

func (d *destination) stop() {
	if d.sim != nil {
		d.sim.stop()
	}
}

// moveTo names another environment; local starts the simulator with the scenario.
func (d *destination) moveTo(ctx context.Context, env Environment, environment, scenario string) (err error) {
	d.credentials.environment = environment
	if environment == "local" {
		d.sim, err = startLocal(ctx, env, scenario)
		if err == nil {
			d.base = d.sim.url
		}
		return err
	}
	d.base, err = d.credentials.baseURL()
	return err
}

// equip puts fresh credentials in, and the account where it was asked for or
// where the captured one cannot be right. It returns what it did.
func (d *destination) equip(r *exchange.Request, op *api.Operation, accountAsked bool) []string {
	c := d.credentials
	whose := "fresh"
	if d.sim != nil && c.key == "" && c.token == "" {
		d.sim.fill(&c, op)
		whose = "the simulator's"
	}
	session := holds(r, fieldAuthorization)
	did := c.refresh(r, op, whose)
	switched := session && !holds(r, fieldAuthorization)
	if c.account == "" || c.account == r.Header.Text(fieldAccount) || op != nil && op.Security == api.SecurityNone {
		return did
	}
	if accountAsked || d.wantsAccount(r, switched) {
		r.Header.Set(fieldAccount, c.account)
		did = append(did, fieldAccount+" set to "+c.account)
	}
	return did
}

// wantsAccount reports whether a request needs another account than it has: the
// capture does not show it; a key took the place of a session, which knows its
// account; or the simulator is asked about an account of a real environment.
func (d *destination) wantsAccount(r *exchange.Request, switched bool) bool {
	if holds(r, fieldAccount) {
		return d.sim != nil && !api.IsLoopback(r.URL.Host)
	}
	return switched || !r.HeaderCaptured
}

// move sends a request to another environment: host, and path prefix of a base
// URL.
func move(r *exchange.Request, base string, op *api.Operation) {
	target := exchange.ParseURL(hostFor(base, op) + pathOf(r.URL))
	target.RawQuery, target.HasQuery = r.URL.RawQuery, r.URL.HasQuery
	r.URL = target
	r.Header.Del("host")
}

// pathOf is the path of a URL; where a variable without a value stands for the
// host, "{{baseUrl}}/api/cards", what follows it.
func pathOf(u exchange.URL) string {
	if u.Host != "" || u.Path == "" || strings.HasPrefix(u.Path, "/") {
		return u.Path
	}
	_, path, _ := strings.Cut(u.Path, "/")
	return "/" + path
}
