package exchange

import (
	"slices"
	"strings"
)

// This file masks what is about people. The terminal of the person who asked
// shows it, for a wrong postal code is a cause; what is saved, reported or sent to
// others does not. What leaves therefore takes Shared views, and finished
// sentences pass a Veil.

// MaskShared returns the text fit to leave the terminal: secrets masked, and
// names, birth dates, addresses, document numbers, telephone numbers and e-mail
// addresses of people left out.
func MaskShared(text string) string { return maskSpans(text, findAt(text, sharedMode)) }

// MaskSharedPart returns text[start:end] with what MaskShared finds in the whole
// text masked: the name of a value may stand on an earlier line, and what ends a value
// behind the part.
func MaskSharedPart(text string, start, end int) string {
	var b strings.Builder
	for _, s := range findAt(text, sharedMode) {
		switch from, to := int(s.start), int(s.end); {
		case to <= start:
		case from >= end:
			return b.String() + text[start:end]
		case from < start || to > end:
			b.WriteString(text[start:max(start, from)] + "…") // a secret is cut: no edge of it may show
			start = min(to, end)
		default:
			b.WriteString(text[start:from] + s.mask(text))
			start = to
		}
	}
	return b.String() + text[start:end]
}

// Shared returns the content fit to leave the terminal.
func (b Body) Shared() string { return MaskShared(b.known.Hide(string(b.raw))) }

// Shared returns the target fit to leave the terminal.
func (u URL) Shared() string { return MaskShared(u.String()) }

// Shared returns the value fit to leave the terminal.
func (v Value) Shared() string {
	return MaskShared(v.String())
}

// Shared returns a copy of an exchange that is fit to leave the terminal in every
// way of writing it.
func (ex *Exchange) Shared() *Exchange {
	copied := *ex
	if ex.Request != nil {
		r := *ex.Request
		r.Method, r.URL = Method(MaskShared(string(r.Method))), ParseURL(r.URL.Shared())
		r.Header, r.Body = r.Header.shared(), r.Body.sharedBody()
		copied.Request = &r
	}
	if ex.Response != nil {
		r := *ex.Response
		r.Phrase = MaskShared(r.Phrase)
		r.Header, r.Trailer, r.Body = r.Header.shared(), r.Trailer.shared(), r.Body.sharedBody()
		copied.Response = &r
	}
	if ex.Failure != nil {
		f := *ex.Failure
		f.Text = MaskShared(f.Text)
		copied.Failure = &f
	}
	copied.Notes = nil
	for _, n := range ex.Notes {
		copied.Notes = append(copied.Notes, MaskShared(n))
	}
	return &copied
}

func (h Header) shared() Header {
	var copied Header
	for _, f := range h {
		copied = append(copied, Field{Name: MaskShared(f.Value.known.Hide(f.Name)), Value: Value{raw: f.Value.Shared()}})
	}
	return copied
}

func (b Body) sharedBody() Body {
	if b.state == BodyPresent {
		b.raw = []byte(b.Shared())
	}
	return b
}

// PersonalName reports whether a member or parameter of this name is about a
// person.
func PersonalName(name string) bool { return isPersonal(normalName(lastName(unescapeAll(name)))) }

// Veil hides in finished sentences what exchanges hold about people.
type Veil struct{ values []string }

// maxVeiled bounds how many values a veil knows, and maxVeiledBytes how much of a
// body it is made from: sentences quote the beginning.
const (
	maxVeiled      = 1000
	maxVeiledBytes = 1 << 20
)

// NewVeil makes the veil of exchanges.
func NewVeil(exchanges ...*Exchange) Veil {
	var v Veil
	for _, ex := range exchanges {
		if r := ex.Request; r != nil {
			v.learn(r.URL.Reveal())
			v.learn(string(r.Body.raw[:min(len(r.Body.raw), maxVeiledBytes)]))
		}
		if f := ex.Failure; f != nil {
			v.learn(f.Text)
		}
		if r := ex.Response; r != nil {
			v.learn(string(r.Body.raw[:min(len(r.Body.raw), maxVeiledBytes)]))
		}
	}
	slices.SortFunc(v.values, func(a, b string) int { return len(b) - len(a) })
	return v
}

func (v *Veil) learn(text string) {
	for _, s := range findAt(text, sharedMode) {
		if s.secret != SecretPersonal {
			continue
		}
		written := text[s.start:s.end]
		for _, value := range []string{written, unescapeAll(written)} {
			if len(value) >= 3 && len(v.values) < maxVeiled && !slices.Contains(v.values, value) {
				v.values = append(v.values, value)
			}
		}
	}
}

// Hide returns a sentence without what is about people.
func (v Veil) Hide(text string) string {
	for _, value := range v.values {
		text = replaceWord(text, value)
	}
	return maskSpans(text, findAt(text, veilMode))
}

// HideNamed hides the value of a member, cut or whole.
func (v Veil) HideNamed(name, text string) string {
	if PersonalName(name) {
		return "…"
	}
	return v.Hide(text)
}

// replaceWord replaces a text where it stands as a word.
func replaceWord(text, word string) string {
	var b strings.Builder
	for {
		i := strings.Index(text, word)
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		end := i + len(word)
		if i > 0 && isLetterOrDigit(text[i-1]) || end < len(text) && isLetterOrDigit(text[end]) {
			b.WriteString(text[:end])
		} else {
			b.WriteString(text[:i] + "…")
		}
		text = text[end:]
	}
}

// isPersonal knows the (normalised) names of members that are about people: those
// of the API's KYC statements, contact details and addresses, and their like.
func isPersonal(name string) bool {
	switch name {
	case "givenname", "firstname", "forename", "middlename", "lastname", "surname", "fullname", "legalname", "cardholdername", "embossedname", "companyname",
		"dateofbirth", "birthdate", "birthday", "dob", "placeofbirth",
		"unitnumber", "streetnumber", "streetname", "street", "town", "suburb", "city", "fulladdress", "addressline", "addressline1", "addressline2", "addressline3",
		"postalcode", "postcode", "zip", "zipcode",
		"documentid", "documentnumber", "idnumber", "passportnumber", "passport", "nationalid", "taxid", "taxnumber", "ssn", "licencenumber", "licensenumber",
		"email", "emailaddress", "mail", "phone", "phonenumber", "mobile", "mobilenumber", "telephone", "msisdn",
		"ipaddress":
		return true
	}
	for _, ending := range [...]string{"familyname", "givenname", "firstname", "lastname", "emailaddress", "phonenumber", "dateofbirth", "filename"} {
		if strings.HasSuffix(name, ending) {
			return true
		}
	}
	return false
}

// mailAround returns the bounds of an e-mail address (RFC 5322) whose "@" is here.
// Addresses of Immersve's own stay.
func mailAround(text string, at int) (start, end int) {
	local := func(c byte) bool { return isNameByte(c) || c == '.' || c == '+' }
	start = at
	for start > 0 && at-start < 64 && local(text[start-1]) {
		start--
	}
	end = runEnd(text[:min(len(text), at+255)], at+1, func(c byte) bool { return isNameByte(c) || c == '.' })
	domain := strings.TrimRight(text[at+1:end], ".")
	end = at + 1 + len(domain)
	if start == at || !strings.Contains(domain, ".") || domain == "immersve.com" {
		return 0, 0
	}
	return start, end
}

// phoneEnd returns the end of a telephone number (E.164) whose "+" is here.
func phoneEnd(text string, at int) int {
	if at > 0 && isLetterOrDigit(text[at-1]) {
		return 0
	}
	digits, end := 0, at+1
	for i := at + 1; i < len(text) && digits < 16; i++ {
		c := text[i]
		if isDigit(c) {
			digits++
			end = i + 1
		} else if c != ' ' && c != '-' && c != '(' && c != ')' || digits == 0 {
			break
		}
	}
	if digits < 8 || digits > 15 || end < len(text) && isLetterOrDigit(text[end]) {
		return 0
	}
	return end
}
