package scan

// pinoShape is what pino-http, bunyan's and express-winston's middleware write:
// req and res with Node's own names.
func pinoShape() shape {
	return shape{
		name: "pino-http",
		sure: append(headerPlaces("req.headers"), []place{
			{"res.statusCode", fieldStatus},
			{"res.status", fieldStatus},
			{"req.method", fieldMethod},
			{"req.originalUrl", fieldURL},
			{"req.url", fieldURL},
			{"req.remoteAddress", fieldAddress},
			{"req.ip", fieldAddress},
			{"req.host", fieldHost},
			{"req.hostname", fieldHost},
			{"req.body", fieldRequestBody},
			{"res.headers", fieldResponseHeaders},
			{"res.header", fieldResponseHeaders},
			{"res.body", fieldResponseBody},
			{"responseTime", fieldMilliseconds},
			{"err.code", fieldFailure},
			{"err.message", fieldMessage},
		}...),
		weak: []place{{"time", fieldTime}},
	}
}
