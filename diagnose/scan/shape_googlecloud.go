package scan

// googleCloudShape is a LogEntry of Google Cloud with its HttpRequest
// (https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#HttpRequest).
func googleCloudShape() shape {
	return shape{name: "google-cloud", sure: []place{
		{"httpRequest.status", fieldStatus},
		{"httpRequest.requestMethod", fieldMethod},
		{"httpRequest.requestUrl", fieldURL},
		{"httpRequest.remoteIp", fieldAddress},
		{"receiveTimestamp", fieldTime},
	}, weak: []place{{"timestamp", fieldTime}}}
}
