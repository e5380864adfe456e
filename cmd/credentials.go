package cmd

import (
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"immersve-doctor/diagnose/api"
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
}

func (o *credentialOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.environment, "env", "", "test, live, local (the simulator) or a base URL (default test)")
	f.StringVar(&o.profile, "profile", "", "profile of the config file")
	f.StringVar(&o.key, "api-key", "", "API key (default $IMMERSVE_API_KEY)")
	f.StringVar(&o.secret, "api-secret", "", "API secret as `@FILE` or - (default $IMMERSVE_API_SECRET)")
	f.StringVar(&o.token, "token", "", "access token as `@FILE` or - (default $IMMERSVE_ACCESS_TOKEN)")
	f.StringVar(&o.account, "account", "", "account for x-account-id (default $IMMERSVE_ACCOUNT_ID)")
}

// credentials are what a call is made with.
type credentials struct {
	environment string // test, live, local, or a base URL
	key, secret string
	token       string
	account     string
}

// resolve merges flags, environment variables and profile.
func (o *credentialOptions) resolve(env Environment) (credentials, error) {
	p, err := readProfile(env, o.profile)
	if err != nil {
		return credentials{}, err
	}
	return o.with(env, p)
}

// with merges flags, environment variables and a profile that was read.
func (o *credentialOptions) with(env Environment, p profile) (credentials, error) {
	secret, err := secretFlag(env, "api-secret", o.secret)
	if err != nil {
		return credentials{}, err
	}
	token, err := secretFlag(env, "token", o.token)
	if err != nil {
		return credentials{}, err
	}
	pick := func(flag, variable, fallback string) string {
		if flag != "" {
			return flag
		}
		if v := env.Getenv(variable); v != "" {
			return v
		}
		return fallback
	}
	c := credentials{
		environment: pick(o.environment, "IMMERSVE_ENV", p.Env),
		key:         pick(o.key, "IMMERSVE_API_KEY", p.APIKey),
		secret:      pick(secret, "IMMERSVE_API_SECRET", p.APISecret),
		token:       pick(token, "IMMERSVE_ACCESS_TOKEN", p.AccessToken),
		account:     pick(o.account, "IMMERSVE_ACCOUNT_ID", p.AccountID),
	}
	if c.environment == "" {
		c.environment = "test"
	}
	if token != "" && o.key == "" && secret == "" {
		c.key, c.secret = "", "" // the token was asked for by flag
	}
	return c, nil
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
		return "", usage("use --env test, --env live, --env local, or a URL such as http://127.0.0.1:4010", "there is no environment called %q", c.environment)
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
		err = fmt.Errorf("standard input is longer than %d bytes", limit)
	}
	return content, err
}
