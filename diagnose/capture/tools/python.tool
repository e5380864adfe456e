# Errors of Python's HTTP clients: requests, urllib3, httpx, aiohttp, urllib, botocore.
kind      client-error
exchange  HTTPError: {status} Client Error: {?{phrase} }for url: {url}
exchange  HTTPError: {status} Server Error: {?{phrase} }for url: {url}
exchange  Client error '{status}{? {phrase}}' for url '{url}'
exchange  Server error '{status}{? {phrase}}' for url '{url}'
exchange  Redirect response '{status}{? {phrase}}' for url '{url}'
exchange  HTTP Error {status}: {phrase}
exchange  ClientResponseError: {status}, message='{any}'{?, url={?URL(}'{url}'{?)}}
exchange  ContentTypeError: {status}, message='{any}'{?, url={?URL(}'{url}'{?)}}
exchange  WSServerHandshakeError: {status}, message='{any}'{?, url={?URL(}'{url}'{?)}}
exchange  status_code={status},
exchange  status_code: {status}{end}
more      response_text={body}
more      response_text: {body}
more(response)      response_headers = {{{rest}
failure   HTTPSConnectionPool(host='{host}', port={port}): Max retries exceeded with url: {path} (Caused by {failure}{end}{scheme=https}
failure   HTTPConnectionPool(host='{host}', port={port}): Max retries exceeded with url: {path} (Caused by {failure}{end}{scheme=http}
failure   HTTPSConnectionPool(host='{host}', port={port}): {failure}{end}{scheme=https}
failure   HTTPConnectionPool(host='{host}', port={port}): {failure}{end}{scheme=http}
failure(connection-refused/connect)  [Errno 111] Connection refused
failure(connection-refused/connect)  [Errno 61] Connection refused
failure(connection-refused/connect)  [WinError 10061]
failure(dns-failure/dns)             NameResolutionError
failure(dns-failure/dns)             Name or service not known
failure(dns-failure/dns)             nodename nor servname provided
failure(dns-failure/dns)             Temporary failure in name resolution
failure(dns-failure/dns)             [Errno 11001] getaddrinfo failed
failure(timeout/wait)                Read timed out.
failure(timeout/wait)                httpx.ReadTimeout
failure(timeout/connect)             httpx.ConnectTimeout
failure(timeout/connect)             ConnectTimeoutError
failure(timeout/connect)             requests.exceptions.ConnectTimeout
failure(timeout/connect)             httpcore.ConnectTimeout
failure(timeout/wait)                httpcore.ReadTimeout
failure(timeout/wait)                asyncio.exceptions.TimeoutError
failure(timeout/connect)             aiohttp.client_exceptions.ConnectionTimeoutError
failure(tls-failure/tls)             CERTIFICATE_VERIFY_FAILED
failure(tls-failure/tls)             SSLCertVerificationError
failure(tls-failure/tls)             [SSL: {word}]
failure(connection-reset/wait)       RemoteDisconnected
failure(connection-reset/wait)       httpx.RemoteProtocolError
failure(connection-reset/wait)       aiohttp.client_exceptions.ServerDisconnectedError
failure(connection-reset/transfer)   [Errno 104] Connection reset by peer
failure(connection-reset/transfer)   [Errno 54] Connection reset by peer
failure(connection-reset/transfer)   IncompleteRead(
failure(connection-reset/wait)       ('Connection aborted.',
failure                              httpx.ConnectError: {failure}{end}
failure                              httpx.ReadError: {failure}{end}
failure                              httpx.WriteError: {failure}{end}
failure                              httpx.ProxyError: {failure}{end}
failure                              httpx.UnsupportedProtocol: {failure}{end}
failure                              httpx.InvalidURL: {failure}{end}
failure                              httpx.PoolTimeout
failure(connection-reset/transfer)   ClientPayloadError: Response payload is not completed
failure                              ServerTimeoutError: {failure}{end}
failure                              urlopen error {failure}{end}
failure                              MissingSchema: Invalid URL '{any}': {failure}{end}
failure                              requests.exceptions.InvalidURL: {failure}{end}
failure(timeout/connect)             [Errno 110] Connection timed out
failure(timeout/connect)             [Errno 60] Operation timed out
failure                              Cannot connect to host {host}:{port} ssl:{failure}{end}

--- sample requests
Traceback (most recent call last):
  File "/usr/lib/python3.11/site-packages/requests/models.py", line 1021, in raise_for_status
    raise HTTPError(http_error_msg, response=self)
requests.exceptions.HTTPError: 403 Client Error: Forbidden for url: https://test.immersve.com/api/cards
--- reads
- https://test.immersve.com/api/cards 403

--- sample requests, HTTP/2 without a phrase
requests.exceptions.HTTPError: 503 Server Error: Service Unavailable for url: https://test.immersve.com/api/cards?x=1
--- reads
- https://test.immersve.com/api/cards?x=1 503

--- sample httpx
httpx.HTTPStatusError: Client error '403 Forbidden' for url 'https://test.immersve.com/api/cards'
For more information check: https://developer.mozilla.org/en-US/docs/Web/HTTP/Status/403
--- reads
- https://test.immersve.com/api/cards 403

--- sample aiohttp
aiohttp.client_exceptions.ClientResponseError: 403, message='Forbidden', url=URL('https://test.immersve.com/api/cards')
--- reads
- https://test.immersve.com/api/cards 403

--- sample aiohttp, a page instead of JSON
aiohttp.client_exceptions.ContentTypeError: 403, message='Attempt to decode JSON with unexpected mimetype: text/html', url='https://test.immersve.com/api/cards'
--- reads
- https://test.immersve.com/api/cards 403

--- sample urllib
urllib.error.HTTPError: HTTP Error 403: Forbidden
--- reads
- - 403

--- sample urllib3
requests.exceptions.ConnectionError: HTTPSConnectionPool(host='test.imersve.com', port=443): Max retries exceeded with url: /api/cards (Caused by NameResolutionError("<urllib3.connection.HTTPSConnection object at 0x7f>: Failed to resolve 'test.imersve.com' ([Errno -2] Name or service not known)"))
--- reads
- https://test.imersve.com/api/cards dns-failure

--- sample urllib3, a timeout, and what it was caused by
TimeoutError: The read operation timed out

During handling of the above exception, another exception occurred:

requests.exceptions.ReadTimeout: HTTPSConnectionPool(host='test.immersve.com', port=443): Read timed out. (read timeout=1)
--- reads
- https://test.immersve.com timeout

--- sample aiohttp, no connection
aiohttp.client_exceptions.ClientConnectorError: Cannot connect to host test.immersve.com:443 ssl:default [Connect call failed ('127.0.0.1', 443)] [Errno 111] Connection refused
--- reads
- https://test.immersve.com connection-refused

--- sample printed apart
status_code=403, 
response_text={"message":"Forbidden"}, 
--- reads
- - 403
<< {"message":"Forbidden"}

--- sample a line number and a port aren't statuses
  File "/usr/lib/python3/http/client.py", line 403, in request
Uvicorn running on http://127.0.0.1:500 (Press CTRL+C to quit)
--- reads
