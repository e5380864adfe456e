package scan

// harShape is an entry of a HAR 1.2 log, alone on a line or in its array.
func harShape() shape {
	return shape{name: "har", sure: []place{
		{"startedDateTime", fieldTime},
		{"request.method", fieldMethod},
		{"request.url", fieldURL},
		{"request.headers", fieldRequestHeaders},
		{"request.postData.text", fieldRequestBody},
		{"response.status", fieldStatus},
		{"response.headers", fieldResponseHeaders},
		{"response.content.text", fieldResponseBody},
	}}
}
