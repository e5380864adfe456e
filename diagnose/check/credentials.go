package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

// credentialsCheck judges both schemes without verifying anything: presence,
// form, place and time (https://docs.immersve.com/guides/authentication).
func credentialsCheck() Check {
	return Check{
		Family: "credentials",
		Skip:   func(c Class) bool { return c == Success },
		Run: func(in *Input) []Finding {
			if in.Exchange.Request == nil {
				return nil
			}
			return slices.Concat(presence(in), keyFindings(in), bearerFindings(in), exchangedFindings(in), originFindings(in), clockFindings(in))
		},
	}
}

const (
	authorizationField = "authorization"
	keyField           = "x-api-key"
	secretField        = "x-api-secret"
)

func credential(id string, severity Severity, field, title, evidence string) Finding {
	return Finding{ID: id, Severity: severity, Title: title, Evidence: evidence, Location: Location{Part: RequestHeader, Name: field}}
}

// field returns a credential field's value; an empty field counts as absent,
// because curl and others drop it.
func field(in *Input, name string) (exchange.Value, bool) {
	v, ok := in.Request().Header.Get(name)
	return v, ok && strings.TrimSpace(v.Reveal()) != ""
}

// presence asks whether what the operation takes was sent.
func presence(in *Input) []Finding {
	_, bearer := field(in, authorizationField)
	_, key := field(in, keyField)
	_, secret := field(in, secretField)
	if !in.Request().ShowsFields() {
		return partialPresence(in, bearer, key, secret)
	}
	if knewCaller(in) && !(bearer && (key || secret)) {
		return nil // without credentials it would be a 401: the input doesn't show all headers
	}
	if in.Request().Sanitised {
		return sanitisedPresence(in, key, secret)
	}
	switch {
	case bearer && (key || secret):
		return bothSchemes(in)
	case in.Operation == nil:
		return halfKey(in, key, secret)
	case in.Operation.Security == api.SecurityNone:
		return unwanted(in, bearer, key || secret)
	case in.Operation.Security == api.SecurityToken && !bearer && (key || secret):
		return []Finding{keyForToken(in, Error)}
	case !bearer && !key && !secret:
		return []Finding{credentialsMissing(in)}
	}
	return halfKey(in, key, secret)
}

// sanitisedPresence says what can be said where authorization may have been left
// out of the capture: half of a key shows, the want of a token is a suspicion.
func sanitisedPresence(in *Input, key, secret bool) []Finding {
	switch {
	case in.Operation == nil || in.Operation.Security == api.SecurityNone || in.Class != Unauthorized:
		return halfKey(in, key, secret)
	case in.Operation.Security == api.SecurityToken && (key || secret):
		return []Finding{keyForToken(in, Warning)}
	case key || secret:
		return halfKey(in, key, secret)
	}
	f := credentialsMissing(in)
	f.Severity = Warning
	f.Title = "the HAR doesn't include credentials"
	f.Evidence += "; but browsers omit authorization from a HAR unless you ask for it, so it may have been sent"
	return []Finding{f}
}

// knewCaller reports whether the API itself returned a 403: it doesn't without
// credentials.
func knewCaller(in *Input) bool {
	return (in.Class == ResourceOrPermission || in.Class == BusinessRule) && in.Error.JSON && in.Error.StatusCode == 403 &&
		in.Operation != nil && in.Operation.Security != api.SecurityNone
}

// partialPresence says what the absence of a header means if not all headers are
// known to show. Half of a key that is empty or has a wrong name wasn't sent. Tools
// that print every header of the program prove the same; a log may have dropped
// what it takes for a secret.
func partialPresence(in *Input, bearer, key, secret bool) []Finding {
	header := in.Request().Header
	half := halfKey(in, key, secret)
	printed := in.Request().Printed
	switch {
	case len(half) > 0 && (emptyField(in, keyField, secretField) || nearFields(header) != "" || printed && in.Class == Unauthorized):
		return half
	case len(half) > 0 && in.Class == Unauthorized && len(header) > 1:
		half[0].Severity = Warning
		half[0].Evidence += ", unless the log dropped it as a secret"
		return half
	case printed && in.Class == Unauthorized && !bearer && key && secret && in.Operation != nil && in.Operation.Security == api.SecurityToken:
		return []Finding{keyForToken(in, Warning)}
	case printed && in.Class == Unauthorized && !bearer && !key && !secret && in.Operation != nil && in.Operation.Security != api.SecurityNone:
		f := credentialsMissing(in)
		f.Severity = Warning
		f.Title = "the headers shown include no credentials"
		return []Finding{f}
	}
	return nil
}

// emptyField reports whether one of the fields stands in the request without a value.
func emptyField(in *Input, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		v, there := in.Request().Header.Get(name)
		return there && strings.TrimSpace(v.Reveal()) == ""
	})
}

func bothSchemes(in *Input) []Finding {
	if in.Operation != nil && in.Operation.Security == api.SecurityNone {
		return nil
	}
	return []Finding{credential(finding.BothSchemes, Warning, authorizationField, "both an access token and an API key were sent",
		"the request has authorization and x-api-key, and the docs don't say which one counts")}
}

// unwanted notes credentials on an operation that documents none.
func unwanted(in *Input, bearer, key bool) []Finding {
	if in.Operation.ID != "exchange-auth-token" || !bearer {
		return nil
	}
	return []Finding{schemeMismatchSeverity(Warning, authorizationField, "exchange-auth-token doesn't use the authorization header",
		"it uses refreshToken and clientApplicationId in the body, and the origin header")}
}

// keyForToken notes an API key on an operation that takes an access token only.
func keyForToken(in *Input, severity Severity) Finding {
	f := schemeMismatchSeverity(severity, keyField, fmt.Sprintf("%s needs an access token, not an API key", in.Operation.ID),
		"API keys don't have a session; sent: x-api-key and x-api-secret")
	f.Fix = "Send the access token as Authorization: Bearer <token>."
	return f
}

func schemeMismatch(in *Input, name, title, evidence string) Finding {
	return schemeMismatchSeverity(Error, name, title, evidence)
}

func schemeMismatchSeverity(severity Severity, name, title, evidence string) Finding {
	return credential(finding.AuthSchemeMismatch, severity, name, title, evidence)
}

func credentialsMissing(in *Input) Finding {
	f := credential(finding.CredentialsMissing, Error, authorizationField, "the request has no credentials",
		fmt.Sprintf("%s needs %s; %s", in.Operation.ID, schemes(in.Operation), amongFields(len(in.Request().Header))))
	if near := nearFields(in.Request().Header); near != "" {
		f.Title = "the credentials are in headers with wrong names"
		f.Evidence += "; " + near
		f.Fix = "Rename the header: " + near + "."
	}
	if in.Operation.Security == api.SecurityToken {
		f.Fix = "Send the access token as Authorization: Bearer <token>."
	}
	return f
}

// amongFields says that none of the fields sent is a credential.
func amongFields(sent int) string {
	switch sent {
	case 0:
		return "no headers were sent"
	case 1:
		return "the only header sent is a different one"
	}
	return fmt.Sprintf("none of the %d headers sent is one of these", sent)
}

func schemes(op *api.Operation) string {
	if op.Security == api.SecurityToken {
		return "Authorization: Bearer"
	}
	return "Authorization: Bearer, or x-api-key with x-api-secret"
}

// nearFields names sent fields that resemble credential fields.
func nearFields(h exchange.Header) string {
	for _, f := range h {
		name := strings.ToLower(f.Name)
		bare := strings.NewReplacer("-", "", "_", "").Replace(name)
		switch bare {
		case "apikey", "xapikey", "xkey", "immersveapikey", "xapitoken", "apitoken":
			if name != keyField {
				return fmt.Sprintf("%q should be x-api-key", clean(f.Name))
			}
		case "apisecret", "xapisecret", "xsecret", "xsecretkey", "secretkey", "xapikeysecret", "immersveapisecret":
			if name != secretField {
				return fmt.Sprintf("%q should be x-api-secret", clean(f.Name))
			}
		case "auth", "token", "xauthtoken", "accesstoken", "xaccesstoken", "authentication", "xauthorization", "bearer":
			return fmt.Sprintf("%q should be authorization", clean(f.Name))
		}
	}
	return ""
}

// halfKey finds one half of an API key pair without the other.
func halfKey(in *Input, key, secret bool) []Finding {
	if key == secret {
		return nil
	}
	missing, present, id := secretField, keyField, finding.APISecretMissing
	if secret {
		missing, present, id = keyField, secretField, finding.APIKeyMissing
	}
	value, _ := field(in, present)
	if isToken(value.Reveal()) {
		return nil // no half of a pair: auth-scheme-mismatch says so
	}
	f := credential(id, Error, missing, fmt.Sprintf("%s is missing", missing),
		fmt.Sprintf("%s was sent (%s), but an API key needs both headers", present, value))
	if near := nearFields(in.Request().Header); near != "" {
		f.Evidence += "; " + near
	}
	return []Finding{f}
}

// keyFindings judges the values of x-api-key and x-api-secret.
func keyFindings(in *Input) []Finding {
	key, hasKey := field(in, keyField)
	secret, hasSecret := field(in, secretField)
	if swapped := swappedKey(key, secret); swapped != nil {
		return []Finding{*swapped}
	}
	var list []Finding
	for _, f := range []struct {
		name  string
		value exchange.Value
		sent  bool
	}{{keyField, key, hasKey}, {secretField, secret, hasSecret}} {
		if !f.sent {
			continue
		}
		if found := valueFinding(in, f.name, f.value, f.value.Reveal()); found != nil {
			list = append(list, *found)
			continue
		}
		if isToken(f.value.Reveal()) {
			list = append(list, schemeMismatch(in, f.name, fmt.Sprintf("%s contains an access token", f.name),
				fmt.Sprintf("%s is %s, a JWT; send tokens as Authorization: Bearer", f.name, f.value)))
		}
	}
	return list
}

// isToken reports whether a value has the form of a JWT.
func isToken(value string) bool {
	return strings.HasPrefix(value, "eyJ") && strings.Count(value, ".") == 2
}

// swappedKey knows key and secret by their documented prefixes.
func swappedKey(key, secret exchange.Value) *Finding {
	secretInKey := strings.HasPrefix(strings.Trim(key.Reveal(), `"' `), "imm-secret-")
	keyInSecret := strings.HasPrefix(strings.Trim(secret.Reveal(), `"' `), "imm-key-")
	if !secretInKey && !keyInSecret {
		return nil
	}
	f := credential(finding.APIKeySwapped, Error, keyField, "x-api-key and x-api-secret are swapped",
		fmt.Sprintf("x-api-key is %s, x-api-secret is %s; keys start with imm-key- and secrets with imm-secret-", key, secret))
	switch {
	case secretInKey && keyInSecret:
		f.Fix = "Swap the two values."
		f.Repairs = []Repair{
			{Kind: RepairHeader, Name: keyField, Value: secret.Reveal()},
			{Kind: RepairHeader, Name: secretField, Value: key.Reveal()},
		}
	case secretInKey:
		f.Title = "x-api-key contains an API secret"
		f.Fix = "Put the key (imm-key-…) into x-api-key and the secret into x-api-secret."
	default:
		f.Title = "x-api-secret contains an API key"
		f.Location.Name = secretField
		f.Fix = "Put the secret (imm-secret-…) into x-api-secret."
	}
	return &f
}

// valueFinding finds placeholders, masks and stray characters in a credential.
// value masks itself; raw is the credential proper, without a scheme.
func valueFinding(in *Input, name string, value exchange.Value, raw string) *Finding {
	if in.Request().FromShell(raw) {
		return shellCredential(in, name, raw)
	}
	if masked(raw) {
		return maskFinding(in, name, value)
	}
	if what := placeholder(raw); what != "" {
		f := credential(finding.CredentialPlaceholder, placeholderSeverity(in, what), name, fmt.Sprintf("%s is %s", name, what), fmt.Sprintf("%s is %.60q", name, exchange.MaskText(raw)))
		return &f
	}
	what := stray(raw)
	if what == "" {
		return nil
	}
	f := credential(finding.CredentialWhitespace, Error, name, fmt.Sprintf("%s contains %s", name, what),
		fmt.Sprintf("%s is %s (%d characters); credentials consist of letters, digits and a few symbols", name, value, len([]rune(raw))))
	return &f
}

// refusedCredentials reports whether an answer leaves open that the credentials
// were not taken, or there is none yet. Any other answer than a 401 comes from an
// API that knew the caller.
func refusedCredentials(in *Input) bool {
	return in.Class == Unauthorized || in.Class == NotSent || in.Class == NoResponse
}

func shellCredential(in *Input, name, raw string) *Finding {
	f, ok := fromShell(in, finding.CredentialPlaceholder, Location{Part: RequestHeader, Name: name}, name, raw)
	if !ok {
		return nil
	}
	return &f
}

// Unseen says in a clause why the credentials of a request cannot be judged: only
// the shell knows them, or the capture masks them. "" for neither.
func Unseen(in *Input) string {
	for _, name := range []string{authorizationField, keyField, secretField} {
		value, ok := field(in, name)
		switch {
		case ok && in.Request().FromShell(value.Reveal()):
			return name + " is a variable that " + filler(in) + " fills in"
		case ok && masked(value.Reveal()):
			return name + " is masked in the input"
		}
	}
	return ""
}

// maskFinding says that a credential cannot be judged. Where the API took what
// was sent, only the capture is masked, and there is nothing to say.
func maskFinding(in *Input, name string, value exchange.Value) *Finding {
	if !refusedCredentials(in) {
		return nil
	}
	f := credential(finding.CredentialPlaceholder, maskSeverity(in), name, fmt.Sprintf("%s is masked", name),
		fmt.Sprintf("%s is %s: dots, stars or a word replace some characters", name, value))
	f.Fix = "If this is what was sent, send the real value. If only the input is masked, check the credential itself."
	return &f
}

// placeholderSeverity: people who show a capture write such blanks over the
// credential that they sent. A program's word for no value is never that.
func placeholderSeverity(in *Input, what string) Severity {
	if refusedCredentials(in) || strings.HasPrefix(what, "the word") || strings.HasPrefix(what, "an object") {
		return Error
	}
	return Warning
}

// stray names characters that no credential has.
func stray(raw string) string {
	for _, r := range raw {
		switch {
		case strings.ContainsRune("\"'`“”‘’", r):
			return "quotes"
		case r == '\n' || r == '\r':
			return "a newline"
		case r == ' ' || r == '\t' || r == 0xa0 || r == 0x200b || r == 0xfeff:
			return "a space"
		case r < ' ' || r == 0x7f || r > 0x7e:
			return "a character that credentials don't have"
		}
	}
	for _, escape := range []string{`\n`, `\r`, "%0A", "%0a", "%0D", "%20", "%22"} {
		if strings.Contains(raw, escape) {
			return fmt.Sprintf("the characters %s", escape)
		}
	}
	return ""
}

// bearerFindings judges the authorization field.
func bearerFindings(in *Input) []Finding {
	value, ok := field(in, authorizationField)
	if !ok {
		return nil
	}
	const optionalSpace = " \t" // RFC 9110 section 5.6.3; other white space travels as part of the value
	text := strings.Trim(value.Reveal(), optionalSpace)
	if in.Request().FromShell(strings.Fields(text)[0]) {
		return one(shellCredential(in, authorizationField, text)) // scheme and token, perhaps
	}
	scheme, rest, hasRest := strings.Cut(text, " ")
	if wide := strings.TrimLeft(rest, optionalSpace); in.Class == Unauthorized && strings.EqualFold(scheme, "bearer") && len(wide) < len(rest) && wide != "" {
		f := credential(finding.CredentialWhitespace, Error, authorizationField, fmt.Sprintf("%d spaces follow Bearer instead of one", 1+len(rest)-len(wide)),
			fmt.Sprintf("authorization is %s", value))
		f.Fix = "Send exactly one space between Bearer and the token."
		if _, slip := parseToken(wide); slip == "" {
			f.Repairs = []Repair{{Kind: RepairHeader, Name: authorizationField, Value: "Bearer " + wide}}
		}
		return []Finding{f}
	}
	rest = strings.Trim(rest, optionalSpace)
	switch {
	case strings.EqualFold(scheme, "bearer"):
		return tokenFindings(in, value, rest)
	case placeholder(text) != "" || masked(text) && !hasRest:
		return one(valueFinding(in, authorizationField, value, text))
	case strings.EqualFold(scheme, "basic") && hasRest:
		return []Finding{schemeMismatch(in, authorizationField, "Basic credentials were sent",
			fmt.Sprintf("authorization is %s; the API accepts a bearer token, or x-api-key with x-api-secret", value))}
	case strings.HasPrefix(strings.Trim(text, `"'`), "imm-"):
		return []Finding{schemeMismatch(in, authorizationField, "authorization contains an API key",
			fmt.Sprintf("authorization is %s; send keys as x-api-key and secrets as x-api-secret", value))}
	}
	return []Finding{prefixMissing(value, scheme, rest, hasRest)}
}

func one(f *Finding) []Finding {
	if f == nil {
		return nil
	}
	return []Finding{*f}
}

func prefixMissing(value exchange.Value, scheme, rest string, hasRest bool) Finding {
	f := credential(finding.BearerPrefixMissing, Error, authorizationField, "Bearer is missing before the token",
		fmt.Sprintf("authorization is %s; it should be Bearer, a space and the token", value))
	token := strings.Trim(scheme, `"'`)
	if hasRest {
		f.Title = fmt.Sprintf("authorization has the scheme %s instead of Bearer", clean(exchange.MaskText(scheme)))
		token = rest
	}
	if after, ok := strings.CutPrefix(token, "Bearer"); ok && isToken(after) {
		f.Title = "no space follows Bearer"
		token = after
	}
	if _, after, ok := cutBearer(token); ok {
		f.Title = "there's no space after Bearer"
		token = after
	}
	if _, slip := parseToken(token); slip == "" {
		f.Repairs = []Repair{{Kind: RepairHeader, Name: authorizationField, Value: "Bearer " + token}}
	}
	return f
}

func cutBearer(s string) (scheme, token string, ok bool) {
	if len(s) > 7 && strings.EqualFold(s[:6], "bearer") && strings.ContainsRune(":=,_", rune(s[6])) {
		return s[:6], s[7:], true
	}
	return "", "", false
}

// exchangedFindings reads the refresh token that a token exchange holds in its body.
func exchangedFindings(in *Input) []Finding {
	if in.Operation == nil || in.Operation.ID != "exchange-auth-token" || !exchange.ValidJSON(in.Request().Body.Bytes()) {
		return nil
	}
	t, _ := parseToken(stringOf(gjson.GetBytes(in.Request().Body.Bytes(), "refreshToken")))
	now, words, certain := callTime(in)
	until, ok := t.moment("exp")
	if !ok || until.After(now) {
		return nil
	}
	f := Finding{
		ID: finding.TokenExpired, Severity: Warning, Title: "the refresh token expired " + since(until, now),
		Evidence: fmt.Sprintf("exp is %s; %s; refresh tokens expire after about 30 days", stamp(until), words),
		Location: bodyPlace(in.Request().Body, "/refreshToken", "refreshToken"),
		Fix:      "Log in again, and store the new refresh token from each response, because it replaces the old one.",
	}
	if certain {
		f.Severity = Error
	}
	return []Finding{f}
}

// tokenFindings judges what stands behind "Bearer".
func tokenFindings(in *Input, value exchange.Value, raw string) []Finding {
	if raw == "" {
		return []Finding{credential(finding.CredentialPlaceholder, Error, authorizationField, "there's no token after Bearer",
			"the variable with the token was probably empty")}
	}
	if inner, ok := bearerToken(raw); ok {
		f := credential(finding.CredentialWhitespace, Error, authorizationField, "Bearer is sent twice", fmt.Sprintf("authorization is %s", value))
		f.Repairs = []Repair{{Kind: RepairHeader, Name: authorizationField, Value: "Bearer " + inner}}
		return []Finding{f}
	}
	if in.Request().FromShell(raw) {
		return one(shellCredential(in, authorizationField, raw))
	}
	if f := valueFinding(in, authorizationField, value, raw); f != nil {
		bare := strings.Trim(raw, "\"'`“”‘’ \t\r\n")
		for _, end := range []string{`\n`, `\r`, "%0A", "%0a", "%0D"} {
			bare = strings.TrimSuffix(bare, end)
		}
		if bare != raw {
			if _, slip := parseToken(bare); slip == "" {
				f.Repairs = []Repair{{Kind: RepairHeader, Name: authorizationField, Value: "Bearer " + bare}}
			}
		}
		return []Finding{*f}
	}
	if strings.HasPrefix(raw, "imm-") {
		return []Finding{schemeMismatch(in, authorizationField, "Bearer is followed by an API key",
			fmt.Sprintf("authorization is %s; send keys as x-api-key and secrets as x-api-secret", value))}
	}
	if in.Operation != nil && in.Operation.Security == api.SecurityNone {
		return nil
	}
	t, slip := parseToken(raw)
	if slip != "" {
		severity := Warning // the API took it
		if refusedCredentials(in) {
			severity = Error
		}
		return []Finding{credential(finding.TokenMalformed, severity, authorizationField, "the access token isn't a JWT", slip)}
	}
	return slices.Concat(timeFindings(in, t), refreshFindings(t))
}

// callTime returns when the call was made: the response's Date where there is
// one, else when the client sent it, else the clock. certain is false for the
// clock, because a capture may be old.
func callTime(in *Input) (moment time.Time, words string, certain bool) {
	if date, ok := responseDate(in); ok {
		return date, fmt.Sprintf("the server's Date was %s", date.Format("15:04:05")), true
	}
	if !in.Exchange.Started.IsZero() {
		moment = in.Exchange.Started.UTC()
		return moment, fmt.Sprintf("the call was made at %s", moment.Format("15:04:05")), true
	}
	return in.Now.UTC(), fmt.Sprintf("this machine's clock is at %s", in.Now.UTC().Format("2006-01-02 15:04:05")), in.Class == NotSent || in.Exchange.Source.Kind == exchange.KindLive
}

// responseDate reads the Date field (RFC 9110 section 6.6.1).
func responseDate(in *Input) (time.Time, bool) {
	text := in.Response().Header.Text("date")
	for _, layout := range []string{time.RFC1123, "Mon, 02 Jan 2006 15:04:05 GMT", time.RFC850, time.ANSIC} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

func timeFindings(in *Input, t token) []Finding {
	now, words, certain := callTime(in)
	severity, by := Warning, "by this machine's clock, "
	if certain {
		severity, by = Error, ""
	}
	if until, ok := t.moment("exp"); ok && !until.After(now) {
		f := credential(finding.TokenExpired, severity, authorizationField, by+"the access token expired "+since(until, now),
			fmt.Sprintf("exp is %s; %s; access tokens expire after about 20 minutes", stamp(until), words))
		return []Finding{f}
	}
	if from, ok := t.moment("nbf"); ok && from.After(now) {
		f := credential(finding.TokenNotYetValid, severity, authorizationField, fmt.Sprintf("%sthe access token becomes valid in %s", by, ago(from.Sub(now))),
			fmt.Sprintf("nbf is %s; %s", stamp(from), words))
		return []Finding{f}
	}
	return nil
}

// refreshFindings suspects a refresh token by its life of about 30 days where
// access tokens have about 20 minutes; nothing documented tells them apart. One of
// years is neither: tests make such tokens.
func refreshFindings(t token) []Finding {
	if life, ok := t.lifetime(); ok && life >= 7*24*time.Hour && life <= 400*24*time.Hour {
		return []Finding{credential(finding.TokenIsRefresh, Warning, authorizationField, "this looks like a refresh token",
			fmt.Sprintf("exp − iat is %s; access tokens expire after about 20 minutes, refresh tokens after about 30 days", ago(life)))}
	}
	for _, claim := range []string{"typ", "type", "token_use", "tokenType"} {
		if kind := t.claims.Get(claim).String(); strings.EqualFold(kind, "refresh") || strings.EqualFold(kind, "refresh_token") {
			return []Finding{credential(finding.TokenIsRefresh, Warning, authorizationField, "this looks like a refresh token",
				fmt.Sprintf("its claim %s is %.20q", claim, kind))}
		}
	}
	return nil
}

// originFindings asks for the Origin field where an operation documents it.
func originFindings(in *Input) []Finding {
	if in.Operation == nil || !in.Request().ShowsFields() {
		return nil
	}
	if _, written := field(in, "origin"); !written && in.Exchange.Source.Kind == exchange.KindFetch {
		return nil // a browser adds it, and leaves it out of copies
	}
	p := in.Operation.Parameter("header", "origin")
	if p == nil || !p.Required {
		return nil
	}
	value, ok := field(in, "origin")
	if ok && placeholder(value.Reveal()) == "" && value.Reveal() != "null" {
		return nil
	}
	f := credential(finding.OriginMissing, Error, "origin", "the origin header is missing",
		fmt.Sprintf("%s requires it: one of the client application's allowed origins, scheme://host[:port]", in.Operation.ID))
	if ok {
		f.Title = "the origin header has no valid origin"
		f.Evidence = fmt.Sprintf("origin is %.60q; ", value.String()) + f.Evidence
	}
	return []Finding{f}
}

// maxSkew is how far two honest clocks may be apart.
const maxSkew = 2 * time.Minute

// clockFindings compares the caller's clock with the server's.
func clockFindings(in *Input) []Finding {
	date, ok := responseDate(in)
	if !ok {
		return nil
	}
	if started := in.Exchange.Started; !started.IsZero() {
		if skew := date.Sub(started).Abs(); skew > maxSkew+in.Response().Elapsed {
			return []Finding{skewFinding(ResponseHeader, "date", skew, fmt.Sprintf("sent at %s by this clock, but the server's Date is %s", stamp(started), stamp(date)))}
		}
		return nil
	}
	value, _ := field(in, authorizationField)
	raw, isBearer := bearerToken(value.Reveal())
	if !isBearer {
		return nil
	}
	t, _ := parseToken(raw)
	if issued, ok := t.moment("iat"); ok && issued.Sub(date) > maxSkew {
		return []Finding{skewFinding(RequestHeader, authorizationField, issued.Sub(date), fmt.Sprintf("the token's iat is %s, but the server's Date is %s", stamp(issued), stamp(date)))}
	}
	return nil
}

func skewFinding(part Part, name string, skew time.Duration, evidence string) Finding {
	return Finding{
		ID: finding.ClockSkew, Severity: Warning, Title: fmt.Sprintf("two clocks are %s apart", ago(skew)), Evidence: evidence,
		Location: Location{Part: part, Name: name},
	}
}
