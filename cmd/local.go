package cmd

import (
	"context"
	"fmt"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot/simulator"
)

// local is the simulator that runs inside the process for --env local.
type local struct {
	url  string
	demo simulator.Demo
	sim  *simulator.Simulator
	stop func()
	// again are the flags that start it again.
	again string
}

// mark notes with which simulator an exchange was, nil for none.
func (l *local) mark(ex *exchange.Exchange) {
	if l != nil {
		ex.Source.Local = l.again
	}
}

// startLocal starts the simulator on a free loopback port, with a scenario where
// one is named.
func startLocal(ctx context.Context, env Environment, scenario string) (*local, error) {
	sc, err := loadScenario(ctx, scenario)
	if err != nil {
		return nil, err
	}
	s, err := newSimulator(simulator.Options{Now: env.Now, Seed: simulator.DemoSeed, Scenario: sc}, scenario)
	if err != nil {
		return nil, err
	}
	server, err := s.Start(ctx, "127.0.0.1:0", false)
	if err != nil {
		return nil, fmt.Errorf("start the simulator: %w", err)
	}
	again := "--env local"
	if scenario != "" {
		again += " --scenario " + exchange.QuoteFile(scenario)
	}
	return &local{url: server.URL, demo: s.DemoKeys(), sim: s, again: again, stop: func() { _ = server.Close() }}, nil // nothing is lost: its state ends with it
}

// fill gives a call the simulator's own credentials where the user gave none:
// the key pair whose role the operation wants, and the account that it works on.
func (l *local) fill(c *credentials, op *api.Operation) {
	if c.key != "" || c.token != "" {
		return
	}
	c.key, c.secret = l.demo.APIKey, l.demo.APISecret
	if op == nil {
		return
	}
	if op.Security == api.SecurityToken {
		c.token = l.sim.Demo().AccessToken
	}
	switch op.AccountKind {
	case api.AccountPartner:
		c.key, c.secret = l.demo.AdminKey, l.demo.AdminSecret
	case api.AccountCardholder:
		if c.account == "" {
			c.account = l.demo.CardholderAccountID
		}
	}
}

// value returns the simulator's own value for a parameter or field, or "" if it has
// none.
func (l *local) value(op *api.Operation, name string) string {
	if l == nil || op == nil {
		return ""
	}
	switch name {
	case "accountId", "cardholderAccountId", "cardholderId":
		if op.AccountKind == api.AccountCardholder {
			return l.demo.CardholderAccountID
		}
		return l.demo.AccountID
	case "partnerAccountId":
		return l.demo.AccountID
	case "cardId":
		return l.demo.CardID
	case "cardProgramId":
		return l.demo.CardProgramID
	case "fundingSourceId":
		return l.demo.FundingSourceID
	case "fundingChannelId":
		return l.demo.FundingChannelID
	case "clientApplicationId":
		return l.demo.ClientApplicationID
	case "transactionId":
		return l.demo.TransactionID
	case "inquiryId":
		return l.demo.InquiryID
	case "reportId":
		return l.demo.ReportID
	case "messageId":
		return l.demo.PaymentNotificationID
	case "listenerId":
		return l.demo.ListenerID
	case "fileUploadId":
		return l.demo.FileUploadID
	case "challengeId":
		return l.demo.SecurityChallengeID
	}
	return ""
}
