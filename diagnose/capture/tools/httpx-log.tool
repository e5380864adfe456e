# Python's httpx at the level INFO.
kind      client-log
exchange  HTTP Request: {method} {url} "HTTP/{proto} {status}{? {phrase}}"

--- sample basicConfig
INFO:httpx:HTTP Request: POST https://test.immersve.com/api/cards "HTTP/1.1 401 Unauthorized"
--- reads
POST https://test.immersve.com/api/cards 401

--- sample a time
2026-11-29 10:00:00,123 - httpx - INFO - HTTP Request: GET https://test.immersve.com/api/currencies "HTTP/2 200 OK"
--- reads
GET https://test.immersve.com/api/currencies 200 at 2026-11-29T10:00:00.123Z
