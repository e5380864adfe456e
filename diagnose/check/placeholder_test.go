package check

import "testing"

func TestPlaceholder(t *testing.T) {
	for _, value := range []string{
		"undefined", "null", "NaN", "None", "nil", "[object Object]", "{{cardId}}", "{{ card.id }}", "${CARD_ID}", "${CARD_ID:-}", "${CARD_ID:?not set}", "$CARD_ID", "$cardId",
		"{cardId}", "<card_id>", "<your card>", "[card id]", ":cardId", "%CARD_ID%", "YOUR_CARD_ID", "your-card-id", "Your card", "CARD_ID",
		"ACCESS_TOKEN", "my_card_id", "paste signature here", "REPLACE_ME", "insert-id", "{{$processEnv CARD_ID}}", "{{login.response.body.$.id}}", "TODO", "todo: id", "changeme", "XXXXXXXX", " $X ", "xxx", "%s", "%d", "#{card_id}", "__card_id__", "$(card id)", "<%= card_id %>", "[object Promise]",
	} {
		if placeholder(value) == "" {
			t.Errorf("%q is a placeholder", value)
		}
	}
	for _, value := range []string{
		"", "  ", "Null", "none", "Todor", "Todos Santos", "my_user", "my-company", "$5.00", "$1", "a<b>", "<a href=\"x\">", "{}", "[]", "100%",
		"315bad4e81ce0f26966a41b9d451638b", "0xA3058369d6A481B1ff08F62B352409c3D709De9b", "Yours", "Pasteur", "Mr", "UTC", "A_ID_B", ":", "x",
		"imm-key-test-0123", "kyc-pending", "2028-10-12",
	} {
		if got := placeholder(value); got != "" {
			t.Errorf("%q is called %s", value, got)
		}
	}
}

func TestMasked(t *testing.T) {
	for _, value := range []string{"***", "eyJhbG…Q4w", "eyJhbGciOiJSUzI1NiIs...", "[REDACTED]", "<redacted>", "[Filtered]", "**hidden**", "••••", "xxxxxx", "imm-key-test-xxxxxxxx", "abcd****efgh"} {
		if !masked(value) {
			t.Errorf("%q is masked", value)
		}
	}
	for _, value := range []string{"", "xx", "undefined", "<token>", "$TOKEN", "imm-key-test-0123", "315bad4e81ce0f26966a41b9d451638b", "removed from stock"} {
		if masked(value) {
			t.Errorf("%q is not masked", value)
		}
	}
}
