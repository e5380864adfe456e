package exchange

import "testing"

// What this tool masks, it recognises as masked; what it leaves alone, it does
// not.
func TestMasked(t *testing.T) {
	for _, text := range []string{
		`{"refreshToken":"abcdef0123456789abcdef"}`, `{"token":"abcdef0123456789abcdef"}`, `{"cvv":"123"}`, `{"pin": "0000"}`,
		`{"pan":"5555555555554444"}`, `password=hunter2&x=1`, "Bearer " + jwt, jwt, secret, "x-api-secret: hunter2",
		"/api/cards/secure?tokenId=1E2426184B3676720F36E43A22649AFF-1000041153&x=1",
	} {
		masked := MaskText(text)
		if masked == text {
			t.Fatalf("%q is not masked at all", text)
		}
		if !Masked(masked) {
			t.Errorf("Masked(%q) = false", masked)
		}
		if Masked(text) {
			t.Errorf("Masked(%q) = true", text)
		}
	}
	for _, text := range []string{
		"", "…", `{"name":"wait for it…"}`, `{"note":"one…two"}`, `{"description":"the … end"}`, "a…b", `{"pin":"{{pin}}","x":"…"}`,
		`"abc…tuvw"`, "abc…tuv",
	} {
		if Masked(text) {
			t.Errorf("Masked(%q) = true", text)
		}
	}
}

func FuzzMasked(f *testing.F) {
	for _, seed := range []string{"", "…", "eyJ…abc", `"abc…tuv"`, `{"pin":"…"}`} {
		f.Add(seed)
	}
	f.Fuzz(func(_ *testing.T, text string) { Masked(text) })
}
