# Errors of Java's HTTP clients: the JDK's, Spring's RestTemplate, RestClient and WebClient, Feign.
kind      client-error
exchange  Server returned HTTP response code: {status} for URL: {url}
exchange  HttpClientErrorException{any}: {?[}{status}{? {phrase}}{? on {method} request for "{url}"}
exchange  HttpServerErrorException{any}: {?[}{status}{? {phrase}}{? on {method} request for "{url}"}
exchange  UnknownHttpStatusCodeException: {any}status code [{status}]
exchange  WebClientResponseException{any}: {status}{? {phrase}}{? from {method} {url}}
exchange  FeignException{any}: [{status}{? {phrase}}] during [{method}] to [{url}]{? [{any}]}{?: [{body}]}
exchange  FeignException{any}: [{status}{? {phrase}}] during [{method}] to [{url}]
exchange  FeignException{any}: status {status} reading {word}
exchange  javax.ws.rs.{word}Exception: HTTP {status} {phrase}
exchange  jakarta.ws.rs.{word}Exception: HTTP {status} {phrase}
exchange  HttpResponseException: {?status code: {status}, reason phrase: {phrase}}{?{status} {phrase}}
failure   FeignException{any}: {failure} executing {method} {url}
failure   RetryableException: {failure} executing {method} {url}
failure   I/O error on {method} request for "{url}": {failure}{end}
failure                              java.net.ConnectException
failure(connection-refused/connect)  HttpHostConnectException: Connect to {any} failed: Connection refused
failure(dns-failure/dns)             java.net.UnknownHostException{?: {host}{end}}
failure(dns-failure/dns)             java.nio.channels.UnresolvedAddressException
failure(timeout/connect)             HttpConnectTimeoutException
failure(timeout/connect)             ConnectTimeoutException
failure(timeout/wait)                HttpTimeoutException
failure(timeout/wait)                SocketTimeoutException
failure(timeout/wait)                InterruptedIOException: timeout
failure(connection-refused/connect)  NoRouteToHostException
failure(tls-failure/tls)             SSLPeerUnverifiedException
failure(tls-failure/tls)             javax.net.ssl.SSLException
failure                              java.net.SocketException: {failure}{end}
failure(connection-reset/wait)       header parser received no bytes
failure(connection-reset/transfer)   java.io.IOException: Connection reset by peer
failure                              Unable to tunnel through proxy
failure                              StreamResetException: {failure}{end}
failure(timeout/wait)                ReadTimeoutException
failure(tls-failure/tls)             SSLHandshakeException
failure(tls-failure/tls)             PKIX path building failed
failure(connection-reset/wait)       NoHttpResponseException
failure(connection-reset/transfer)   java.net.SocketException: Connection reset
failure(connection-reset/wait)       PrematureCloseException
failure(connection-reset/wait)       unexpected end of stream

--- sample the JDK
java.io.IOException: Server returned HTTP response code: 403 for URL: https://test.immersve.com/api/cards/8367cd66fdd136bba8ba23f8805bb050
	at java.base/sun.net.www.protocol.https.HttpsURLConnectionImpl.getInputStream(HttpsURLConnectionImpl.java:224)
--- reads
- https://test.immersve.com/api/cards/8367cd66fdd136bba8ba23f8805bb050 403

--- sample Spring
org.springframework.web.client.HttpClientErrorException$Forbidden: 403 Forbidden: "{"statusCode":403,"statusName":"Forbidden","errorCode":"KYC_REQUIRED"}"
	at org.springframework.web.client.HttpClientErrorException.create(HttpClientErrorException.java:109)
--- reads
- - 403
<< {"statusCode":403,"statusName":"Forbidden","errorCode":"KYC_REQUIRED"}

--- sample Spring 6
org.springframework.web.client.HttpClientErrorException$NotFound: 404 Not Found on GET request for "https://test.immersve.com/api/cards/1": "{"statusCode":404,"errorCode":"NOT_FOUND"}"
--- reads
GET https://test.immersve.com/api/cards/1 404
<< {"statusCode":404,"errorCode":"NOT_FOUND"}

--- sample WebClient
org.springframework.web.reactive.function.client.WebClientResponseException$Forbidden: 403 Forbidden from POST https://test.immersve.com/api/cards
	at org.springframework.web.reactive.function.client.WebClientResponseException.create(WebClientResponseException.java:321)
--- reads
POST https://test.immersve.com/api/cards 403

--- sample Feign, the body cut
feign.FeignException$BadRequest: [400 Bad Request] during [POST] to [https://test.immersve.com/api/cards] [CardsApi#create(Card)]: [{"statusCode":400,"errorCode":"INVALID_REQUEST_INPUT","errors":[{"pa... (212 bytes)]
--- reads
POST https://test.immersve.com/api/cards 400
<< {"statusCode":400,"errorCode":"INVALID_REQUEST_INPUT","errors":[{"pa... (212 bytes)]

--- sample RestTemplate
org.springframework.web.client.ResourceAccessException: I/O error on GET request for "https://test.immersve.com/api/currencies": Read timed out
	at org.springframework.web.client.RestTemplate.createResourceAccessException(RestTemplate.java:888)
Caused by: java.net.SocketTimeoutException: Read timed out
--- reads
GET https://test.immersve.com/api/currencies timeout

--- sample frames hold numbers
	at java.base/java.net.HttpURLConnection.getResponseCode(HttpURLConnection.java:500)
	... 403 more
--- reads
