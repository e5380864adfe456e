package scan

// caddyShape is Caddy's access log (https://caddyserver.com/docs/logging).
func caddyShape() shape {
	return shape{
		name: "caddy",
		sure: append(headerPlaces("request.headers"), []place{
			{"request.host", fieldHost},
			{"request.uri", fieldURL},
			{"request.client_ip", fieldAddress},
			{"request.remote_ip", fieldAddress},
			{"resp_headers", fieldResponseHeaders},
		}...),
		weak: []place{{"status", fieldStatus}, {"ts", fieldTime}, {"duration", fieldSeconds}},
	}
}
