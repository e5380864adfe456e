# Spring's RestTemplate, RestClient and WebClient at the level DEBUG.
kind      client-log
request   HTTP {method} {url}{end}
response  Response {status}{? {phrase}}{end}
response  Response {status} {word}{end}
skip      Writing [
skip      Reading to [
skip      Accept=[

--- sample
2026-11-29 10:00:00.123 DEBUG 1 --- [exec-1] o.s.web.client.RestTemplate : HTTP POST https://test.immersve.com/api/cards
2026-11-29 10:00:00.125 DEBUG 1 --- [exec-1] o.s.web.client.RestTemplate : Accept=[application/json, application/*+json]
2026-11-29 10:00:00.323 DEBUG 1 --- [exec-1] o.s.web.client.RestTemplate : Response 403 FORBIDDEN
org.springframework.web.client.HttpClientErrorException$Forbidden: 403 Forbidden: "{"statusCode":403,"errorCode":"KYC_REQUIRED"}"
--- reads
POST https://test.immersve.com/api/cards 403 at 2026-11-29T10:00:00.123Z
<< {"statusCode":403,"errorCode":"KYC_REQUIRED"}

--- sample a response alone may be anything
2026-11-29 10:00:00.323 DEBUG 1 --- [exec-1] c.e.Importer : Response 200 OK
--- reads
