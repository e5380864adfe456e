package exchange

import (
	"strings"
	"testing"
)

func TestMaskShared(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"a KYC statement", `{"claimType":"FULL_NAME","attributes":{"givenName":"Joe","paternalFamilyName":"Soap","honorific":"Mr"}}`, `{"claimType":"FULL_NAME","attributes":{"givenName":"…","paternalFamilyName":"…","honorific":"Mr"}}`},
		{"a birth date", `{"dateOfBirth":"1981-11-03"}`, `{"dateOfBirth":"…"}`},
		{"an address, but not where the rules of a country begin", `{"streetNumber":"3A","town":"Nelson","postalCode":7010,"country":"NZ","state":"TAS"}`, `{"streetNumber":"…","town":"…","postalCode":…,"country":"NZ","state":"TAS"}`},
		{"a document", `{"evidenceType":"PASSPORT","documentId":"LA123456","expiry":"2030-01-01"}`, `{"evidenceType":"PASSPORT","documentId":"…","expiry":"2030-01-01"}`},
		{"contact details keep their containers", `{"email":{"emailAddress":"joe@example.com"},"phone":{"phoneNumber":"+64 21 123 4567"}}`, `{"email":{"emailAddress":"…"},"phone":{"phoneNumber":"…"}}`},
		{"an e-mail address in text", "sent to joe.soap+x@mail.example.co.nz.", "sent to …."},
		{"a telephone number in text", "call +6421123456 now", "call … now"},
		{"an e-mail address in a query", "/x?to=joe%40example.com&n=1", "/x?to=…&n=1"},
		{"a form", "givenName=Joe&limit=2", "givenName=…&limit=2"},
		{"what is public stays", `{"cardId":"0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6","region":"NZ","amount":"100+20"} support@immersve.com`, `{"cardId":"0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6","region":"NZ","amount":"100+20"} support@immersve.com`},
		{"secrets are masked as ever", "Authorization: Bearer " + jwt, "Authorization: Bearer eyJ…XJl"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := MaskShared(tt.text); got != tt.want {
				t.Errorf("MaskShared(%q)\n got %q\nwant %q", tt.text, got, tt.want)
			}
			if plain := MaskText(tt.text); !strings.Contains(tt.text, jwt) && plain != tt.text {
				t.Errorf("the terminal does not show it: %q", plain)
			}
		})
	}
}

func TestVeil(t *testing.T) {
	ex := &Exchange{Request: &Request{Body: NewBody([]byte(`{"givenName":"Joe","streetName":"Long Long Street \u0041","email":"joe@example.com"}`))}}
	veil := NewVeil(ex)
	for sentence, want := range map[string]string{
		"givenName is Joe":                   "givenName is …",
		"Joey is another":                    "Joey is another",
		`"streetName": "Long Long Str…`:      `"streetName": "…`,
		"it is Long Long Street A, as said":  "it is …, as said",
		"the API objects to joe@example.com": "the API objects to …",
		"givenName: required":                "givenName: required",
	} {
		if got := veil.Hide(sentence); got != want {
			t.Errorf("Hide(%q) = %q, want %q", sentence, got, want)
		}
	}
	if shared := ex.Shared(); strings.Contains(string(shared.Request.Body.Bytes()), "Joe") || !strings.Contains(ex.Request.Body.String(), "Joe") {
		t.Error("Shared changes the wrong one")
	}
}

// What no view may show is masked in what leaves, whatever stands around it.
func FuzzMaskShared(f *testing.F) {
	for _, seed := range []string{"", "a", `{"x":"`, "?givenName=", "+", "@", "%40", `\u0040`, "<email>"} {
		f.Add(seed, " tail")
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		got := MaskShared(before + " joe.soap.secret@example.com " + after)
		if strings.Contains(got, "soap.secret@exam") {
			t.Errorf("the address survives in %q", got)
		}
		if strings.Contains(MaskText(got), "c2lnbmF0dXJl") {
			t.Errorf("%q", got)
		}
	})
}
