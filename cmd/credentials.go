package cmd

import (
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
)

// credentialOptions are the flags that name credentials and environment. Flags
// win over environment variables, those over the profile.
type credentialOptions struct {
	environment string
	profile     string
	key         string
	secret      string
	token       string
	account     string

	recorded bool // without --env, requests go where they were recorded
}

func (o *credentialOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.environment, "env", "", "test, live, local or a URL (default test)")
	f.StringVar(&o.profile, "profile", "", "Use a profile from the config file")
	f.StringVar(&o.key, "api-key", "", "API key (default $IMMERSVE_API_KEY)")
	f.StringVar(&o.secret, "api-secret", "", "API secret (default $IMMERSVE_API_SECRET)")
	f.StringVar(&o.token, "token", "", "Access token (default $IMMERSVE_ACCESS_TOKEN)")
	f.StringVar(&o.account, "account", "", "Send x-account-id (default $IMMERSVE_ACCOUNT_ID)")
}

// credentials are what a call is made with.
type credentials struct {
	environment string // test, live, local, or a base URL
	key, secret string
	token       string
	account     string
	from        sources
}

// sources say where settings came from: a flag, a variable or a profile.
type sources struct{ environment, key, secret, token, account string }

// resolve merges flags, environment variables and profile.
func (o *credentialOptions) resolve(env Environment) (credentials, error) {
	p, err := readProfile(env, o.profile)
	if err != nil {
		return credentials{}, err
	}
	return o.with(env, p)
}

// with merges flags, environment variables and a profile that was read. The
// simulator inside the process has its own credentials: only flags replace them.
func (o *credentialOptions) with(env Environment, p profile) (credentials, error) {
	secret, err := secretFlag(env, "api-secret", o.secret)
	if err != nil {
		return credentials{}, err
	}
	token, err := secretFlag(env, "token", o.token)
	if err != nil {
		return credentials{}, err
	}
	flagsOnly := false
	var keyringErr error
	pick := func(flag, value, variable, fallback string) (string, string) {
		switch v := env.Getenv(variable); {
		case value != "":
			return value, "--" + flag
		case flagsOnly:
			return "", ""
		case v != "":
			return v, "$" + variable
		case fallback == inKeyring:
			secret, err := (&shared{env: env}).keyring().Get(keyringService, p.name+"/"+map[string]string{"api-secret": "api_secret", "token": "access_token"}[flag])
			if err != nil && keyringErr == nil {
				keyringErr = usage("store it again: immersve-doctor config set --profile "+p.name, "read the secret of profile %q from the keyring: %w", p.name, err)
			}
			return secret, "profile " + p.name + " (keyring)"
		case fallback != "":
			return fallback, "profile " + p.name
		}
		return "", ""
	}
	c := credentials{}
	c.environment, c.from.environment = pick("env", o.environment, "IMMERSVE_ENV", p.Env)
	if c.environment == "" {
		c.environment = "test"
	}
	flagsOnly = c.environment == "local" && !(o.recorded && o.environment == "")
	c.key, c.from.key = pick("api-key", o.key, "IMMERSVE_API_KEY", p.APIKey)
	c.secret, c.from.secret = pick("api-secret", secret, "IMMERSVE_API_SECRET", p.APISecret)
	c.token, c.from.token = pick("token", token, "IMMERSVE_ACCESS_TOKEN", p.AccessToken)
	c.account, c.from.account = pick("account", o.account, "IMMERSVE_ACCOUNT_ID", p.AccountID)
	if keyringErr != nil {
		return credentials{}, keyringErr
	}
	env.hidden.learn(c.secret, c.token)
	if token != "" && o.key == "" && secret == "" {
		c.key, c.secret = "", "" // the token was asked for by flag
	}
	return c, nil
}

// noteSources adds to a rejected call where its credentials came from.
func (c credentials) noteSources(d *diagnose.Diagnosis) {
	r := d.Exchange.Request
	if r == nil || d.Class != check.Unauthorized && d.Class != check.ResourceOrPermission {
		return
	}
	var came []string
	note := func(what, field, value, from string) {
		if value != "" && from != "" && r.Header.Text(field) == value {
			came = append(came, what+" from "+from)
		}
	}
	note("API key", fieldKey, c.key, c.from.key)
	note("access token", fieldAuthorization, "Bearer "+c.token, c.from.token)
	if d.Class == check.ResourceOrPermission {
		note("x-account-id", fieldAccount, c.account, c.from.account)
	}
	if len(came) > 0 {
		d.Exchange.Notes = append(d.Exchange.Notes, "sent with the "+listed(came, "and"))
	}
}

// baseURL returns where calls go; the simulator's URL is known only when it runs.
func (c credentials) baseURL() (string, error) {
	switch c.environment {
	case "test", "live":
		return api.BaseURL(api.Environment(c.environment)), nil
	case "local":
		return "", nil
	}
	url := exchange.ParseURL(c.environment)
	if (url.Scheme != "http" && url.Scheme != "https") || url.Host == "" || url.HasQuery {
		where := ""
		if c.from.environment != "--env" && c.from.environment != "" {
			where = c.from.environment + ": "
		}
		return "", usage("use test, live, local, or a URL such as http://127.0.0.1:4010", "%sunknown environment %q", where, c.environment)
	}
	return c.environment, nil
}

// apply puts the credentials that an operation takes into a header, without
// touching what is there. op is nil for a route that is not documented.
func (c credentials) apply(h *exchange.Header, op *api.Operation) {
	if op != nil && op.Security == api.SecurityNone {
		return
	}
	tokenOnly := op != nil && op.Security == api.SecurityToken
	_, bearer := h.Get("authorization")
	_, key := h.Get("x-api-key")
	switch {
	case bearer || key:
	case c.token != "" && (tokenOnly || c.key == "" && c.secret == ""):
		h.Add("authorization", "Bearer "+c.token)
	case !tokenOnly:
		addUnlessEmpty(h, "x-api-key", c.key)
		addUnlessEmpty(h, "x-api-secret", c.secret)
	}
	if _, ok := h.Get("x-account-id"); !ok {
		addUnlessEmpty(h, "x-account-id", c.account)
	}
}

func addUnlessEmpty(h *exchange.Header, name, value string) {
	if value != "" {
		h.Add(name, value)
	}
}

func readLimited(r io.Reader, limit int64) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(content)) > limit {
		err = fmt.Errorf("stdin is longer than %d bytes", limit)
	}
	return content, err
}
