# What Python's servers log: Django's runserver, Flask's werkzeug, uvicorn, aiohttp, gunicorn.
kind      log
exchange  [{time}] "{method} {target} HTTP/{proto}" {status} {size}
exchange  {address} - - [{time}] "{method} {target} HTTP/{proto}" {status} {size}
exchange  {address} - "{method} {target} HTTP/{proto}" {status}{? {phrase}}
skip      Forbidden: {path}{end}
skip      Unauthorized: {path}{end}
skip      Not Found: {path}{end}
skip      Bad Request: {path}{end}
skip      Internal Server Error: {path}{end}
skip      Too Many Requests: {path}{end}

--- sample Django
[29/Nov/2026 10:00:00] "GET /api/currencies HTTP/1.1" 200 512
Forbidden: /api/cards
[29/Nov/2026 10:00:03] "POST /api/cards HTTP/1.1" 403 70
--- reads
GET /api/currencies 200 at 2026-11-29T10:00:00Z
POST /api/cards 403 at 2026-11-29T10:00:03Z

--- sample werkzeug
127.0.0.1 - - [29/Nov/2026 10:00:00] "GET /api/currencies HTTP/1.1" 200 -
--- reads
GET /api/currencies 200 at 2026-11-29T10:00:00Z

--- sample uvicorn
INFO:     127.0.0.1:54321 - "POST /api/cards HTTP/1.1" 403 Forbidden
--- reads
POST /api/cards 403
