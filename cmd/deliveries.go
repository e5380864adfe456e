package cmd

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/send"
	"immersve-doctor/diagnose/webhook"
	"immersve-doctor/troubleshoot/simulator"
)

// deliveryOptions is the flag of the commands that verify webhooks, and what they know
// of earlier ones.
type deliveryOptions struct {
	jwks string

	keys webhook.KeySet
	seen map[string]bool // the IDs of messages that were delivered
}

func (o *deliveryOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.jwks, "jwks", "", "Verify webhooks with this key set, a file or a URL")
}

// Bounds of a key set, and of the messages that are remembered.
const (
	maxKeySet   = 1 << 20
	maxMessages = 10_000
)

// load gets the keys. Without --jwks they're the simulator's if the environment is local,
// and none otherwise.
func (o *deliveryOptions) load(ctx context.Context, env Environment, environment string) (err error) {
	switch {
	case o.jwks == "" && environment == "local":
		o.keys, err = simulator.Keys()
		return err
	case o.jwks == "":
		return nil
	}
	text, err := o.keySet(ctx, env)
	if err != nil {
		return usage("use a JSON Web Key Set, such as "+api.KeySetURL, "read --jwks %s: %w", exchange.MaskText(o.jwks), err)
	}
	if o.keys, err = webhook.ParseKeySet(text); err != nil {
		return usage("use a JSON Web Key Set, such as "+api.KeySetURL, "read --jwks %s: %w", exchange.MaskText(o.jwks), err)
	}
	return nil
}

func (o *deliveryOptions) keySet(ctx context.Context, env Environment) ([]byte, error) {
	target := exchange.ParseURL(o.jwks)
	if target.Scheme != "http" && target.Scheme != "https" {
		return readFile(o.jwks, maxKeySet)
	}
	if target.Scheme == "http" && !api.IsLoopback(target.Host) {
		return nil, fmt.Errorf("keys that come over plain http prove nothing, so use https")
	}
	options := sendingOptions(env)
	options.Timeout, options.MaxBody = 15*time.Second, maxKeySet
	ex, err := send.Do(ctx, &exchange.Request{Method: "GET", URL: target}, options)
	switch {
	case err != nil:
		return nil, err
	case ex.Failure != nil:
		return nil, fmt.Errorf("%s: %s", ex.Failure.Kind, ex.Failure.Text)
	case ex.Response.Status != 200:
		return nil, fmt.Errorf("the server returned %d", ex.Response.Status)
	}
	return ex.Response.Body.Bytes(), nil
}

// diagnose is diagnose.With the keys, and with the memory of earlier deliveries.
func (o *deliveryOptions) diagnose(ex *exchange.Exchange, now time.Time) diagnose.Diagnosis {
	return diagnose.With(ex, diagnose.Options{Now: now, Keys: o.keys, Repeated: o.repeated(ex)})
}

// repeated reports whether a delivery's message was delivered before, and remembers it.
func (o *deliveryOptions) repeated(ex *exchange.Exchange) bool {
	message, ok := check.MessageOf(ex)
	if !ok || check.Classify(ex, check.ErrorBody{}) != check.Delivered {
		return false
	}
	id := strings.ToLower(message.ID)
	if o.seen[id] {
		return true
	}
	if o.seen == nil {
		o.seen = map[string]bool{}
	}
	if len(o.seen) < maxMessages {
		o.seen[id] = true
	}
	return false
}
