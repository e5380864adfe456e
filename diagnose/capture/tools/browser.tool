# What browsers show of a failed call: their console and the headers of the network panel.
kind      client-error
exchange  {method} {url} {status} ({?{phrase}})
exchange  {method} {url} net::ERR_ABORTED {status} ({?{phrase}})
exchange  {host}{path}:{number} Failed to load resource: the server responded with a status of {status} (
exchange  {url}:{number} Failed to load resource: the server responded with a status of {status} (
exchange  Failed to load resource: the server responded with a status of {status} (
exchange  Request URL: {url}{newline}Request Method: {method}{newline}Status Code: {status}{? {phrase}}
exchange  Request URL{newline}{url}{newline}Request Method{newline}{method}{newline}Status Code{newline}{status}{? {phrase}}
exchange  Status Code: {status}
exchange  XHR{any}{method}{url}[HTTP/{proto} {status}
exchange  [HTTP/2 {status} {?{phrase}}
exchange  [HTTP/1.1 {status} {?{phrase}}
failure                              Access to {word} at '{url}' from origin '{any}' has been blocked by CORS policy: {failure}{end}
failure                              {method} {url} net::{failure}{end}
failure                              {method} {url} NS_ERROR_
failure(connection-refused/connect)  net::ERR_CONNECTION_REFUSED
failure(dns-failure/dns)             net::ERR_NAME_NOT_RESOLVED
failure(timeout/connect)             net::ERR_CONNECTION_TIMED_OUT
failure(timeout/connect)             net::ERR_TIMED_OUT
failure(connection-reset/transfer)   net::ERR_CONNECTION_RESET
failure(connection-reset/wait)       net::ERR_EMPTY_RESPONSE
failure(tls-failure/tls)             net::ERR_CERT_
failure(tls-failure/tls)             net::ERR_SSL_

--- sample Chrome's console
app.js:12  POST https://test.immersve.com/api/cards 403 (Forbidden)
(anonymous) @ app.js:12
--- reads
POST https://test.immersve.com/api/cards 403

--- sample Safari's and Chrome's console
https://test.immersve.com/api/cards:1 Failed to load resource: the server responded with a status of 403 ()
--- reads
- https://test.immersve.com/api/cards 403

--- sample the network panel
Request URL: https://test.immersve.com/api/cards
Request Method: POST
Status Code: 403 Forbidden
Remote Address: 1.2.3.4:443
--- reads
POST https://test.immersve.com/api/cards 403

--- sample a preflight that failed
test.immersve.com/api/cards:1 Failed to load resource: the server responded with a status of 403 ()
Access to fetch at 'https://test.immersve.com/api/cards' from origin 'http://localhost:1234' has been blocked by CORS policy: Response to preflight request doesn't pass access control check
--- reads
- https://test.immersve.com/api/cards 403

--- sample no connection
GET https://test.immersve.com/api/currencies net::ERR_NAME_NOT_RESOLVED
--- reads
GET https://test.immersve.com/api/currencies dns-failure
