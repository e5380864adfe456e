# Proxies that don't write the common log format: Nginx Proxy Manager, HAProxy, Squid.
kind      log
exchange  [{time}] {word} {word} {status} - {method} {scheme} {host} "{target}" [Client {address}]
exchange  [{time}] - {status} {word} - {method} {scheme} {host} "{target}" [Client {address}]
exchange  {address} [{time}{any}] {word} {word} {word} {status} {size} {any}"{method} {target} HTTP/{proto}"

--- sample Nginx Proxy Manager
[29/Nov/2026:10:00:00 +0000] - 403 403 - POST https test.immersve.com "/api/cards" [Client 10.0.0.1] [Length 70] [Gzip -] [Sent-to 10.0.0.2] "backend/1.4" "-"
--- reads
POST https://test.immersve.com/api/cards 403 at 2026-11-29T10:00:00Z

--- sample HAProxy
Nov 29 10:00:00 lb haproxy[14389]: 10.0.0.1:33317 [29/Nov/2026:10:00:00.655] http-in static/srv1 10/0/30/69/109 403 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} "POST /api/cards HTTP/1.1"
--- reads
POST /api/cards 403 at 2026-11-29T10:00:00.655Z
