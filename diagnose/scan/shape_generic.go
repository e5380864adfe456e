package scan

// genericShape is what people name things when no middleware does it for them:
// zap, logrus, zerolog, slog, winston, structlog with members of their own.
func genericShape() shape {
	sure := append(headerPlaces("request.headers"), headerPlaces("requestHeaders")...)
	sure = append(sure, headerPlaces("request_headers")...)
	for _, name := range []string{"statusCode", "status_code", "httpStatus", "http_status", "httpStatusCode", "http_status_code", "responseStatus", "response_status", "responseCode", "State.StatusCode", "response.statusCode", "response.status_code", "response.code", "resp.status", "resp.status_code"} {
		sure = append(sure, place{name, fieldStatus})
	}
	for _, name := range []string{"request.path", "requestUrl", "requestURL", "request_url", "requestUri", "requestURI", "originalUrl", "original_url", "State.Uri"} {
		sure = append(sure, place{name, fieldURL})
	}
	for _, name := range []string{"requestPath", "request_path"} {
		sure = append(sure, place{name, fieldPath})
	}
	for _, name := range []string{"errorCode", "error_code", "error.errorCode", "response.error_code"} {
		sure = append(sure, place{name, fieldCode})
	}
	for _, name := range []string{"http_method", "request_method", "requestMethod", "State.HttpMethod"} {
		sure = append(sure, place{name, fieldMethod})
	}
	for _, name := range []string{"responseBody", "response_body", "resBody", "response.body", "resp.body"} {
		sure = append(sure, place{name, fieldResponseBody})
	}
	for _, name := range []string{"requestBody", "request_body", "reqBody", "request.body"} {
		sure = append(sure, place{name, fieldRequestBody})
	}
	for _, name := range []string{"responseHeaders", "response_headers"} {
		sure = append(sure, place{name, fieldResponseHeaders})
	}
	for _, name := range []string{"apiKey", "api_key", "x-api-key", "x_api_key"} {
		sure = append(sure, place{name, fieldKey})
	}
	for _, name := range []string{"remote_ip", "client_ip", "clientIp", "clientIP", "remoteAddr", "remoteAddress", "remoteIp"} {
		sure = append(sure, place{name, fieldAddress})
	}
	for _, name := range []string{"duration_ms", "durationMs", "elapsed_ms", "elapsedMs", "latency_ms", "latencyMs", "response_time_ms"} {
		sure = append(sure, place{name, fieldMilliseconds})
	}
	for _, name := range []string{"error.message", "exception.message", "error.stack", "error"} {
		sure = append(sure, place{name, fieldMessage})
	}
	return shape{name: "generic", sure: sure, weak: weakPlaces()}
}

func weakPlaces() []place {
	list := []place{{"status", fieldStatus}, {"code", fieldStatus}, {"reason", fieldReason}, {"ip", fieldAddress}, {"host", fieldHost}, {"query", fieldQuery}, {"body", fieldResponseBody}, {"accountId", fieldAccount}}
	for _, name := range []string{"method", "verb"} {
		list = append(list, place{name, fieldMethod})
	}
	for _, name := range []string{"url", "uri", "path", "target"} {
		list = append(list, place{name, fieldURL})
	}
	for _, name := range []string{"timestamp", "ts", "time", "datetime", "date", "@time", "t", "eventTime", "asctime", "_time", "Timestamp", "__REALTIME_TIMESTAMP"} {
		list = append(list, place{name, fieldTime})
	}
	for _, name := range []string{"log", "message", "msg", "_raw", "@message", "MESSAGE", "line", "Line"} {
		list = append(list, place{name, fieldNested})
	}
	for _, name := range []string{"elapsed", "latency", "took", "response_time"} {
		list = append(list, place{name, fieldMilliseconds})
	}
	return list
}
