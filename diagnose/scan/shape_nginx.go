package scan

// nginxShape is an nginx log_format in JSON, whose members people name after
// nginx's variables (https://nginx.org/en/docs/varindex.html).
func nginxShape() shape {
	return shape{
		name: "nginx",
		sure: []place{
			{"time_iso8601", fieldTime},
			{"time_local", fieldTime},
			{"msec", fieldTime},
			{"request_uri", fieldURL},
			{"request_method", fieldMethod},
			{"request", fieldRequestLine},
			{"server_name", fieldHost},
			{"http_host", fieldHost},
			{"remote_addr", fieldAddress},
			{"request_time", fieldSeconds},
			{"upstream_status", fieldStatus},
			{"http_x_api_key", fieldKey},
			{"http_authorization", fieldAuthorization},
			{"http_x_account_id", fieldAccount},
			{"request_body", fieldRequestBody},
			{"resp_body", fieldResponseBody},
			{"args", fieldQuery},
			{"query_string", fieldQuery},
		},
		weak: []place{{"status", fieldStatus}, {"uri", fieldURL}, {"host", fieldHost}, {"scheme", fieldScheme}},
	}
}
