# Errors of Go's net/http, as %v, %w and %+v print them.
kind      client-error
failure   Get "{url}": {failure}{end}{method=GET}
failure   Head "{url}": {failure}{end}{method=HEAD}
failure   Post "{url}": {failure}{end}{method=POST}
failure   Put "{url}": {failure}{end}{method=PUT}
failure   Patch "{url}": {failure}{end}{method=PATCH}
failure   Delete "{url}": {failure}{end}{method=DELETE}
failure   {word} "{any}": unsupported protocol scheme {failure}{end}
failure(connection-refused/connect)  connect: connection refused
failure(dns-failure/dns)             : no such host
failure(dns-failure/dns)             : server misbehaving
failure(timeout/wait)                context deadline exceeded
failure(timeout/wait)                net/http: timeout awaiting response headers
failure(timeout/tls)                 net/http: TLS handshake timeout
failure(timeout/connect)             : i/o timeout
failure(tls-failure/tls)             tls: failed to verify certificate
failure(tls-failure/tls)             x509: certificate
failure(tls-failure/tls)             tls: handshake failure
failure(connection-reset/transfer)   read: connection reset by peer
failure(connection-reset/wait)       http: server closed idle connection
failure(connection-reset/wait)       ": EOF
failure(connection-reset/transfer)   unexpected EOF

--- sample
2026/11/27 23:57:00 Get "http://127.0.0.1:4299/api/cards": dial tcp 127.0.0.1:4299: connect: connection refused
--- reads
GET http://127.0.0.1:4299/api/cards connection-refused

--- sample a chain of errors
create card: do: Post "https://test.immersve.com/api/cards": context deadline exceeded (Client.Timeout exceeded while awaiting headers)
--- reads
POST https://test.immersve.com/api/cards timeout

--- sample the server hung up
Post "https://test.immersve.com/api/cards": EOF
--- reads
POST https://test.immersve.com/api/cards connection-reset

--- sample an error in a test that never left the program
Get "https://test.immersve.com/api/cards": dummy impl
--- reads
