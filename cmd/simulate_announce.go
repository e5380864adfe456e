package cmd

import (
	"fmt"
	"io"
	"strings"

	"immersve-doctor/troubleshoot/report"
	"immersve-doctor/troubleshoot/simulator"
)

// variable is a name and a value for the shell, under a comment where a group
// begins.
type variable struct{ name, value, comment string }

// announced is the JSON form of what a client needs.
type announced struct {
	simulator.Demo
	Story     simulator.Story
	Variables map[string]string
}

// announce writes what a client needs, ready to paste or to be evaluated. These
// credentials are made up by the simulator and open nothing else, so they are
// not masked.
func (o *simulateOptions) announce(sim *simulator.Simulator, url string) error {
	demo, story := sim.Demo(), sim.Story()
	demo.BaseURL = url
	list := append(demoVariables(demo), storyVariables(story)...)
	if o.output == "json" {
		a := announced{demo, story, map[string]string{}}
		for _, v := range list {
			a.Variables[v.name] = v.value
		}
		return report.WriteJSON(o.env.Out, a)
	}
	shell := o.shell
	switch {
	case shell == "" && o.env.Windows:
		shell = "powershell"
	case shell == "":
		shell = "sh"
	}
	return writeVariables(o.env.Out, shell, list, []string{
		"# The simulated API listens on " + url + " until Ctrl-C.", "# Scenario: " + report.Plain(story.Title),
		"# Try: immersve-doctor call get-card cardId=" + demo.CardID + " --env " + url,
	}, o.print)
}

// demoVariables are the settings of this program, and the ids of the demo.
func demoVariables(d simulator.Demo) []variable {
	return []variable{
		{"IMMERSVE_ENV", d.BaseURL, "for immersve-doctor and your backend: the card-issuer key"},
		{"IMMERSVE_API_KEY", d.APIKey, ""},
		{"IMMERSVE_API_SECRET", d.APISecret, ""},
		{"IMMERSVE_ACCOUNT_ID", d.CardholderAccountID, ""},
		{"SIM_ADMIN_KEY", d.AdminKey, "the account-admin key, for the partner's own resources"},
		{"SIM_ADMIN_SECRET", d.AdminSecret, ""},
		{"SIM_ACCESS_TOKEN", d.AccessToken, "the cardholder's session"},
		{"SIM_REFRESH_TOKEN", d.RefreshToken, ""},
		{"SIM_WALLET", d.WalletAddress, ""},
		{"SIM_ORIGIN", d.Origin, ""},
		{"SIM_PARTNER", d.AccountID, "ids"},
		{"SIM_APPLICATION", d.ClientApplicationID, ""},
		{"SIM_PROGRAM", d.CardProgramID, ""},
		{"SIM_PHYSICAL_PROGRAM", d.PhysicalCardProgramID, ""},
		{"SIM_CHANNEL", d.FundingChannelID, ""},
		{"SIM_CARDHOLDER", d.CardholderAccountID, "a cardholder with KYC, money and cards"},
		{"SIM_SOURCE", d.FundingSourceID, ""},
		{"SIM_CARD", d.CardID, ""},
		{"SIM_FROZEN_CARD", d.FrozenCardID, ""},
		{"SIM_PHYSICAL_CARD", d.PhysicalCardID, ""},
		{"SIM_NEW_CARDHOLDER", d.NewCardholderAccountID, "a new cardholder"},
		{"SIM_NEW_SOURCE", d.NewFundingSourceID, ""},
	}
}

// storyVariables are the names of a scenario: "alice access-token" becomes
// SIM_ALICE_ACCESS_TOKEN.
func storyVariables(s simulator.Story) []variable {
	var list []variable
	for i, n := range s.Names {
		v := variable{name: "SIM_" + strings.ToUpper(strings.NewReplacer("-", "_", " ", "_").Replace(n.Name)), value: n.Value}
		if i == 0 {
			v.comment = "the scenario's"
		}
		list = append(list, v)
	}
	return list
}

// writeVariables writes a script: every line that is no assignment is a comment.
// heads are what runs, the scenario and an example; those two are left out where
// they say nothing.
func writeVariables(w io.Writer, shell string, list []variable, heads []string, quiet bool) error {
	var b strings.Builder
	if !quiet {
		b.WriteString(heads[0] + "\n")
	}
	if !strings.HasSuffix(heads[1], ": ") {
		b.WriteString(heads[1] + "\n")
	}
	for _, v := range list {
		if v.comment != "" {
			b.WriteString("\n# " + v.comment + "\n")
		}
		b.WriteString(assignment(shell, v) + "\n")
	}
	if !quiet {
		b.WriteString("\n" + heads[2] + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// assignment sets an environment variable. Values hold nothing that a shell
// looks at; they are quoted all the same where single quotes do no harm.
func assignment(shell string, v variable) string {
	switch shell {
	case "powershell":
		return fmt.Sprintf("$env:%s = '%s'", v.name, strings.ReplaceAll(v.value, "'", "''"))
	case "fish":
		return fmt.Sprintf("set -gx %s '%s'", v.name, strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(v.value))
	}
	if strings.ContainsAny(v.value, " '\"\\$`!&|;<>()*?[]{}~#\n\t") {
		return fmt.Sprintf("export %s='%s'", v.name, strings.ReplaceAll(v.value, "'", `'\''`))
	}
	return fmt.Sprintf("export %s=%s", v.name, v.value)
}
