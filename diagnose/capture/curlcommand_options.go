package capture

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// This file is curl's command line as data: every option of the manual of curl 8
// and the older ones that curl still accepts, with what it takes. An option that
// is not listed would take the wrong words with it.

// curlTakes is what stands behind an option.
type curlTakes int

const (
	aSwitch curlTakes = iota // nothing, and --no-NAME switches it off
	noValue                  // nothing, and there is no --no-NAME
	aValue                   // the rest of the word, or the next one
)

// curlUse is what becomes of an option here.
type curlUse int

const (
	quiet    curlUse = iota // it shapes no request: output, messages, other protocols
	followed                // its effect is understood
	named                   // it shapes the request or the transport, and the user is told that it is not followed
)

// curlOption is one option.
type curlOption struct {
	name   string // without "--"
	letter byte   // of the short form; 0 for none
	takes  curlTakes
	use    curlUse
}

// curlOptions are sorted by name.
var curlOptions = [...]curlOption{
	{"abstract-unix-socket", 0, aValue, named},
	{"alpn", 0, aSwitch, quiet},
	{"alt-svc", 0, aValue, named},
	{"anyauth", 0, noValue, named},
	{"append", 'a', aSwitch, quiet},
	{"aws-sigv4", 0, aValue, named},
	{"basic", 0, aSwitch, followed},
	{"buffer", 'N', aSwitch, quiet},
	{"ca-native", 0, aSwitch, named},
	{"cacert", 0, aValue, followed},
	{"capath", 0, aValue, named},
	{"cert", 'E', aValue, named},
	{"cert-status", 0, aSwitch, named},
	{"cert-type", 0, aValue, named},
	{"ciphers", 0, aValue, named},
	{"clobber", 0, aSwitch, quiet},
	{"compressed", 0, aSwitch, followed},
	{"compressed-ssh", 0, aSwitch, quiet},
	{"config", 'K', aValue, named},
	{"connect-timeout", 0, aValue, followed},
	{"connect-to", 0, aValue, followed},
	{"continue-at", 'C', aValue, followed},
	{"cookie", 'b', aValue, followed},
	{"cookie-jar", 'c', aValue, quiet},
	{"create-dirs", 0, aSwitch, quiet},
	{"create-file-mode", 0, aValue, quiet},
	{"crlf", 0, aSwitch, named},
	{"crlfile", 0, aValue, named},
	{"curves", 0, aValue, named},
	{"data", 'd', aValue, followed},
	{"data-ascii", 0, aValue, followed},
	{"data-binary", 0, aValue, followed},
	{"data-raw", 0, aValue, followed},
	{"data-urlencode", 0, aValue, followed},
	{"delegation", 0, aValue, named},
	{"digest", 0, aSwitch, named},
	{"disable", 'q', aSwitch, followed},
	{"disable-eprt", 0, aSwitch, quiet},
	{"disable-epsv", 0, aSwitch, quiet},
	{"disallow-username-in-url", 0, aSwitch, named},
	{"dns-interface", 0, aValue, named},
	{"dns-ipv4-addr", 0, aValue, named},
	{"dns-ipv6-addr", 0, aValue, named},
	{"dns-servers", 0, aValue, named},
	{"doh-cert-status", 0, aSwitch, quiet},
	{"doh-insecure", 0, aSwitch, quiet},
	{"doh-url", 0, aValue, named},
	{"dump-ca-embed", 0, noValue, quiet},
	{"dump-header", 'D', aValue, quiet},
	{"ech", 0, aValue, named},
	{"egd-file", 0, aValue, quiet},
	{"engine", 0, aValue, named},
	{"eprt", 0, aSwitch, quiet},
	{"epsv", 0, aSwitch, quiet},
	{"etag-compare", 0, aValue, followed},
	{"etag-save", 0, aValue, quiet},
	{"expect100-timeout", 0, aValue, quiet},
	{"fail", 'f', aSwitch, quiet},
	{"fail-early", 0, aSwitch, quiet},
	{"fail-with-body", 0, aSwitch, quiet},
	{"false-start", 0, aSwitch, quiet},
	{"follow", 0, aSwitch, followed},
	{"form", 'F', aValue, followed},
	{"form-escape", 0, aSwitch, followed},
	{"form-string", 0, aValue, followed},
	{"ftp-account", 0, aValue, quiet},
	{"ftp-alternative-to-user", 0, aValue, quiet},
	{"ftp-create-dirs", 0, aSwitch, quiet},
	{"ftp-method", 0, aValue, quiet},
	{"ftp-pasv", 0, noValue, quiet},
	{"ftp-port", 'P', aValue, quiet},
	{"ftp-pret", 0, aSwitch, quiet},
	{"ftp-skip-pasv-ip", 0, aSwitch, quiet},
	{"ftp-ssl", 0, aSwitch, quiet},
	{"ftp-ssl-ccc", 0, aSwitch, quiet},
	{"ftp-ssl-ccc-mode", 0, aValue, quiet},
	{"ftp-ssl-control", 0, aSwitch, quiet},
	{"ftp-ssl-reqd", 0, aSwitch, quiet},
	{"get", 'G', aSwitch, followed},
	{"globoff", 'g', aSwitch, followed},
	{"happy-eyeballs-timeout-ms", 0, aValue, quiet},
	{"haproxy-clientip", 0, aValue, named},
	{"haproxy-protocol", 0, aSwitch, named},
	{"head", 'I', aSwitch, followed},
	{"header", 'H', aValue, followed},
	{"help", 'h', aValue, quiet},
	{"hostpubmd5", 0, aValue, quiet},
	{"hostpubsha256", 0, aValue, quiet},
	{"hsts", 0, aValue, named},
	{"http0.9", 0, aSwitch, quiet},
	{"http1.0", '0', noValue, followed},
	{"http1.1", 0, noValue, followed},
	{"http2", 0, noValue, followed},
	{"http2-prior-knowledge", 0, noValue, followed},
	{"http3", 0, noValue, followed},
	{"http3-only", 0, noValue, followed},
	{"ignore-content-length", 0, aSwitch, quiet},
	{"include", 0, aSwitch, quiet},
	{"insecure", 'k', aSwitch, followed},
	{"interface", 0, aValue, named},
	{"ip-tos", 0, aValue, quiet},
	{"ipfs-gateway", 0, aValue, named},
	{"ipv4", '4', noValue, quiet},
	{"ipv6", '6', noValue, quiet},
	{"json", 0, aValue, followed},
	{"junk-session-cookies", 'j', aSwitch, quiet},
	{"keepalive", 0, aSwitch, quiet},
	{"keepalive-cnt", 0, aValue, quiet},
	{"keepalive-time", 0, aValue, quiet},
	{"key", 0, aValue, named},
	{"key-type", 0, aValue, named},
	{"knownhosts", 0, aValue, quiet},
	{"krb", 0, aValue, quiet},
	{"krb4", 0, aValue, quiet},
	{"libcurl", 0, aValue, quiet},
	{"limit-rate", 0, aValue, quiet},
	{"list-only", 'l', aSwitch, quiet},
	{"local-port", 0, aValue, named},
	{"location", 'L', aSwitch, followed},
	{"location-trusted", 0, aSwitch, followed},
	{"login-options", 0, aValue, quiet},
	{"mail-auth", 0, aValue, quiet},
	{"mail-from", 0, aValue, quiet},
	{"mail-rcpt", 0, aValue, quiet},
	{"mail-rcpt-allowfails", 0, aSwitch, quiet},
	{"manual", 'M', aSwitch, quiet},
	{"max-filesize", 0, aValue, quiet},
	{"max-redirs", 0, aValue, named},
	{"max-time", 'm', aValue, followed},
	{"metalink", 0, aSwitch, named},
	{"mptcp", 0, aSwitch, quiet},
	{"negotiate", 0, aSwitch, named},
	{"netrc", 'n', aSwitch, named},
	{"netrc-file", 0, aValue, named},
	{"netrc-optional", 0, aSwitch, named},
	{"next", ':', noValue, followed},
	{"noproxy", 0, aValue, followed},
	{"npn", 0, aSwitch, quiet},
	{"ntlm", 0, aSwitch, named},
	{"ntlm-wb", 0, aSwitch, named},
	{"oauth2-bearer", 0, aValue, followed},
	{"out-null", 0, aSwitch, quiet},
	{"output", 'o', aValue, quiet},
	{"output-dir", 0, aValue, quiet},
	{"parallel", 'Z', aSwitch, quiet},
	{"parallel-immediate", 0, aSwitch, quiet},
	{"parallel-max", 0, aValue, quiet},
	{"parallel-max-host", 0, aValue, quiet},
	{"pass", 0, aValue, named},
	{"path-as-is", 0, aSwitch, followed},
	{"pinnedpubkey", 0, aValue, named},
	{"post301", 0, aSwitch, named},
	{"post302", 0, aSwitch, named},
	{"post303", 0, aSwitch, named},
	{"preproxy", 0, aValue, named},
	{"progress-bar", '#', aSwitch, quiet},
	{"progress-meter", 0, aSwitch, quiet},
	{"proto", 0, aValue, named},
	{"proto-default", 0, aValue, followed},
	{"proto-redir", 0, aValue, named},
	{"proxy", 'x', aValue, followed},
	{"proxy-anyauth", 0, aSwitch, named},
	{"proxy-basic", 0, aSwitch, named},
	{"proxy-ca-native", 0, aSwitch, named},
	{"proxy-cacert", 0, aValue, named},
	{"proxy-capath", 0, aValue, named},
	{"proxy-cert", 0, aValue, named},
	{"proxy-cert-type", 0, aValue, named},
	{"proxy-ciphers", 0, aValue, named},
	{"proxy-crlfile", 0, aValue, named},
	{"proxy-digest", 0, aSwitch, named},
	{"proxy-header", 0, aValue, named},
	{"proxy-http2", 0, aSwitch, named},
	{"proxy-insecure", 0, aSwitch, named},
	{"proxy-key", 0, aValue, named},
	{"proxy-key-type", 0, aValue, named},
	{"proxy-negotiate", 0, aSwitch, named},
	{"proxy-ntlm", 0, aSwitch, named},
	{"proxy-pass", 0, aValue, named},
	{"proxy-pinnedpubkey", 0, aValue, named},
	{"proxy-service-name", 0, aValue, named},
	{"proxy-ssl-allow-beast", 0, aSwitch, named},
	{"proxy-ssl-auto-client-cert", 0, aSwitch, named},
	{"proxy-tls13-ciphers", 0, aValue, named},
	{"proxy-tlsauthtype", 0, aValue, named},
	{"proxy-tlspassword", 0, aValue, named},
	{"proxy-tlsuser", 0, aValue, named},
	{"proxy-tlsv1", 0, noValue, named},
	{"proxy-user", 'U', aValue, named},
	{"proxy1.0", 0, aValue, named},
	{"proxytunnel", 'p', aSwitch, named},
	{"pubkey", 0, aValue, quiet},
	{"quote", 'Q', aValue, quiet},
	{"random-file", 0, aValue, quiet},
	{"range", 'r', aValue, followed},
	{"rate", 0, aValue, quiet},
	{"raw", 0, aSwitch, quiet},
	{"referer", 'e', aValue, followed},
	{"remote-header-name", 'J', aSwitch, quiet},
	{"remote-name", 'O', aSwitch, quiet},
	{"remote-name-all", 0, aSwitch, quiet},
	{"remote-time", 'R', aSwitch, quiet},
	{"remove-on-error", 0, aSwitch, quiet},
	{"request", 'X', aValue, followed},
	{"request-target", 0, aValue, followed},
	{"resolve", 0, aValue, followed},
	{"retry", 0, aValue, quiet},
	{"retry-all-errors", 0, aSwitch, quiet},
	{"retry-connrefused", 0, aSwitch, quiet},
	{"retry-delay", 0, aValue, quiet},
	{"retry-max-time", 0, aValue, quiet},
	{"sasl-authzid", 0, aValue, quiet},
	{"sasl-ir", 0, aSwitch, quiet},
	{"service-name", 0, aValue, quiet},
	{"sessionid", 0, aSwitch, quiet},
	{"show-error", 'S', aSwitch, quiet},
	{"show-headers", 'i', aSwitch, quiet},
	{"sigalgs", 0, aValue, named},
	{"silent", 's', aSwitch, quiet},
	{"skip-existing", 0, aSwitch, quiet},
	{"socks4", 0, aValue, named},
	{"socks4a", 0, aValue, named},
	{"socks5", 0, aValue, named},
	{"socks5-basic", 0, aSwitch, named},
	{"socks5-gssapi", 0, aSwitch, named},
	{"socks5-gssapi-nec", 0, aSwitch, named},
	{"socks5-gssapi-service", 0, aValue, named},
	{"socks5-hostname", 0, aValue, named},
	{"speed-limit", 'Y', aValue, quiet},
	{"speed-time", 'y', aValue, quiet},
	{"ssl", 0, aSwitch, quiet},
	{"ssl-allow-beast", 0, aSwitch, named},
	{"ssl-auto-client-cert", 0, aSwitch, named},
	{"ssl-no-revoke", 0, aSwitch, quiet},
	{"ssl-reqd", 0, aSwitch, quiet},
	{"ssl-revoke-best-effort", 0, aSwitch, quiet},
	{"ssl-sessions", 0, aValue, quiet},
	{"sslv2", '2', noValue, named},
	{"sslv3", '3', noValue, named},
	{"stderr", 0, aValue, quiet},
	{"styled-output", 0, aSwitch, quiet},
	{"suppress-connect-headers", 0, aSwitch, quiet},
	{"tcp-fastopen", 0, aSwitch, quiet},
	{"tcp-nodelay", 0, aSwitch, quiet},
	{"telnet-option", 't', aValue, quiet},
	{"tftp-blksize", 0, aValue, quiet},
	{"tftp-no-options", 0, aSwitch, quiet},
	{"time-cond", 'z', aValue, followed},
	{"tls-earlydata", 0, aSwitch, named},
	{"tls-max", 0, aValue, named},
	{"tls13-ciphers", 0, aValue, named},
	{"tlsauthtype", 0, aValue, named},
	{"tlspassword", 0, aValue, named},
	{"tlsuser", 0, aValue, named},
	{"tlsv1", '1', noValue, named},
	{"tlsv1.0", 0, noValue, named},
	{"tlsv1.1", 0, noValue, named},
	{"tlsv1.2", 0, noValue, named},
	{"tlsv1.3", 0, noValue, named},
	{"tr-encoding", 0, aSwitch, followed},
	{"trace", 0, aValue, quiet},
	{"trace-ascii", 0, aValue, quiet},
	{"trace-config", 0, aValue, quiet},
	{"trace-ids", 0, aSwitch, quiet},
	{"trace-time", 0, aSwitch, quiet},
	{"unix-socket", 0, aValue, named},
	{"upload-file", 'T', aValue, followed},
	{"upload-flags", 0, aValue, named},
	{"url", 0, aValue, followed},
	{"url-query", 0, aValue, followed},
	{"use-ascii", 'B', aSwitch, quiet},
	{"user", 'u', aValue, followed},
	{"user-agent", 'A', aValue, followed},
	{"variable", 0, aValue, followed},
	{"verbose", 'v', aSwitch, quiet},
	{"version", 'V', aSwitch, quiet},
	{"vlan-priority", 0, aValue, quiet},
	{"write-out", 'w', aValue, quiet},
	{"xattr", 0, aSwitch, quiet},
}

// longCurlOption finds an option by its name, or by a beginning that no other
// option shares, as curl did up to its version 8.
func longCurlOption(name string) (curlOption, bool) {
	var started curlOption
	matches := 0
	for _, o := range curlOptions {
		if o.name == name {
			return o, true
		}
		if len(name) > 1 && strings.HasPrefix(o.name, name) {
			started = o
			matches++
		}
	}
	return started, matches == 1
}

// shortCurlOption finds an option by its letter.
func shortCurlOption(letter byte) (curlOption, bool) {
	if letter == 0 {
		return curlOption{}, false
	}
	for _, o := range curlOptions {
		if o.letter == letter {
			return o, true
		}
	}
	return curlOption{}, false
}

// nearestCurlOption returns the name that a mistyped one is most likely meant to
// be, "" when none is near.
func nearestCurlOption(name string) string {
	if len(name) > 32 {
		return ""
	}
	best, distance := "", 1+len(name)/3
	for _, o := range curlOptions {
		if d := levenshtein.ComputeDistance(name, o.name); d < distance {
			best, distance = o.name, d
		}
	}
	return best
}
