package api

import (
	"net/netip"
	"strings"
)

// Environment is one of the API's two environments ("liveness" in its own
// words), the local simulator, or unknown.
type Environment string

// The environments.
const (
	EnvironmentUnknown Environment = "unknown"
	EnvironmentTest    Environment = "test"
	EnvironmentLive    Environment = "live"
	EnvironmentLocal   Environment = "local"
)

// HostRole is what a host of the Immersve family is for.
type HostRole int

// The roles of hosts.
const (
	HostUnknown HostRole = iota // not a host of Immersve's
	HostAPI                     // the main API host of an environment
	HostSecure                  // the host for sensitive card data
	HostOther                   // pages and documents; takes no API call and no credentials
	HostLoopback
)

// Host is what is known of a host name.
type Host struct {
	Name        string
	Role        HostRole
	Environment Environment
}

var hosts = [...]Host{
	{"api.immersve.com", HostAPI, EnvironmentLive},
	{"api-sec.immersve.com", HostSecure, EnvironmentLive},
	{"test.immersve.com", HostAPI, EnvironmentTest},
	{"test-sec.immersve.com", HostSecure, EnvironmentTest},
	{"verify.immersve.com", HostOther, EnvironmentLive},
	{"verify.test.immersve.com", HostOther, EnvironmentTest},
	{"help.immersve.com", HostOther, EnvironmentUnknown},
	{"docs.immersve.com", HostOther, EnvironmentUnknown},
	{"immersve.com", HostOther, EnvironmentUnknown},
	{"www.immersve.com", HostOther, EnvironmentUnknown},
}

// Hosts returns the hosts of the Immersve family.
func Hosts() []Host { return hosts[:] }

// FindHost says what is known of a host name (without port, any case).
func FindHost(name string) Host {
	lower := strings.ToLower(name)
	name = strings.TrimSuffix(lower, ".")
	for _, h := range hosts {
		if h.Name == name {
			return h
		}
	}
	if IsLoopback(lower) {
		return Host{Name: name, Role: HostLoopback, Environment: EnvironmentLocal}
	}
	return Host{Name: name, Role: HostUnknown, Environment: EnvironmentUnknown}
}

// Ours reports whether an exchange with the host is one with the API: its hosts,
// and this machine, where a simulator or a proxy of the user's answers.
func (h Host) Ours() bool {
	return h.Role == HostAPI || h.Role == HostSecure || h.Role == HostLoopback
}

// IsLoopback reports whether a host is this machine, or a name that RFC 6761 section
// 6.3 reserves for it. Whoever connects to such a name must not resolve it by DNS.
func IsLoopback(host string) bool {
	return strings.HasSuffix(strings.ToLower(host), ".localhost") || IsLocalhost(host)
}

// IsLocalhost reports whether a host is localhost or a loopback address, in the one
// notation that every program reads alike: 127.0.0.1, not 127.1 or 0x7f000001.
func IsLocalhost(host string) bool {
	if inner, ok := strings.CutPrefix(host, "["); ok {
		host = strings.TrimSuffix(inner, "]")
	}
	if strings.IndexByte(host, ':') < 0 && !strings.HasPrefix(host, "127.") { // the usual name costs no error value
		return strings.EqualFold(host, "localhost")
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// BaseURL returns the main host's URL of an environment, "" for the others.
func BaseURL(e Environment) string {
	switch e {
	case EnvironmentTest:
		return "https://test.immersve.com"
	case EnvironmentLive:
		return "https://api.immersve.com"
	}
	return ""
}

// KeyEnvironment tells from an API key's or secret's documented prefix which
// environment it is of. The test prefix is well attested; the live one rests on
// one sample of the documentation, so certain is false for it.
func KeyEnvironment(key string) (e Environment, certain bool) {
	switch {
	case strings.HasPrefix(key, "imm-key-test-"), strings.HasPrefix(key, "imm-secret-test-"):
		return EnvironmentTest, true
	case strings.HasPrefix(key, "imm-key-prod-LIVE-"), strings.HasPrefix(key, "imm-secret-prod-LIVE-"):
		return EnvironmentLive, false
	}
	return EnvironmentUnknown, false
}

// IsSandboxID reports whether an id belongs to the public sandbox, which exists
// in the test environment only.
func IsSandboxID(id string) bool {
	switch id {
	case "d1bc97edfa4f7dc9b56726c7d82a9956", // partner account
		"d0b05d44204810fc61991a49e289dda3", // client application
		"7dfa2e3ed390493ab307fac622f05ae9", // card programme
		"4cdc4310718674342d561647194e2446": // simulator funding channel
		return true
	}
	return false
}

// Limits of the API, requests per minute and consumer
// (https://docs.immersve.com/guides/rate-limiting).
const (
	RateLimit              = 2000
	RateLimitPrerequisites = 500
)

// KeySetURL is where the keys are that verify webhooks (RFC 7517).
const KeySetURL = "https://api.immersve.com/.well-known/jwks.json"

// SupportAddress takes reports of persistent faults and requests for higher limits.
const SupportAddress = "support@immersve.com"
