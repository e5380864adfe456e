package scan

// axiosShape is a logged error of axios, and of clients that log like it: the
// call's config beside its response.
func axiosShape() shape {
	return shape{
		name: "axios",
		sure: append(headerPlaces("config.headers"), []place{
			{"config.method", fieldMethod},
			{"config.url", fieldURL},
			{"config.baseURL", fieldBase},
			{"config.data", fieldRequestBody},
			{"response.data", fieldResponseBody},
			{"response.headers", fieldResponseHeaders},
			{"response.status", fieldStatus},
			{"code", fieldFailure},
		}...),
	}
}
