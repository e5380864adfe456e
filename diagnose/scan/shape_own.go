package scan

// ownShape is what "immersve-doctor -o json" writes: it was diagnosed before.
func ownShape() shape {
	return shape{name: "immersve-doctor", sure: []place{
		{"schema", fieldSchema},
		{"request.method", fieldMethod},
		{"request.url", fieldURL},
		{"response.status", fieldStatus},
		{"response.errorCode", fieldCode},
		{"response.reason", fieldReason},
	}}
}
