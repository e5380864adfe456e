package scan

// envoyShape is the access log in JSON of Envoy and Istio
// (https://istio.io/latest/docs/tasks/observability/logs/access-log/).
func envoyShape() shape {
	return shape{
		name: "envoy",
		sure: []place{
			{"response_code", fieldStatus},
			{"start_time", fieldTime},
			{"authority", fieldHost},
			{":authority", fieldHost},
			{"downstream_remote_address", fieldAddress},
		},
		weak: []place{{"method", fieldMethod}, {"path", fieldURL}, {"duration", fieldMilliseconds}},
	}
}
