package scan

// openTelemetryShape is OpenTelemetry's semantic conventions for HTTP, those
// since 1.23 (http.request.method) and those before (http.method), in the
// attributes of spans and log records
// (https://opentelemetry.io/docs/specs/semconv/http/http-spans/).
func openTelemetryShape() shape {
	list := []place{
		{"http.status_code", fieldStatus},
		{"http.method", fieldMethod},
		{"http.url", fieldURL},
		{"http.target", fieldURL},
		{"http.url_details.path", fieldPath},
		{"http.url_details.host", fieldHost},
		{"http.host", fieldHost},
		{"server.address", fieldHost},
		{"net.peer.name", fieldHost},
		{"http.scheme", fieldScheme},
		{"http.client_ip", fieldAddress},
		{"startTimeUnixNano", fieldTime},
		{"start_time_unix_nano", fieldTime},
		{"timeUnixNano", fieldTime},
		{"StartTime", fieldTime},
		{"startTime", fieldTime},
		{"Timestamp", fieldTime},
		{"error.type", fieldFailure},
		{"http.request.body", fieldRequestBody},
		{"http.response.body", fieldResponseBody},
	}
	for name, f := range map[string]field{"x-api-key": fieldKey, "authorization": fieldAuthorization, "x-account-id": fieldAccount, "host": fieldHost} {
		list = append(list, place{"http.request.header." + name, f})
	}
	return shape{name: "opentelemetry", sure: list}
}
