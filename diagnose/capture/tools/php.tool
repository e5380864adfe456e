# Errors of PHP's HTTP clients: Guzzle, Symfony, Laravel, and of its cURL extension.
kind      client-error
exchange   error: `{method} {url}` resulted in a `{status}{? {phrase}}` response
exchange  HTTP request returned status code {status}:
exchange  HTTP/{proto} {status}{? {phrase}} returned for "{url}"
exchange  HTTP {status} returned for "{url}"
exchange  Failed to open stream: HTTP request failed! HTTP/{proto} {status} {phrase}
exchange  failed to open stream: HTTP request failed! HTTP/{proto} {status} {phrase}
failure   cURL error {curl}: {failure} (see https://curl.{any}){? for {url}}
failure   cURL error {curl}: {failure}{end}
failure(dns-failure/dns)             Could not resolve host: {host} for "{url}"
failure(connection-refused/connect)  Failed to connect to {any}Connection refused for "{url}"
failure(connection-refused/connect)  Failed to connect to {any}Couldn't connect to server for "{url}"
failure(timeout/wait)                Idle timeout reached for "{url}"
failure(timeout/wait)                Operation timed out after {any} for "{url}"
failure(dns-failure/dns)             php_network_getaddresses: getaddrinfo
failure(tls-failure/tls)             SSL operation failed with code

--- sample Guzzle
PHP Fatal error:  Uncaught GuzzleHttp\Exception\ClientException: Client error: `POST https://test.immersve.com/api/cards` resulted in a `403 Forbidden` response:
{"statusCode":403,"statusName":"Forbidden","errorCode":"KYC_REQUIRED"}
 in /app/vendor/guzzlehttp/guzzle/src/Exception/RequestException.php:113
--- reads
POST https://test.immersve.com/api/cards 403
<< {"statusCode":403,"statusName":"Forbidden","errorCode":"KYC_REQUIRED"}

--- sample Symfony
Symfony\Component\HttpClient\Exception\ClientException: HTTP/2 403 returned for "https://test.immersve.com/api/cards".
--- reads
- https://test.immersve.com/api/cards 403

--- sample Laravel
Illuminate\Http\Client\RequestException: HTTP request returned status code 403:
{"statusCode":403,"errorCode":"KYC_REQUIRED"}
--- reads
- - 403
<< {"statusCode":403,"errorCode":"KYC_REQUIRED"}

--- sample cURL
cURL error 28: Operation timed out after 5001 milliseconds with 0 bytes received (see https://curl.haxx.se/libcurl/c/libcurl-errors.html) for https://test.immersve.com/api/cards
--- reads
- https://test.immersve.com/api/cards timeout

--- sample a proxy
GuzzleHttp\Exception\RequestException: cURL error 56: Received HTTP code 407 from proxy after CONNECT (see https://curl.haxx.se/libcurl/c/libcurl-errors.html) for https://test.immersve.com/api/cards
--- reads
- https://test.immersve.com/api/cards -
