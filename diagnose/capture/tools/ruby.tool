# Errors of Ruby's HTTP clients: Faraday, RestClient, Net::HTTP, HTTParty.
kind      client-error
exchange  the server responded with status {status}{? for {method} {url}}
exchange  RestClient::{word}: {status} {phrase}
exchange  ({status} {phrase}) (RestClient::
exchange  Net::HTTPServerException: {status} "{any}"
exchange  Net::HTTPClientException: {status} "{any}"
exchange  Net::HTTPFatalError: {status} "{any}"
exchange  #<Net::HTTP{word} {status} {phrase} readbody=true>
failure(connection-refused/connect)  Failed to open TCP connection to {host} (Connection refused
failure(dns-failure/dns)             Failed to open TCP connection to {host} (getaddrinfo
failure(timeout/connect)             Net::OpenTimeout
failure(timeout/wait)                Net::ReadTimeout
failure(timeout/wait)                Faraday::TimeoutError
failure(tls-failure/tls)             SSL_connect returned=
failure(connection-reset/wait)       EOFError: end of file reached
failure(connection-reset/transfer)   Errno::ECONNRESET
failure(connection-reset/send)       Errno::EPIPE
failure                              Errno::ETIMEDOUT{?: {failure}{end}}
failure                              Errno::EHOSTUNREACH{?: {failure}{end}}
failure                              Errno::ENETUNREACH{?: {failure}{end}}
failure                              Faraday::ConnectionFailed: {failure}{end}
failure                              Faraday::SSLError: {failure}{end}

--- sample Faraday
/usr/lib/ruby/gems/3.2.0/gems/faraday-2.9.0/lib/faraday/response/raise_error.rb:34:in `on_complete': the server responded with status 403 for POST https://test.immersve.com/api/cards (Faraday::ForbiddenError)
--- reads
POST https://test.immersve.com/api/cards 403

--- sample RestClient
RestClient::Forbidden: 403 Forbidden
--- reads
- - 403

--- sample Net::HTTP
Errno::ECONNREFUSED: Failed to open TCP connection to test.immersve.com:443 (Connection refused - connect(2) for "test.immersve.com" port 443)
--- reads
- https://test.immersve.com connection-refused
