package check

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"immersve-doctor/diagnose/api/schema"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

// This file holds what only the documentation's prose says of bodies. A breach
// is a warning: prose is no schema, and the API may be more lenient.

// prose judges values and members by the guides.
func (d *bodyDoc) prose() {
	for _, p := range d.places {
		switch p.Node.Kind {
		case schema.String:
			d.proseValue(p)
		case schema.Array:
			d.proseList(p)
		case schema.Object:
			d.proseMembers(p)
		}
	}
}

// warn notes a breach of a rule of prose.
func (d *bodyDoc) warn(p *schema.Place, title, evidence, fix string) {
	d.add(p.Node.Start, Finding{
		ID: finding.BodyInvalidValue, Severity: Warning, Location: d.location(p.Pointer()),
		Title: dotted(p.Pointer()) + " " + title, Evidence: d.show(p.Node) + "; " + evidence, Fix: fix,
	})
}

// proseValue judges a string by the rule for its place.
func (d *bodyDoc) proseValue(p *schema.Place) {
	if !p.Documented || p.Node.IsEmpty() || len(p.Node.Raw) > 4000 {
		return
	}
	rule := d.proseRule(p)
	if rule == nil && !strings.HasSuffix(p.Node.Name(), "Id") {
		return
	}
	text := p.Node.Text()
	if d.claimed[p.Node.Start] || isMasked(p.Node) || placeholder(text) != "" {
		return
	}
	if rule == nil {
		d.idShape(p, text)
		return
	}
	if title, evidence, fix := rule(text); title != "" {
		d.warn(p, title, evidence, fix)
	}
}

// proseRule returns the rule for a place, nil when there is none. A rule returns
// an empty title for a text that keeps it.
func (d *bodyDoc) proseRule(p *schema.Place) func(text string) (title, evidence, fix string) {
	parent := ""
	if p.Parent != nil {
		parent = p.Parent.Node.Name()
	}
	switch name := p.Node.Name(); {
	case name == "country", name == "kycRegion", name == "region" && d.isTop(p, "submit-kyc-statement"):
		return countryCode
	case parent == "shippingAddress":
		return shippingLine
	case name == "newPin":
		return pinRules
	case name == "phoneNumber":
		return phoneNumber
	case name == "emailAddress":
		return emailAddress
	case name == "currencyCode":
		return currencyCode
	case name == "dateOfBirth", name == "expiry":
		return calendarDate
	case name == "cardExpiry":
		return cardExpiry
	case name == "transactionAmount":
		return simulatorAmount
	case name == "spendableAmount":
		return nonZero
	case name == "topic":
		return webhookTopic
	case name == "url" && d.isTop(p, "create-webhook-listener"), name == "webhookBaseUrl":
		return secureURL
	case name == "url", name == "kycRedirectUrl":
		return webURL
	case parent == "allowedOrigins" && name == "":
		return webOrigin
	case parent == "authTypes" && name == "":
		return authMethod
	case name == "ipAddress":
		return ipAddress
	case name == "address", name == "walletAddress", name == "fundingAddress", name == "storageAddress":
		return evmAddress
	}
	return nil
}

// isTop reports whether a place is a member of the whole body of an operation.
func (d *bodyDoc) isTop(p *schema.Place, operation string) bool {
	return d.op.ID == operation && p.Parent != nil && p.Parent.Parent == nil
}

// webURL wants a URL that a browser opens. "localhost:3000" is a URI to the letter,
// of the scheme localhost.
func webURL(text string) (title, evidence, fix string) {
	scheme, rest, ok := strings.Cut(text, ":")
	if lower := strings.ToLower(scheme); !ok || lower == "http" || lower == "https" || strings.HasPrefix(rest, "//") {
		return "", "", ""
	}
	if host, _, _ := strings.Cut(rest, "/"); !isDigits(host) {
		return "", "", ""
	}
	return "has no scheme before its host and port", "documented: a URL such as https://app.example.com", "Write https:// (or http:// for localhost) before it."
}

func shippingLine(text string) (title, evidence, fix string) {
	const limit = 35
	if n := len([]rune(text)); n > limit {
		return fmt.Sprintf("has %d characters; a line of a shipping address takes 35", n), "the documentation says so in prose only", "Shorten it to 35 characters."
	}
	return "", "", ""
}

func countryCode(text string) (title, evidence, fix string) {
	const evident = "the documentation's examples are two capital letters (ISO 3166-1)"
	switch {
	case text == "UK":
		return "is UK, which is no ISO 3166-1 code", evident, `Write "GB".`
	case text == "EU":
		return "is EU, which is no country", evident, "Write the code of the country."
	case len(text) == 2 && isCapitals(text):
		return "", "", ""
	case len(text) == 2 && isCapitals(strings.ToUpper(text)):
		return "is a country code in small letters", evident, fmt.Sprintf("Write %q.", strings.ToUpper(text))
	}
	return "is not a two-letter country code", evident, "Write the two-letter code of the country."
}

func isCapitals(text string) bool {
	return strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// pinRules judges what can be seen of the rules for a PIN without showing it.
func pinRules(text string) (title, evidence, fix string) {
	switch {
	case !isDigits(text) || len(text) != 4:
		return "is not four digits", "a PIN has exactly four digits", "Have the cardholder choose another PIN."
	case strings.Count(text, text[:1]) == 4:
		return "repeats one digit four times", "such a PIN is refused", "Have the cardholder choose another PIN."
	}
	return "", "", ""
}

func phoneNumber(text string) (title, evidence, fix string) {
	if digits := strings.TrimPrefix(text, "+"); digits != text && isDigits(digits) && len(digits) >= 7 && len(digits) <= 15 && digits[0] != '0' {
		return "", "", ""
	}
	return "is not in E.164 form", "the documentation asks for a plus sign, the country code and the digits alone", "Write it like +6421234567."
}

func emailAddress(text string) (title, evidence, fix string) {
	local, domain, ok := strings.Cut(text, "@")
	if ok && local != "" && strings.Contains(domain, ".") && !strings.ContainsAny(text, " ,;<>\t\n") && !strings.Contains(domain, "@") {
		return "", "", ""
	}
	return "does not look like an e-mail address", "name@domain is expected", ""
}

func currencyCode(text string) (title, evidence, fix string) {
	if len(text) == 3 && isCapitals(text) {
		return "", "", ""
	}
	return "is not an ISO 4217 code", "a currency is three capital letters", `Write a code like "USD".`
}

func calendarDate(text string) (title, evidence, fix string) {
	if _, err := time.Parse(time.DateOnly, text); err == nil {
		return "", "", ""
	}
	return "is not a date of the form YYYY-MM-DD", "the documentation's dates have this form", ""
}

// cardExpiry looks at the order of year and month: the schema asks for six
// digits only.
func cardExpiry(text string) (title, evidence, fix string) {
	if len(text) != 6 || !isDigits(text) {
		return "", "", ""
	}
	if month, _ := strconv.Atoi(text[4:]); month >= 1 && month <= 12 && text[:2] == "20" {
		return "", "", ""
	}
	return "is not a year followed by a month", "the documentation's form is YYYYMM", "Write the four digits of the year first."
}

func simulatorAmount(text string) (title, evidence, fix string) {
	if len(text) > 30 || !isDigits(strings.TrimPrefix(text, "-")) {
		return "", "", ""
	}
	if amount, err := strconv.ParseFloat(text, 64); err == nil && (amount > 100_000 || amount < 0) {
		return "is outside what the simulator takes", "at most 100000 in the card's currency, by the documentation's prose", ""
	}
	return "", "", ""
}

func nonZero(text string) (title, evidence, fix string) {
	if digits := strings.TrimPrefix(text, "-"); isDigits(digits) && (digits != text || strings.Trim(digits, "0") == "") {
		return "is not above zero", "the documentation wants an amount that is not zero", ""
	}
	return "", "", ""
}

func webhookTopic(text string) (title, evidence, fix string) {
	topics := webhookTopics()
	if slices.Contains(topics, text) {
		return "", "", ""
	}
	if near, _ := nearestValue(text, topics); near != "" {
		return "is not a documented topic; the nearest is " + near, "see the webhook guide for the list", fmt.Sprintf("Write %q.", near)
	}
	return "is not a documented topic", "see the webhook guide for the list", ""
}

// webhookTopics returns the documented topics
// (https://docs.immersve.com/guides/configuring-webhook-listeners).
func webhookTopics() []string {
	return []string{
		"async-test", "card-activated", "card-block-created", "card-block-released", "card-canceled", "card-created", "card-expiry-upcoming",
		"card-reissue-failed", "card-reissue-succeeded", "card-shipped", "card-tracking-updated", "cardholder-block-created",
		"cardholder-block-released", "inquiry-updated", "kyc-failed", "kyc-pending", "kyc-succeeded", "payment-3ds-otp", "payment-3ds-sca",
		"payment-updated", "report-completed", "transactional-test", "xpay-card-load-confirmed", "xpay-card-load-otp",
	}
}

func secureURL(text string) (title, evidence, fix string) {
	if strings.HasPrefix(strings.ToLower(text), "https://") {
		return "", "", ""
	}
	return "is not an https URL", "webhooks are delivered over https only", "Give the listener an https URL."
}

// webOrigin judges an origin (RFC 6454 section 6.2): scheme, host, port, no more.
func webOrigin(text string) (title, evidence, fix string) {
	u := exchange.ParseURL(text)
	switch {
	case u.Scheme == "" || u.Host == "":
		return "is not an origin", "an origin is scheme://host, with the port where it is not the scheme's own", `Write it like "https://app.example.com".`
	case u.Path != "" || u.HasQuery:
		return "holds more than an origin", "an origin ends with host or port: no path, no slash", fmt.Sprintf("Write %.80q.", exchange.MaskText(u.Scheme+"://"+u.Authority()))
	}
	return "", "", ""
}

// authMethod judges how a cardholder confirmed a payment
// (https://docs.immersve.com/guides/: in-app payment challenges).
func authMethod(text string) (title, evidence, fix string) {
	methods := []string{"pin", "face-id", "fingerprint", "device-passcode"}
	if slices.Contains(methods, text) {
		return "", "", ""
	}
	evidence = "the guide names " + strings.Join(methods, ", ")
	if near, _ := nearestValue(text, methods); near != "" {
		return "is no method that the guide names; the nearest is " + near, evidence, fmt.Sprintf("Write %q.", near)
	}
	return "is no method that the guide names", evidence, ""
}

func ipAddress(text string) (title, evidence, fix string) {
	if _, err := netip.ParseAddr(text); err == nil {
		return "", "", ""
	}
	return "is not an IP address", "the address of the cardholder's device is expected", ""
}

// evmAddress judges what misses the form of an EVM address by little: 0x and 40
// hex digits. Addresses of other chains look otherwise, and samples are short.
func evmAddress(text string) (title, evidence, fix string) {
	const form = "an EVM address is 0x and 40 hex digits"
	digits, prefixed := strings.CutPrefix(text, "0x")
	switch {
	case prefixed && len(digits) >= 36 && len(digits) <= 44 && len(digits) != 40:
		return fmt.Sprintf("begins like an EVM address and has %d characters behind 0x", len(digits)), form, "Compare it with the wallet's address."
	case !prefixed && len(text) == 40 && isHex(text):
		return "lacks the 0x of an EVM address", form, fmt.Sprintf("Write %q.", "0x"+text)
	}
	return "", "", ""
}

// idShape warns of an id that misses the usual form by little: characters lost
// or gained in copying. The documentation promises no form.
func (d *bodyDoc) idShape(p *schema.Place, text string) {
	name := p.Node.Name()
	if name == "externalId" || name == "documentId" || name == "deviceId" || name == "appId" || name == "fileId" {
		return
	}
	bare := strings.TrimSpace(text)
	switch {
	case bare != text:
		d.warn(p, "has white space around it", "ids are letters and digits only", "Send it without the space.")
	case len(text) >= 28 && len(text) <= 36 && len(text) != 32 && isHex(text):
		d.warn(p, fmt.Sprintf("has %d characters", len(text)), "ids of this kind usually have 32, but the documentation promises no form", "Compare it with the id that the API gave you.")
	case len(text) == 36 && strings.Count(text, "-") == 4 && isHex(strings.ReplaceAll(text, "-", "")):
		d.warn(p, "is written with hyphens", "ids of this kind are usually written without, but the documentation promises no form", "Compare it with the id that the API gave you.")
	case d.in.Class == NotSent && namesResource(name) && !hasShape(shapeHex, text) && !d.in.Request().FromShell(text):
		d.warn(p, "does not look like an id of its kind", "ids of this kind are usually "+shapeHex+", but the documentation promises no form", "Compare it with the id that the API gave you.")
	}
}

// namesResource reports whether a field has the ID of a resource that paths name, too.
// Before a request is sent, its ID is held to the same form as in a path.
func namesResource(name string) bool {
	switch name {
	case "accountId", "partnerAccountId", "cardProgramId", "fundingSourceId", "fundingChannelId", "clientApplicationId", "listenerId":
		return true
	}
	return false
}

func isHex(text string) bool { return strings.Trim(text, "0123456789abcdefABCDEF") == "" }

// proseList judges arrays that should not be empty.
func (d *bodyDoc) proseList(p *schema.Place) {
	if p.Documented && p.Node.Name() == "allowedOrigins" {
		d.originsAreStrings(p)
	}
	if !p.Documented || !p.Node.IsEmpty() {
		return
	}
	switch p.Node.Name() {
	case "scopes", "evidence", "claims", "allowedOrigins", "certChain", "authTypes":
		d.warn(p, "is an empty list", "the documentation wants at least one entry", "")
	}
}

// originsAreStrings: the schema says nothing of the entries, the guide shows
// origins.
func (d *bodyDoc) originsAreStrings(p *schema.Place) {
	index := 0
	for entry := range p.Node.Children() {
		if entry.Kind != schema.String {
			pointer := fmt.Sprintf("%s/%d", p.Pointer(), index)
			d.add(entry.Start, Finding{
				ID: finding.BodyWrongType, Severity: Warning, Location: d.location(pointer),
				Title: fmt.Sprintf("%s is %s where an origin belongs", dotted(pointer), article(entry.Kind.String())), Evidence: d.show(entry),
			})
		}
		index++
	}
}

// proseMembers judges which members go together.
func (d *bodyDoc) proseMembers(p *schema.Place) {
	if p.Parent == nil {
		d.proseBody(p)
		return
	}
	switch p.Node.Name() {
	case "shippingAddress":
		d.apart(p, "companyName", "addressLine2", "only one of the two fits on the label")
	case "attributes":
		d.fullName(p)
	case "":
		if p.Parent.Node.Name() == "evidence" {
			d.evidence(p)
		}
	}
}

// proseBody judges the members of the whole body.
func (d *bodyDoc) proseBody(p *schema.Place) {
	switch d.op.ID {
	case "execute-simulator-deposit":
		d.want(p, "the simulator needs both", "amount", "fundingSourceId")
	case "execute-simulator-withdrawal":
		d.want(p, "the simulator needs what the withdrawal intent's execution payload holds", "amount", "fundingSourceId", "id", "expiresAt")
	case "update-expected-spend-amount":
		d.want(p, "there is nothing else to update", "expectedSpendAmount")
	case "update-allowed-origins":
		d.want(p, "the call replaces this list", "allowedOrigins")
	case "set-fault-config":
		d.want(p, "a fault is set by its value", "value")
	case "update-contact-details":
		if p.Node.Member("email") == nil && p.Node.Member("phone") == nil {
			d.want(p, "either of email and phone is due", "email")
		}
	case "create-card", "reissue-card":
		d.together(p, "a physical card needs all three", "shippingAddress", "shippingMethod", "language")
	case "get-spending-prerequisites":
		d.hiddenRegion(p)
	case "create-account":
		d.apart(p, "partnerAccountId", "parentAccountId", "no documented kind of account has both")
	case "create-funding-source":
		d.together(p, "the two go together", "challengeId", "signature")
	case "create-funding-channel":
		d.channelParams(p)
	case "submit-simulator-clearing":
		d.together(p, "clearing takes both messages or neither", "authorizationRequestMsg", "authorizationResponseMsg")
	case "configure-partner-profile":
		d.profileValue(p)
	}
}

// want warns of members that are needed in fact, though the schema requires none.
func (d *bodyDoc) want(p *schema.Place, why string, names ...string) {
	for _, name := range names {
		if p.Node.Member(name) != nil || p.Node.Cut {
			continue
		}
		d.missingMember(schema.Violation{Pointer: p.Pointer(), Offset: p.Node.Start, Member: name, Node: p.Node}, Warning)
		f := &d.out[len(d.out)-1].Finding
		f.Evidence = why + "; " + f.Evidence
	}
}

// together warns when some of the members are there and others are not; null asks for
// none of them.
func (d *bodyDoc) together(p *schema.Place, why string, names ...string) {
	there := 0
	for _, name := range names {
		if member := p.Node.Member(name); member != nil && member.Kind != schema.Null {
			there++
		}
	}
	if there > 0 && there < len(names) {
		d.want(p, why, names...)
	}
}

// apart warns when both of two members are there.
func (d *bodyDoc) apart(p *schema.Place, first, second, why string) {
	other := p.Node.Member(second)
	if p.Node.Member(first) == nil || other == nil || other.IsEmpty() || p.Node.Member(first).IsEmpty() {
		return
	}
	pointer := p.Pointer() + "/" + second
	d.add(other.NameStart, Finding{
		ID: finding.BodyInvalidValue, Severity: Warning, Location: d.location(pointer),
		Title: fmt.Sprintf("%s and %s are both there", first, second), Evidence: why, Fix: "Send only the one that is meant.",
	})
}

// hiddenRegion: hiding the region step obliges the caller to give the region.
func (d *bodyDoc) hiddenRegion(p *schema.Place) {
	steps := p.Node.Member("kycHiddenSteps")
	if steps == nil {
		return
	}
	for step := range steps.Children() {
		if step.Kind == schema.String && step.Text() == "region" {
			d.want(p, "kycHiddenSteps hides the region step, so the region has to be given", "kycRegion")
		}
	}
}

// channelParams: the schema requires no member of params; the guides give each
// funding type its own.
func (d *bodyDoc) channelParams(p *schema.Place) {
	kind, params := p.Node.Member("fundingTypeName"), p.Node.Member("params")
	if kind == nil || params == nil || params.Kind != schema.Object {
		return
	}
	var names []string
	switch name := kind.Text(); {
	case strings.Contains(name, "universal-evm"):
		names = []string{"storageAddress"}
	case strings.HasPrefix(name, "algorand-"):
		names = []string{"partnerChannelAddress"}
	case strings.HasPrefix(name, "custodial-"):
		names = []string{"billingFundingSourceId", "webhookBaseUrl"}
	}
	for _, inner := range d.places {
		if inner.Node == params {
			d.want(inner, "a channel of type "+printable(clipText(kind.Text()))+" needs it", names...)
		}
	}
}

func (d *bodyDoc) fullName(p *schema.Place) {
	claim := p.Parent.Node.Member("claimType")
	if claim != nil && claim.Text() == "FULL_NAME" {
		d.want(p, "a FULL_NAME claim needs both names", "givenName", "familyName")
	}
}

// evidence: some countries ask for more than the schema.
func (d *bodyDoc) evidence(p *schema.Place) {
	kind, country := p.Node.Member("evidenceType"), p.Node.Member("country")
	if kind == nil || country == nil {
		return
	}
	switch kind.Text() + " " + country.Text() {
	case "DRIVERS_LICENSE NZ", "DRIVERS_LICENSE AU":
		d.want(p, "licences of New Zealand and Australia need it", "version")
	case "NATIONAL_ID MX":
		d.want(p, "national ids of Mexico need it", "paternalFamilyName", "maternalFamilyName")
	}
}

// profileValue: one attribute is a boolean, the others are strings.
func (d *bodyDoc) profileValue(p *schema.Place) {
	name, value := p.Node.Member("attributeName"), p.Node.Member("attributeValue")
	if name == nil || value == nil {
		return
	}
	if value.Kind == schema.String && !value.IsEmpty() {
		d.profileText(name.Text(), value)
	}
	boolean := name.Text() == "email.kyc.enabled"
	if boolean != (value.Kind == schema.String) || value.Kind != schema.String && value.Kind != schema.Boolean {
		return
	}
	want := "a string"
	var fixes []edit
	if boolean {
		want = "a boolean, without quotes"
		if text := value.Text(); text == "true" || text == "false" {
			fixes = []edit{{value.Start, value.End(), text}}
		}
	}
	d.add(value.Start, Finding{
		ID: finding.BodyWrongType, Severity: Warning, Location: d.location("/attributeValue"),
		Title:    fmt.Sprintf("attributeValue is %s where %s wants %s", article(value.Kind.String()), printable(clipText(name.Text())), want),
		Evidence: d.show(value),
	}, fixes...)
}

// profileText judges an attribute by what its name says that it is.
func (d *bodyDoc) profileText(name string, value *schema.Node) {
	text := value.Text()
	title := ""
	switch lower := strings.ToLower(name); {
	case placeholder(text) != "" || isMasked(value):
	case strings.HasSuffix(lower, "url") && !strings.Contains(text, "://"):
		title = "attributeValue is not a URL"
	case strings.HasSuffix(lower, "email") && !strings.Contains(text, "@"):
		title = "attributeValue does not look like an e-mail address"
	}
	if title != "" {
		d.add(value.Start, Finding{
			ID: finding.BodyInvalidValue, Severity: Warning, Location: d.location("/attributeValue"),
			Title: title, Evidence: d.show(value) + "; the attribute is " + printable(clipText(name)),
		})
	}
}
