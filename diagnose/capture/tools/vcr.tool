# Cassettes of Ruby's VCR and Python's vcrpy, in YAML or JSON.
kind      vcr
document  http_interactions:
document  "http_interactions"
document  interactions:
item      request.uri response.status.code
headers(request)  request.headers
headers   response.headers
member    request.method         {verb}
member    request.uri            {url}
member(request) request.body.string {body}
member(request) request.body     {body}
member    response.status.code   {status}
member    response.body.string   {body}
member    recorded_at            {time}

--- sample
---
http_interactions:
- request:
    method: post
    uri: https://test.immersve.com/api/cards
    body:
      encoding: UTF-8
      string: '{"a":1}'
    headers:
      Content-Type:
      - application/json
  response:
    status:
      code: 403
      message: Forbidden
    headers:
      Date:
      - Sun, 29 Nov 2026 10:06:40 GMT
    body:
      encoding: UTF-8
      string: '{"statusCode":403,"errorCode":"KYC_REQUIRED"}'
  recorded_at: Sun, 29 Nov 2026 10:06:40 GMT
recorded_with: VCR 6.2.0
--- reads
POST https://test.immersve.com/api/cards 403 at 2026-11-29T10:06:40Z
> Content-Type: application/json
>> {"a":1}
< Date: Sun, 29 Nov 2026 10:06:40 GMT
<< {"statusCode":403,"errorCode":"KYC_REQUIRED"}
