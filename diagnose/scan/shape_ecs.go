package scan

// ecsShape is the Elastic Common Schema
// (https://www.elastic.co/guide/en/ecs/current/ecs-http.html).
func ecsShape() shape {
	return shape{name: "ecs", sure: []place{
		{"@timestamp", fieldTime},
		{"http.response.status_code", fieldStatus},
		{"http.request.method", fieldMethod},
		{"url.full", fieldURL},
		{"url.original", fieldURL},
		{"url.path", fieldPath},
		{"url.query", fieldQuery},
		{"url.domain", fieldHost},
		{"url.scheme", fieldScheme},
		{"client.ip", fieldAddress},
		{"source.ip", fieldAddress},
		{"client.address", fieldAddress},
		{"source.address", fieldAddress},
		{"event.duration", fieldNanoseconds},
		{"error.code", fieldCode},
		{"error.code", fieldFailure},
		{"http.request.body.content", fieldRequestBody},
		{"http.response.body.content", fieldResponseBody},
	}}
}
