# What Node's servers log: morgan's formats dev, short and tiny, koa-logger, Next.js, Nest, winston with morgan.
kind      log
exchange  {method} {target} {status} {duration} - {size}
exchange  {method} {target} {status} {size} - {duration}
exchange  {address} - {method} {target} HTTP/{proto} {status} {size} - {duration}
exchange  {address} {word} {method} {target} HTTP/{proto} {status} {size} - {duration}
exchange  --> {method} {target} {status} {duration} {size}
exchange  --> {method} {target} {status} {duration}
exchange  {method} {target} {status} in {duration}
exchange  {method} {target} {status} {duration}{end}
exchange  {method} {target} {status} - {duration}
exchange  {method} {target} {status} +{duration}
exchange  HTTP {method} {target} {status} {duration}
exchange  xxx {method} {target} {status} {duration}
skip      <-- {method} {target}{end}
after     okhttp

--- sample morgan dev
GET /api/currencies 200 2.345 ms - 512
POST /api/cards 403 12.345 ms - 70
--- reads
GET /api/currencies 200 2.345ms
POST /api/cards 403 12.345ms

--- sample morgan tiny and short
POST /api/cards 403 70 - 12.345 ms
::1 - GET /api/currencies HTTP/1.1 200 512 - 2.345 ms
--- reads
POST /api/cards 403 12.345ms
GET /api/currencies 200 2.345ms

--- sample koa-logger
  <-- GET /api/currencies
  --> GET /api/currencies 200 5ms 512b
  <-- POST /api/cards
  --> POST /api/cards 403 22ms 70b
--- reads
GET /api/currencies 200 5ms
POST /api/cards 403 22ms

--- sample Next.js
 GET /api/currencies 200 in 34ms
 POST /api/cards 403 in 120ms
--- reads
GET /api/currencies 200 34ms
POST /api/cards 403 120ms

--- sample winston
2026-11-29T10:00:00.123Z info: POST /api/cards 403 12.345 ms - 70
--- reads
POST /api/cards 403 12.345ms at 2026-11-29T10:00:00.123Z
