package scan

// traefikShape is Traefik's access log in JSON
// (https://doc.traefik.io/traefik/observability/access-logs/).
func traefikShape() shape {
	return shape{name: "traefik", sure: []place{
		{"StartUTC", fieldTime},
		{"StartLocal", fieldTime},
		{"DownstreamStatus", fieldStatus},
		{"OriginStatus", fieldStatus},
		{"RequestMethod", fieldMethod},
		{"RequestPath", fieldURL},
		{"RequestHost", fieldHost},
		{"RequestScheme", fieldScheme},
		{"ClientHost", fieldAddress},
		{"Duration", fieldNanoseconds},
		{"request_X-Api-Key", fieldKey},
		{"request_Authorization", fieldAuthorization},
		{"request_X-Account-Id", fieldAccount},
	}}
}
