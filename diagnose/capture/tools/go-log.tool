# What Go's servers log: gin, fiber, echo, chi, gorilla.
kind      log
exchange  [GIN] {time} |  {status}  |  {duration}  |  {address}  |  {method}   "{target}"
exchange  [GIN] {time} | {status} |  {duration}  |  {address}  | {method}  {target}
exchange  {clock} | {status} |  {duration}  |  {address}  | {method}  | {target}
exchange  "{method} {target} HTTP/{proto}" from {address} - {status} {size} in {duration}
exchange  method={method}, uri={target}, status={status}
exchange  REQUEST: uri: {target}, status: {status}
exchange  ⇨ {method} {target} {status}

--- sample gin
[GIN] 2026/11/29 - 10:00:00 | 200 |     1.234567ms |       10.0.0.1 | GET      "/api/currencies"
[GIN] 2026/11/29 - 10:00:01 | 403 |    12.345678ms |       10.0.0.1 | POST     "/api/cards"
--- reads
GET /api/currencies 200 1.234567ms at 2026-11-29T10:00:00Z
POST /api/cards 403 12.345678ms at 2026-11-29T10:00:01Z

--- sample fiber
10:00:00 | 200 |    1.234ms |  10.0.0.1 | GET     | /api/currencies
10:00:01 | 403 |    12.3ms |  10.0.0.1 | POST     | /api/cards | -
--- reads
GET /api/currencies 200 1.234ms
POST /api/cards 403 12.3ms

--- sample chi
2026/11/29 10:00:00 "POST http://test.immersve.com/api/cards HTTP/1.1" from 10.0.0.1:51234 - 403 70B in 12.345ms
--- reads
POST http://test.immersve.com/api/cards 403 12.345ms at 2026-11-29T10:00:00Z
