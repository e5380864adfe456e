# Ruby's Faraday::Response::Logger, and HttpLog.
kind      client-log
request   request: {method} {url}{end}
response  response: Status {status}{end}
skip      request: User-Agent: 
skip      [httplog] Connecting: 
request   [httplog] Sending: {method} {url}
response  [httplog] Status: {status}
skip      [httplog] Benchmark: 
skip      [httplog] Response:
field(request)   request: {name}: "{value}"
field(response)  response: {name}: "{value}"

--- sample Faraday
I, [2026-11-29T10:00:00.123456 #1]  INFO -- : request: POST https://test.immersve.com/api/cards
I, [2026-11-29T10:00:00.323456 #1]  INFO -- : response: Status 403
--- reads
POST https://test.immersve.com/api/cards 403 at 2026-11-29T10:00:00.123456Z

--- sample httplog
D, [2026-11-29T10:00:00.123456 #1] DEBUG -- : [httplog] Sending: GET https://test.immersve.com:443/api/currencies
D, [2026-11-29T10:00:00.223456 #1] DEBUG -- : [httplog] Status: 200
D, [2026-11-29T10:00:00.223456 #1] DEBUG -- : [httplog] Benchmark: 0.1 seconds
--- reads
GET https://test.immersve.com/api/currencies 200 at 2026-11-29T10:00:00.123456Z
