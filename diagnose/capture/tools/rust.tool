# Errors of Rust's HTTP clients: reqwest in its Display and Debug forms of all versions, ureq, surf.
kind      client-error
exchange  HTTP status client error ({status}{? {phrase}}) for url ({url})
exchange  HTTP status server error ({status}{? {phrase}}) for url ({url})
exchange  {url}: Client Error: {status} {phrase}
exchange  {url}: Server Error: {status} {phrase}
exchange  {url}: status code {status}
exchange  kind: Status({status}{?, {any}}), url: {?Some(}"{url}"
exchange  kind: ClientError({status}), url: Some("{url}"
exchange  kind: ServerError({status}), url: Some("{url}"
failure   error sending request for url ({url}){?: {failure}}{end}
failure   error trying to connect for url ({url}){?: {failure}}{end}
failure   {url}: Connection Failed: {failure}{end}
failure   {url}: Dns Failed: {failure}{end}
failure   {url}: Network Error: {failure}{end}
failure   reqwest::Error {{ kind: {word}, url: Url {{ scheme: "{scheme}", {any}host: Some(Domain("{host}")), {any}path: "{path}", {any} }}, source: {failure}{end}
failure   reqwest::Error {{ kind: {word}, url: Url {{ scheme: "{scheme}", {any}host: Some(Ipv4({host})), port: {any}, path: "{path}", {any} }}, source: {failure}{end}
failure   reqwest::Error {{ kind: {word}, url: "{url}", source: {failure}{end}
failure   Error {{ kind: {failure}, url: Some("{url}") }}
failure   reqwest::Error {{ kind: Builder, source: {failure}{end}
failure(connection-refused/connect)  kind: ConnectionRefused
failure(connection-refused/connect)  Connection refused (os error {number})
failure(connection-reset/transfer)   kind: ConnectionReset
failure(connection-reset/transfer)   Connection reset by peer (os error {number})
failure(connection-reset/transfer)   kind: UnexpectedEof
failure(connection-reset/transfer)   IncompleteMessage
failure(connection-reset/transfer)   connection closed before message completed
failure(timeout/wait)                operation timed out
failure(timeout/wait)                source: TimedOut
failure(timeout/connect)             kind: TimedOut
failure(dns-failure/dns)             failed to lookup address information
failure(dns-failure/dns)             dns error:
failure(tls-failure/tls)             invalid peer certificate

--- sample Display
Error: HTTP status client error (401 Unauthorized) for url (https://test.immersve.com/api/accounts/1/cards)
--- reads
- https://test.immersve.com/api/accounts/1/cards 401

--- sample Debug since 0.12
Error: reqwest::Error { kind: Request, url: "https://test.immersve.com/api/cards", source: hyper_util::client::legacy::Error(Connect, ConnectError("tcp connect error", Os { code: 111, kind: ConnectionRefused, message: "Connection refused" })) }
--- reads
- https://test.immersve.com/api/cards connection-refused

--- sample Debug of a status
Error: reqwest::Error { kind: Status(403), url: "https://test.immersve.com/api/cards" }
--- reads
- https://test.immersve.com/api/cards 403

--- sample Debug up to 0.11
called `Result::unwrap()` on an `Err` value: reqwest::Error { kind: Request, url: Url { scheme: "https", cannot_be_a_base: false, username: "", password: None, host: Some(Domain("test.immersve.com")), port: None, path: "/api/cards", query: None, fragment: None }, source: hyper::Error(Connect, ConnectError("dns error", Custom { kind: Uncategorized, error: "failed to lookup address information: Name or service not known" })) }
--- reads
- https://test.immersve.com/api/cards dns-failure

--- sample 0.9
Error { kind: Hyper(Error { kind: Connect, cause: Os { code: 104, kind: ConnectionReset, message: "Connection reset by peer" } }), url: Some("https://test.immersve.com/api/cards") }
--- reads
- https://test.immersve.com/api/cards connection-reset

--- sample a chain
error sending request for url (https://test.immersve.com/api/cards): error trying to connect: dns error: failed to lookup address information: Name or service not known
--- reads
- https://test.immersve.com/api/cards dns-failure

--- sample ureq
Error: https://test.immersve.com/api/cards: status code 403
--- reads
- https://test.immersve.com/api/cards 403
