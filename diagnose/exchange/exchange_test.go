package exchange

import "testing"

func TestFromShell(t *testing.T) {
	for _, tt := range []struct {
		variable, text string
		want           bool
	}{
		{"$ID", "/api/cards/$ID", true},
		{"$ID", "/api/cards/0b5d", false},
		{"$IMMERSVE_HOST", "$immersve_host", true}, // a host, which ParseURL puts in lower case
		{"${HOST}", "api.${host}.com", true},
		{"$HOST", "test.immersve.com", false},
		{"", "anything", false},
	} {
		r := Request{Unexpanded: []string{tt.variable}}
		if got := r.FromShell(tt.text); got != tt.want {
			t.Errorf("variable %q in %q: %v, want %v", tt.variable, tt.text, got, tt.want)
		}
	}
}
