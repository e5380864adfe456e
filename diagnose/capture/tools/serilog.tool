# Serilog's UseSerilogRequestLogging and ASP.NET Core's Hosting.Diagnostics, as text.
kind      log
exchange  HTTP {method} {target} responded {status} in {duration}
exchange  Request finished HTTP/{proto} {method} {target} - {status}{? {word}}{? {word}} {duration}
exchange  Request finished HTTP/{proto} {method} {target} {any} - {status}{? {word}}{? {word}} {duration}
skip      Request starting HTTP/{proto} {method} {target}
skip      Microsoft.AspNetCore.Hosting.Diagnostics[

--- sample
[10:16:14 INF] HTTP GET /api/currencies responded 200 in 0.2179 ms
2026-11-29 10:16:16.123 +00:00 [INF] HTTP POST /api/cards responded 403 in 12.2000 ms
--- reads
GET /api/currencies 200 217.9µs
POST /api/cards 403 12.2ms at 2026-11-29T10:16:16.123Z

--- sample ASP.NET Core
info: Microsoft.AspNetCore.Hosting.Diagnostics[1]
      Request starting HTTP/1.1 POST https://test.immersve.com/api/cards application/json 103
info: Microsoft.AspNetCore.Hosting.Diagnostics[2]
      Request finished HTTP/1.1 POST https://test.immersve.com/api/cards - 403 - application/json 12.3456ms
--- reads
POST https://test.immersve.com/api/cards 403 12.3456ms
