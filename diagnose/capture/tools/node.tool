# Errors of Node's HTTP clients: axios, got, ky, superagent, undici, node-fetch, and of Node itself.
kind      client-error
exchange  Request failed with status code {status}{? ({phrase}): {verb} {url}}{? {phrase}: {verb} {url}}
exchange  HTTPError: Response code {status}{? ({phrase})}
exchange  HTTPError: Request failed with status code {status}{? {phrase}}: {verb} {url}
exchange  HTTPError: Request failed with status code {status} ({phrase}): {verb} {url}
exchange  StatusCodeError: {status}{? - {body}}
exchange  Response status code {status}{? {phrase}}
exchange  ResponseStatusCodeError: Response status code {status}
exchange  status: {status},{newline}statusText: '{phrase}'
exchange  status: {status}, statusText: '{phrase}'
failure(connection-refused/connect)  connect ECONNREFUSED {host}
failure(connection-refused/connect)  ECONNREFUSED
failure(dns-failure/dns)             getaddrinfo ENOTFOUND {host}
failure(dns-failure/dns)             getaddrinfo EAI_AGAIN {host}
failure(timeout/connect)             connect ETIMEDOUT {host}
failure(timeout/connect)             ConnectTimeoutError
failure(timeout/wait)                HeadersTimeoutError
failure(timeout/transfer)            BodyTimeoutError
failure(timeout/wait)                AxiosError: timeout of {number}ms exceeded
failure(timeout/wait)                Error: timeout of {number}ms exceeded
failure(timeout/wait)                TimeoutError: Timeout awaiting '{word}' for {number}ms
failure(timeout/wait)                TimeoutError: Request timed out{?: {verb} {url}}
failure(timeout/wait)                ESOCKETTIMEDOUT
failure(connection-reset/transfer)   read ECONNRESET
failure(connection-reset/send)       write EPIPE
failure(connection-reset/wait)       Error: socket hang up
failure(connection-reset/transfer)   code: 'UND_ERR_SOCKET'
failure(connection-reset/transfer)   SocketError: other side closed
failure(tls-failure/tls)             UNABLE_TO_VERIFY_LEAF_SIGNATURE
failure(tls-failure/tls)             UNABLE_TO_GET_ISSUER_CERT_LOCALLY
failure(tls-failure/tls)             SELF_SIGNED_CERT_IN_CHAIN
failure(tls-failure/tls)             DEPTH_ZERO_SELF_SIGNED_CERT
failure(tls-failure/tls)             CERT_HAS_EXPIRED
failure(tls-failure/tls)             ERR_TLS_CERT_ALTNAME_INVALID
failure(tls-failure/tls)             unable to verify the first certificate
failure(connection-refused/connect)  connect EHOSTUNREACH {host}
failure(connection-refused/connect)  connect ENETUNREACH {host}
failure(connection-reset/tls)        Client network socket disconnected before secure TLS
failure(tls-failure/tls)             Error: self-signed certificate
failure(tls-failure/tls)             Error: self signed certificate
failure(tls-failure/tls)             Error: unable to get local issuer certificate
failure(tls-failure/tls)             Error: certificate has expired
failure(tls-failure/tls)             write EPROTO
failure(connection-reset/wait)       AxiosError: socket hang up
failure                              Failed to parse URL from {any}{end}
failure                              ERR_UNESCAPED_CHARACTERS
failure                              ERR_INVALID_CHAR
failure                              FetchError: request to {url} failed, reason: {failure}{end}
failure                              FetchError: network timeout at: {url}
member            .status                {status}
member            .url                   {url}
member            .data                  {body}
member(request)   config.headers.*       {rest}
member            config.method          {verb}
member            config.url             {target}
member(request)   config.data            {body}
member            options.method         {verb}
member            options.url            {url}
member            options.uri            {url}
member(request)   options.headers.*      {rest}
member(request)   options.body           {body}
member            response.status        {status}
member            response.statusCode    {status}
member            response.headers.*     {rest}
member            response.data          {body}
member            response.body          {body}
member            .statusCode            {status}
member            .body                  {body}

--- sample axios with its dump
AxiosError: Request failed with status code 403
    at settle (/app/node_modules/axios/dist/node/axios.cjs:2019:12)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5) {
  code: 'ERR_BAD_REQUEST',
  config: {
    headers: Object [AxiosHeaders] { 'x-account-id': '0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6' },
    method: 'post',
    url: 'https://test.immersve.com/api/cards',
    data: '{"cardProgramId":"1"}'
  },
  response: { status: 403, headers: { date: 'Thu, 26 Nov 2026 19:45:47 GMT' }, data: '{"errorCode":"KYC_REQUIRED"}' }
}
--- reads
POST https://test.immersve.com/api/cards 403
> x-account-id: 0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6
>> {"cardProgramId":"1"}
< date: Thu, 26 Nov 2026 19:45:47 GMT
<< {"errorCode":"KYC_REQUIRED"}

--- sample got
HTTPError: Response code 403 (Forbidden)
    at Request.<anonymous> (C:\app\as-promise\index.js:117:42) {
  options: { method: 'GET', url: 'https://test.immersve.com/api/cards', headers: { 'user-agent': 'got' } },
  response: { statusCode: 403, body: '{"errorCode":"FORBIDDEN"}' }
}
--- reads
GET https://test.immersve.com/api/cards 403
> user-agent: got
<< {"errorCode":"FORBIDDEN"}

--- sample ky
HTTPError: Request failed with status code 401 Unauthorized: GET https://test.immersve.com/api/currencies
    at function_ (file:///app/node_modules/ky/distribution/core/Ky.js:50:23)
--- reads
GET https://test.immersve.com/api/currencies 401

--- sample request-promise
StatusCodeError: 403 - {"statusCode":403,"errorCode":"KYC_REQUIRED"}
    at new StatusCodeError (/app/node_modules/request-promise-core/lib/errors.js:32:15) {
  statusCode: 403,
  options: { method: 'POST', uri: 'https://test.immersve.com/api/cards' }
}
--- reads
POST https://test.immersve.com/api/cards 403
<< {"statusCode":403,"errorCode":"KYC_REQUIRED"}

--- sample undici, nothing was sent to a name that doesn't exist
TypeError: fetch failed
    at node:internal/deps/undici/undici:14976:13 {
  [cause]: Error: getaddrinfo ENOTFOUND nohost.invalid
      at GetAddrInfoReqWrap.onlookupall [as oncomplete] (node:dns:122:26) {
    errno: -3008
  }
}
--- reads
- nohost.invalid dns-failure

--- sample node-fetch
FetchError: request to https://test.immersve.com/api/cards failed, reason: connect ECONNREFUSED 127.0.0.1:443
--- reads
- https://test.immersve.com/api/cards connection-refused

--- sample an argument that undici refuses isn't a failed transport
TypeError: fetch failed
  cause: InvalidArgumentError: invalid authorization header
      at processHeader (node:internal/deps/undici/undici:1711:13) {
    code: 'UND_ERR_INVALID_ARG'
  }
--- reads
