package cmd_test

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"math/rand/v2"
	"net/url"
	"strings"
	"unicode/utf8"
)

// plant is a secret that is put into a capture.
type plant struct {
	kind   string
	names  []string // what members, parameters and fields that hold it are called
	value  string
	byForm bool // it is known without a name
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

func random(r *rand.Rand, alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.IntN(256))
	}
	return b
}

func randomToken(r *rand.Rand, claims string) string {
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	switch r.IntN(8) {
	case 0: // a JWE without a key
		return part(`{"alg":"dir","enc":"A256GCM"}`) + ".." + base64.RawURLEncoding.EncodeToString(randomBytes(r, 12)) + "." + base64.RawURLEncoding.EncodeToString(randomBytes(r, 64)) + "." + base64.RawURLEncoding.EncodeToString(randomBytes(r, 16))
	case 1: // white space in the header
		return part(oneOfThem(r, []string{`{ "alg":"HS256"}`, "{\n\"alg\":\"HS256\"}", ` {"alg":"HS256"}`, "\r\n{\t\"alg\":\"HS256\"}"})) + "." + part(claims) + "." + base64.RawURLEncoding.EncodeToString(randomBytes(r, 32))
	}
	return part(`{"alg":"RS256","typ":"JWT"}`) + "." + part(claims) + "." + base64.RawURLEncoding.EncodeToString(randomBytes(r, 64))
}

// randomPAN is a card number of one of the networks, with its check digit,
// written plain or in groups.
func randomPAN(r *rand.Rand) string {
	form := [...]struct {
		prefix string
		length int
	}{{"4", 16}, {"55", 16}, {"51", 16}, {"2221", 16}, {"37", 15}, {"6011", 16}, {"4", 19}}[r.IntN(7)]
	digits := form.prefix + random(r, "0123456789", form.length-1-len(form.prefix))
	for c := '0'; c <= '9'; c++ {
		if sum(digits+string(c))%10 == 0 {
			digits += string(c)
			break
		}
	}
	separator := oneOfThem(r, []string{"", "", "", "", " ", "-", ".", "/", "_", "  ", " - ", "\u00a0", "\u202f", "\u2009", "\u2013", "\u2011", "\u200b", "&nbsp;", "<br>", ", "})
	if separator == "" && r.IntN(4) == 0 {
		return strings.Map(func(c rune) rune { return c - '0' + [...]rune{'０', '٠', '०', '𝟎'}[len(digits)%4] }, digits)
	}
	if separator == "" || len(digits) != 16 {
		return digits
	}
	return digits[:4] + separator + digits[4:8] + separator + digits[8:12] + separator + digits[12:]
}

func sum(digits string) int {
	total := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		total += d
	}
	return total
}

var seedWords = strings.Fields("abandon ability able about above absent absorb abstract absurd abuse access accident account accuse achieve acid acoustic acquire across act action actor zebra zone zoo wolf velvet unit tiger ridge quantum puzzle orbit noble mango ladder kite")

// plants makes one secret of each kind of the contract's promises.
func plants() []func(*rand.Rand) plant {
	return []func(*rand.Rand) plant{
		func(r *rand.Rand) plant {
			return plant{"jwt", []string{"accessToken", "refreshToken", "id_token", "token", "jwt"}, randomToken(r, fmt.Sprintf(`{"sub":%q,"exp":1795429865,"iat":1795428665}`, random(r, letters, 12))), true}
		},
		func(r *rand.Rand) plant {
			return plant{"opaque-token", []string{"accessToken", "access_token", "refreshToken", "sessionToken", "token", "tokenId", "X-Auth-Token"}, random(r, letters, 24+r.IntN(40)), false}
		},
		func(r *rand.Rand) plant {
			return plant{"imm-secret", []string{"x-api-secret", "apiSecret", "secret"}, "imm-secret-" + []string{"test-", "prod-LIVE-"}[r.IntN(2)] + hex.EncodeToString(randomBytes(r, 32)), true}
		},
		func(r *rand.Rand) plant {
			return plant{"plain-secret", []string{"x-api-secret", "api_secret", "clientSecret", "webhookSecret", "IMMERSVE_API_SECRET"}, hex.EncodeToString(randomBytes(r, 8+r.IntN(24))), false}
		},
		func(r *rand.Rand) plant {
			return plant{"cookie", []string{"cookie", "set-cookie"}, "sid=" + random(r, letters, 24), false}
		},
		func(r *rand.Rand) plant {
			return plant{"password", []string{"password", "passwd", "userPassword", "new_password", "passphrase", "pwd"}, random(r, letters, 6) + random(r, "!.*~+$", 1) + random(r, letters, 6), false}
		},
		func(r *rand.Rand) plant {
			key := base64.StdEncoding.EncodeToString(randomBytes(r, 48))
			return plant{"pem", []string{"privateKey", "key", "pem"}, "-----BEGIN " + []string{"", "RSA ", "EC ", "ENCRYPTED "}[r.IntN(4)] + "PRIVATE KEY-----\n" + key + "\n-----END PRIVATE KEY-----", true}
		},
		func(r *rand.Rand) plant {
			return plant{"hex-key", []string{"privateKey", "private_key", "signerPrivateKey", "walletPrivateKey"}, "0x" + hex.EncodeToString(randomBytes(r, 32)), false}
		},
		func(r *rand.Rand) plant {
			var words []string
			for range 12 {
				words = append(words, seedWords[r.IntN(len(seedWords))])
			}
			return plant{"mnemonic", []string{"mnemonic", "seedPhrase", "recovery_phrase"}, strings.Join(words, oneOfThem(r, []string{" ", " ", " ", ", ", "  ", ",", " | ", "\u00a0", " - "})), true}
		},
		func(r *rand.Rand) plant {
			return plant{"pan", []string{"pan", "cardNumber", "card_number", "number"}, randomPAN(r), true}
		},
		func(r *rand.Rand) plant {
			return plant{"cvv", []string{"cvv", "cvv2", "cvc", "securityCode", "card_cvv"}, random(r, "56789", 3), false}
		},
		func(r *rand.Rand) plant {
			return plant{"pin", []string{"pin", "newPin", "cardPin", "oldPin", "pin_code"}, random(r, "56789", 4), false}
		},
		func(r *rand.Rand) plant {
			return plant{"otp", []string{"otp", "oneTimePassword", "passcode", "otpCode", "verificationCode"}, random(r, "56789", 6), false}
		},
		func(r *rand.Rand) plant {
			return plant{"link", []string{"callbackUrl", "kycUrl", "kyc_url"}, "https://verify.test.immersve.com/s/" + random(r, letters, 28), false}
		},
	}
}

// people makes what is about people: the terminal may show it, what leaves may not.
func people() []func(*rand.Rand) plant {
	capital := func(r *rand.Rand, n int) string {
		return random(r, "BCDFGHKLMNPRSTVWZ", 1) + random(r, "aeiou", 1) + random(r, "bcdfghklmnprstvwz", n)
	}
	return []func(*rand.Rand) plant{
		func(r *rand.Rand) plant {
			return plant{"name", []string{"givenName", "paternalFamilyName", "cardholderName", "firstName", "fullName"}, capital(r, 7), false}
		},
		func(r *rand.Rand) plant {
			return plant{"birth date", []string{"dateOfBirth", "birth_date"}, fmt.Sprintf("19%02d-%02d-%02d", r.IntN(100), 1+r.IntN(12), 1+r.IntN(28)), false}
		},
		func(r *rand.Rand) plant {
			return plant{"street", []string{"streetName", "addressLine1", "fullAddress"}, fmt.Sprintf("%d %s Road", 10+r.IntN(90), capital(r, 8)), false}
		},
		func(r *rand.Rand) plant {
			return plant{"document", []string{"documentId", "documentNumber", "passportNumber"}, random(r, "ABCDEFGHKLMN", 2) + random(r, "0123456789", 7), false}
		},
		func(r *rand.Rand) plant {
			return plant{"e-mail", []string{"emailAddress", "email"}, random(r, "abcdefghijk", 9) + "@" + random(r, "abcdefghijk", 6) + ".example.com", true}
		},
		func(r *rand.Rand) plant {
			return plant{"phone", []string{"phoneNumber", "mobile"}, "+64" + random(r, "0123456789", 9), true}
		},
	}
}

func percent(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

func everyPercent(r *rand.Rand, s string) string {
	var b strings.Builder
	for i := range len(s) {
		if r.IntN(3) == 0 {
			fmt.Fprintf(&b, "%%%02x", s[i])
		} else {
			b.WriteString(percent(s[i : i+1]))
		}
	}
	return b.String()
}

func jsonEscapes(r *rand.Rand, s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch {
		case s[i] == '\n':
			b.WriteString(`\n`)
		case r.IntN(4) == 0 || s[i] == '"' || s[i] == '\\':
			fmt.Fprintf(&b, `\u%04x`, s[i])
		case s[i] == '/' && r.IntN(2) == 0:
			b.WriteString(`\/`)
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

func entities(r *rand.Rand, s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch r.IntN(8) {
		case 0:
			fmt.Fprintf(&b, "&#%d;", s[i])
		case 1:
			fmt.Fprintf(&b, "&#x%x;", s[i])
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// place puts a secret into a specimen. It returns false where the secret would
// be known by nothing: a card's PIN alone, without a name.
type place struct {
	name string
	put  func(*rand.Rand, *specimen, plant) bool
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf || strings.ContainsRune("<&", r) })
}

func oneOfThem(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

func line(s string) string { return strings.ReplaceAll(s, "\n", `\n`) }

func jsonText(s string) string { return strings.Trim(marshal(s), `"`) }

// nested wraps a JSON member into objects and arrays.
func nested(r *rand.Rand, member string) string {
	text := "{" + member + "}"
	for range r.IntN(6) {
		switch r.IntN(3) {
		case 0:
			text = `{"a":1,"x` + random(r, letters, 2) + `":` + text + `}`
		case 1:
			text = `[1, ` + text + `]`
		default:
			text = "{\n  \"data\" : " + text + "\n}"
		}
	}
	return text
}

// bodies are ways to write a named secret into a body.
func bodies() []place {
	set := func(contentType string, write func(*rand.Rand, plant, string) string) func(*rand.Rand, *specimen, plant) bool {
		return func(r *rand.Rand, s *specimen, p plant) bool {
			text := write(r, p, oneOfThem(r, p.names))
			if r.IntN(2) == 0 {
				s.reqBody = text
				s.reqHeader[1][1] = contentType
			} else {
				s.respBody = text
				s.respHeader[0][1] = contentType
				s.status = []int{200, 400, 403, 500, 502}[r.IntN(5)]
			}
			return true
		}
	}
	return []place{
		{"json", set("application/json", func(r *rand.Rand, p plant, n string) string {
			return nested(r, `"`+n+`": "`+jsonText(p.value)+`","z":2`)
		})},
		{"json-escaped", set("application/json", func(r *rand.Rand, p plant, n string) string {
			return nested(r, `"`+jsonEscapes(r, n)+`":"`+jsonEscapes(r, p.value)+`"`)
		})},
		{"json-in-json", set("application/json", func(r *rand.Rand, p plant, n string) string {
			return marshal(map[string]string{"payload": marshal(map[string]string{"deeper": marshal(map[string]string{n: p.value})})})
		})},
		{"json-pair", set("application/json", func(r *rand.Rand, p plant, n string) string {
			name := oneOfThem(r, []string{"key", "name"})
			if r.IntN(2) == 0 {
				return `{"variable":[{"value":"` + jsonText(p.value) + `","enabled":true,"` + name + `":"` + n + `"}]}`
			}
			return `{"values":[{"` + name + `": "` + n + `", "type": "string", "value": "` + jsonText(p.value) + `"}]}`
		})},
		{"json-number", set("application/json", func(r *rand.Rand, p plant, n string) string {
			if p.kind != "pan" {
				return `{"` + n + `":"` + jsonText(p.value) + `","y":1}`
			}
			digits := onlyDigits(p.value)
			number := oneOfThem(r, []string{digits + ".0", digits[:1] + "." + digits[1:] + fmt.Sprintf("e%d", len(digits)-1), digits[:5] + "." + digits[5:] + fmt.Sprintf("E+%d", len(digits)-5)})
			return `{"note":` + number + `,}`
		})},
		{"validator", set("application/json", func(r *rand.Rand, p plant, n string) string {
			name := oneOfThem(r, []string{`"path":"` + n + `"`, `"instancePath":"/card/` + n + `"`, `"loc":["body","` + n + `"]`, `"field":"` + n + `"`, `"property":"` + n + `"`, `"param":"` + n + `"`})
			between := oneOfThem(r, []string{"", `,"message":"is {wrong}"`, `,"constraints":{"isString":"` + strings.Repeat("x", 300) + `"}`})
			value := `"` + oneOfThem(r, []string{"value", "received", "input", "rejectedValue", "val"}) + `":"` + jsonText(p.value) + `"`
			if r.IntN(3) == 0 {
				name, value = value, name
			}
			return `{"statusCode":400,"errors":[{` + name + between + `,` + value + `}]}`
		})},
		{"form-array", set("application/x-www-form-urlencoded", func(r *rand.Rand, p plant, n string) string {
			return "a=1&" + oneOfThem(r, []string{n + "[]", n + "%5B%5D", n + "[0]", "user[" + n + "]", "user[" + n + "][]", n + ".value", "a." + n}) + "=" + url.QueryEscape(p.value)
		})},
		{"element", set("text/xml", func(r *rand.Rand, p plant, n string) string {
			v := html.EscapeString(p.value)
			return oneOfThem(r, []string{"<dict><key>" + n + "</key><string>" + v + "</string></dict>", "<" + n + "><value>" + v + "</value></" + n + ">", `<param name="` + n + `">` + v + "</param>"})
		})},
		{"block", set("text/yaml", func(r *rand.Rand, p plant, n string) string {
			return oneOfThem(r, []string{n + ": |\n  " + line(p.value) + "\n", "a:\n  " + n + ":\n    - " + line(p.value) + "\nb: 1\n", n + ":\n  " + line(p.value) + "\n"})
		})},
		{"literal", set("text/plain", func(r *rand.Rand, p plant, n string) string {
			v := strings.ReplaceAll(jsonText(p.value), "'", "")
			return oneOfThem(r, []string{`Login { ` + n + `: Some("` + v + `") }`, `map[string][]string{"` + n + `":[]string{"` + v + `"}}`, "“" + n + "”: “" + v + "”", `["` + n + `"]=>` + "\n  string(20) \"" + v + `"`})
		})},
		{"packed", set("application/json", func(r *rand.Rand, p plant, n string) string {
			text := []byte(`{"` + n + `":"` + jsonText(p.value) + `"}`)
			switch r.IntN(3) {
			case 0:
				var b bytes.Buffer
				z := zlib.NewWriter(&b)
				_, _ = z.Write(text)
				_ = z.Close()
				text = b.Bytes()
			case 1:
				text = append([]byte{0xff, 0x00, 0x01, 0xfe}, text...)
			default:
				wide := make([]byte, 0, 2*len(text))
				for _, c := range text {
					wide = append(wide, c, 0)
				}
				text = wide
			}
			return `{"data":"` + base64.StdEncoding.EncodeToString(text) + `"}`
		})},
		{"json-list", set("application/json", func(r *rand.Rand, p plant, n string) string {
			if !strings.Contains(p.kind, "token") && p.kind != "jwt" {
				return `{"` + n + `":["` + jsonText(p.value) + `"],"y":1}`
			}
			return `{"` + n + `":"` + jsonText(p.value) + `","y":1}`
		})},
		{"broken-json", set("application/json", func(r *rand.Rand, p plant, n string) string {
			return `{'` + n + `': '` + line(p.value) + `', x: 1,}`
		})},
		{"cut-json", set("application/json", func(r *rand.Rand, p plant, n string) string {
			return `{"x":1,"` + n + `":"` + jsonText(p.value)
		})},
		{"error-text", set("application/json", func(r *rand.Rand, p plant, n string) string {
			return marshal(map[string]any{"statusCode": 400, "errorCode": "INVALID_REQUEST_INPUT", "reason": n + "=" + strings.ReplaceAll(p.value, " ", "%20") + " is wrong", "errors": []any{map[string]string{"path": "/x", "message": "got " + n + ": \"" + p.value + "\""}}})
		})},
		{"form", set("application/x-www-form-urlencoded", func(r *rand.Rand, p plant, n string) string {
			return "a=1&" + n + "=" + url.QueryEscape(p.value) + "&b=2"
		})},
		{"form-percent", set("application/x-www-form-urlencoded", func(r *rand.Rand, p plant, n string) string {
			return "a=1&" + everyPercent(r, n) + "=" + everyPercent(r, p.value) + "&b=2"
		})},
		{"multipart", set("multipart/form-data; boundary=XXyyZZ", func(r *rand.Rand, p plant, n string) string {
			return "--XXyyZZ\nContent-Disposition: form-data; name=\"a\"\n\n1\n--XXyyZZ\nContent-Disposition: form-data; name=\"" + n + "\"\nContent-Type: text/plain\n\n" + p.value + "\n--XXyyZZ--\n"
		})},
		{"html", set("text/html", func(r *rand.Rand, p plant, n string) string {
			return `<html><body><form><input type="hidden" name="` + n + `" value="` + entities(r, line(p.value)) + `"></form></body></html>`
		})},
		{"html-json", set("text/html", func(r *rand.Rand, p plant, n string) string {
			return `<html><title>x</title><pre>{&quot;` + n + `&quot;: &quot;` + line(p.value) + `&quot;}</pre></html>`
		})},
		{"xml", set("text/xml", func(r *rand.Rand, p plant, n string) string {
			return `<a><` + n + `>` + p.value + `</` + n + `></a>`
		})},
		{"curl-in-text", set("text/plain", func(r *rand.Rand, p plant, n string) string {
			return "ran: curl -H '" + n + ": " + line(p.value) + "' --json '" + marshal(map[string]string{n: p.value}) + "'"
		})},
		{"env-file", set("text/plain", func(r *rand.Rand, p plant, n string) string {
			return "export " + strings.ToUpper(n) + "=\"" + line(p.value) + "\"\n" + n + ": " + line(p.value) + "\n"
		})},
		{"base64-of-json", set("application/json", func(r *rand.Rand, p plant, n string) string {
			return `{"data":"` + base64.StdEncoding.EncodeToString([]byte(`{"a":1,"`+n+`":"`+jsonText(p.value)+`"}`)) + `"}`
		})},
		{"percent-of-json", set("application/json", func(r *rand.Rand, p plant, n string) string {
			return `{"data":"` + percent(percent(`{"`+n+`":"`+jsonText(p.value)+`"}`)) + `"}`
		})},
	}
}

// inTable puts a secret into a cell of a table, in a row that is no exchange, or
// among the columns of one.
func inTable(separator string) func(*rand.Rand, *specimen, plant) bool {
	return func(r *rand.Rand, s *specimen, p plant) bool {
		header, row := []string{"time", "method", "url", "status", oneOfThem(r, p.names), "note"}, []string{"2026-11-23T10:44:12Z", "FOO", "", "", line(p.value), "x"}
		if r.IntN(2) == 0 {
			header, row = []string{"id", header[4], "note"}, []string{"1", row[4], "x"}
		}
		cells := strings.Join(row, separator)
		if header[len(header)-2] == "number" || header[len(header)-2] == "key" || header[len(header)-2] == "pem" {
			header[len(header)-2] = "cardPan"
		}
		s.table = strings.Join(header, separator) + "\n" + cells + "\n" + cells + "\n"
		return !strings.Contains(line(p.value), separator)
	}
}

// places are all positions of a secret.
func places() []place {
	field := func(h *[][2]string, name, value string) { *h = append(*h, [2]string{name, line(value)}) }
	return append(append(bodies(), variablePlaces()...), []place{
		{"cell of CSV", inTable(",")},
		{"cell of TSV", inTable("\t")},
		{"cell with semicolons", inTable(";")},
		{"own-field", func(r *rand.Rand, s *specimen, p plant) bool {
			name := oneOfThem(r, p.names)
			switch {
			case p.kind == "jwt" || p.kind == "opaque-token":
				field(&s.reqHeader, "authorization", oneOfThem(r, []string{"Bearer ", "bearer ", "Token ", ""})+p.value)
			case r.IntN(4) == 0:
				field(&s.respHeader, name, p.value)
			default:
				field(&s.reqHeader, name, p.value)
			}
			return true
		}},
		{"other-field", func(r *rand.Rand, s *specimen, p plant) bool {
			switch p.kind {
			case "jwt", "opaque-token":
				field(&s.reqHeader, oneOfThem(r, []string{"X-Original-Authorization", "X-Xsrf-Token", "Auth", "X-Access-Token"}), p.value)
			case "imm-secret", "plain-secret":
				field(&s.reqHeader, oneOfThem(r, []string{"X-Api-Secrets", "X-Auth-Key", "X-Original-Api-Secret"}), p.value)
			default:
				return false
			}
			return true
		}},
		{"echo", func(r *rand.Rand, s *specimen, p plant) bool {
			if !p.long() || strings.ContainsAny(p.value, "\n ") || p.kind == "pan" || p.kind == "link" || p.kind == "cookie" {
				return false
			}
			field(&s.reqHeader, "x-api-secret", p.value)
			written := oneOfThem(r, []string{p.value, base64.StdEncoding.EncodeToString([]byte("x:" + p.value)), hex.EncodeToString([]byte(p.value)), everyPercent(r, p.value), entities(r, p.value)})
			s.respBody = marshal(map[string]any{"statusCode": 403, "errorCode": "FORBIDDEN", "reason": "no such secret " + written + " here"})
			field(&s.respHeader, "X-Debug", "got "+p.value)
			return true
		}},
		{"x-field", func(r *rand.Rand, s *specimen, p plant) bool {
			if p.byForm {
				field(&s.reqHeader, "X-Debug", p.value)
			} else {
				field(&s.reqHeader, "X-Debug", oneOfThem(r, p.names)+"="+strings.ReplaceAll(p.value, " ", "+"))
			}
			return true
		}},
		{"basic", func(r *rand.Rand, s *specimen, p plant) bool {
			field(&s.reqHeader, "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("user:"+p.value)))
			return true
		}},
		{"cookie-field", func(r *rand.Rand, s *specimen, p plant) bool {
			field(&s.reqHeader, "Cookie", "a=b; "+oneOfThem(r, p.names)+"="+percent(p.value))
			field(&s.respHeader, "Set-Cookie", "x="+percent(p.value)+"; Path=/; HttpOnly")
			return true
		}},
		{"user-info", func(r *rand.Rand, s *specimen, p plant) bool {
			s.userInfo = "user:" + percent(p.value)
			return true
		}},
		{"location", func(r *rand.Rand, s *specimen, p plant) bool {
			s.status = 302
			field(&s.respHeader, "Location", "https://u:"+percent(p.value)+"@test.immersve.com/cb?x=1&"+oneOfThem(r, p.names)+"="+percent(p.value)+"#"+oneOfThem(r, p.names)+"="+percent(p.value))
			return true
		}},
		{"query", func(r *rand.Rand, s *specimen, p plant) bool {
			s.query += "&" + oneOfThem(r, p.names) + "=" + percent(p.value)
			return true
		}},
		{"query-percent", func(r *rand.Rand, s *specimen, p plant) bool {
			s.query += "&" + everyPercent(r, oneOfThem(r, p.names)) + "=" + everyPercent(r, p.value)
			return true
		}},
		{"query-url", func(r *rand.Rand, s *specimen, p plant) bool {
			s.query += "&next=" + percent("https://test.immersve.com/?"+oneOfThem(r, p.names)+"="+percent(p.value))
			return true
		}},
		{"path", func(r *rand.Rand, s *specimen, p plant) bool {
			s.path = "/api/cards/" + percent(p.value) + []string{"", "/freeze"}[r.IntN(2)]
			return p.byForm
		}},
		{"json-key", func(r *rand.Rand, s *specimen, p plant) bool {
			s.reqBody = `{"` + jsonText(p.value) + `":1}`
			return p.byForm
		}},
		{"json-other-member", func(r *rand.Rand, s *specimen, p plant) bool {
			name := oneOfThem(r, []string{"cardProgramId", "fundingSourceId", "cardholderAccountId", "note"})
			s.reqBody = `{"cardProgramId":"x","` + name + `":"` + jsonText(p.value) + `"}`
			return p.byForm
		}},
		{"error-code", func(r *rand.Rand, s *specimen, p plant) bool {
			s.respBody = marshal(map[string]any{"statusCode": 403, "errorCode": p.value, "reason": p.value, "message": p.value})
			return p.byForm
		}},
		{"error-path", func(r *rand.Rand, s *specimen, p plant) bool {
			s.respBody = marshal(map[string]any{"statusCode": 400, "errorCode": "INVALID_REQUEST_INPUT", "errors": []any{map[string]any{"path": "/" + p.value, "message": "what is " + p.value + "?"}}})
			return p.byForm
		}},
		{"method", func(r *rand.Rand, s *specimen, p plant) bool {
			s.method = strings.ReplaceAll(line(p.value), " ", "_")
			return p.byForm && p.kind != "mnemonic" && p.kind != "pem"
		}},
		{"host", func(r *rand.Rand, s *specimen, p plant) bool {
			s.host = strings.NewReplacer(" ", "-", "\n", "-", "/", "-").Replace(p.value) + ".example.com"
			return strings.HasPrefix(p.value, "eyJhbGciOiJSUzI1NiIsIn") || p.kind == "imm-secret" || p.kind == "pan" && isASCII(p.value)
		}},
		{"phrase", func(r *rand.Rand, s *specimen, p plant) bool {
			s.phrase = line(p.value)
			return p.byForm
		}},
		{"field-name", func(r *rand.Rand, s *specimen, p plant) bool {
			field(&s.reqHeader, p.value, "x")
			field(&s.respHeader, p.value, "x")
			return p.kind == "jwt" || p.kind == "imm-secret" || p.kind == "pan" && !strings.Contains(p.value, " ")
		}},
		{"content-type", func(r *rand.Rand, s *specimen, p plant) bool {
			s.reqHeader[1][1], s.respHeader[0][1] = line(p.value), line(p.value)
			return p.byForm
		}},
		{"claims", func(r *rand.Rand, s *specimen, p plant) bool {
			names := []string{"iss", "aud", "scope", oneOfThem(r, p.names)}
			if p.byForm {
				names = append(names, "sub") // scan counts by it
			}
			claims := marshal(map[string]any{oneOfThem(r, names): p.value, "exp": 1, "use": p.value})
			field(&s.reqHeader, "authorization", "Bearer "+randomToken(r, claims))
			return true
		}},
		{"token-header", func(r *rand.Rand, s *specimen, p plant) bool {
			part := func(t string) string { return base64.RawURLEncoding.EncodeToString([]byte(t)) }
			field(&s.reqHeader, "authorization", "Bearer "+part(marshal(map[string]any{"alg": p.value, "kid": p.value, "typ": p.value}))+"."+part(`{"exp":1}`)+".c2ln")
			return p.byForm
		}},
		{"retry-after", func(r *rand.Rand, s *specimen, p plant) bool {
			s.status = 429
			field(&s.respHeader, "Retry-After", p.value)
			field(&s.respHeader, "Server", p.value)
			field(&s.respHeader, "Allow", p.value)
			return p.byForm
		}},
		{"account", func(r *rand.Rand, s *specimen, p plant) bool {
			s.reqHeader[2][1] = line(p.value)
			field(&s.reqHeader, "x-api-key", p.value)
			field(&s.reqHeader, "origin", p.value)
			return p.byForm
		}},
	}...)
}
