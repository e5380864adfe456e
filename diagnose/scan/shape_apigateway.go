package scan

// apiGatewayShape is an access log of AWS API Gateway in JSON, by the names that
// AWS's own examples give to the $context variables
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html).
func apiGatewayShape() shape {
	return shape{
		name: "api-gateway",
		sure: []place{
			{"requestTimeEpoch", fieldTime},
			{"requestTime", fieldTime},
			{"httpMethod", fieldMethod},
			{"domainName", fieldHost},
			{"identity.sourceIp", fieldAddress},
			{"identity.apiKey", fieldKey},
			{"sourceIp", fieldAddress},
			{"responseLatency", fieldMilliseconds},
			{"requestContext.httpMethod", fieldMethod},
			{"requestContext.http.method", fieldMethod},
			{"requestContext.http.path", fieldPath},
			{"requestContext.domainName", fieldHost},
			{"requestContext.identity.sourceIp", fieldAddress},
		},
		weak: []place{{"status", fieldStatus}, {"path", fieldPath}, {"resourcePath", fieldPath}},
	}
}
