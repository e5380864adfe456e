# nginx's error log: what became of a request that the server behind it didn't answer.
kind      log
exchange  *{number} upstream timed out ({any}) while {any}, client: {address}, server: {any}, request: "{method} {target} HTTP/{proto}"{any}, host: "{host}"{status=504}
exchange  *{number} client intended to send too large body: {size} bytes, client: {address}, server: {any}, request: "{method} {target} HTTP/{proto}", host: "{host}"{status=413}
exchange  *{number} connect() failed ({any}) while {any}, client: {address}, server: {any}, request: "{method} {target} HTTP/{proto}"{any}, host: "{host}"{status=502}
exchange  *{number} upstream prematurely closed connection while {any}, client: {address}, server: {any}, request: "{method} {target} HTTP/{proto}"{any}, host: "{host}"{status=502}
exchange  *{number} no live upstreams while {any}, client: {address}, server: {any}, request: "{method} {target} HTTP/{proto}"{any}, host: "{host}"{status=502}

--- sample
2026/11/29 10:25:39 [error] 1046#1046: *2094 upstream timed out (110: Connection timed out) while reading response header from upstream, client: 192.168.17.1, server: localhost, request: "POST /api/cards HTTP/1.1", upstream: "https://104.18.1.1:443/api/cards", host: "test.immersve.com"
2026/11/29 10:26:43 [error] 602#0: *1761 client intended to send too large body: 9886664 bytes, client: 10.0.54.94, server: , request: "POST /api/file-uploads HTTP/1.1", host: "test.immersve.com", referrer: "https://shop.example/"
--- reads
POST https://test.immersve.com/api/cards 504 at 2026-11-29T10:25:39Z
POST https://test.immersve.com/api/file-uploads 413 at 2026-11-29T10:26:43Z
