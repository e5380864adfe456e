# urllib3 at the level DEBUG, which requests and botocore are built on.
kind      http-client
exchange  http://{host} "{method} {target} {proto}" {status} {word}{scheme=http}
exchange  https://{host} "{method} {target} {proto}" {status} {word}{scheme=https}
skip      Starting new HTTPS connection (
skip      Starting new HTTP connection (

--- sample
2026-11-29 10:00:00,123 DEBUG urllib3.connectionpool: Starting new HTTPS connection (1): test.immersve.com:443
2026-11-29 10:00:00,323 DEBUG urllib3.connectionpool: https://test.immersve.com:443 "POST /api/cards HTTP/1.1" 403 60
--- reads
POST https://test.immersve.com/api/cards 403 at 2026-11-29T10:00:00.323Z

--- sample without basicConfig's time
DEBUG:urllib3.connectionpool:https://test.immersve.com:443 "GET /api/currencies HTTP/1.1" 200 None
--- reads
GET https://test.immersve.com/api/currencies 200
