# Sentry's events: the calls among their breadcrumbs.
kind      log
document  "breadcrumbs"
item      data.url data.status_code
member    data.method       {verb}
member    data.url          {template}
member    data.status_code  {status}
member    timestamp         {time}

--- sample
{"event_id":"1","breadcrumbs":{"values":[{"timestamp":"2026-11-29T10:05:39Z","category":"xhr","data":{"method":"GET","status_code":200,"url":"https://test.immersve.com/api/currencies"}},{"category":"xhr","data":{"method":"POST","status_code":403,"url":"https://test.immersve.com/api/cards"}}]},"exception":{"values":[{"type":"Error","value":"Request failed with status code 403"}]}}
--- reads
GET https://test.immersve.com/api/currencies 200 at 2026-11-29T10:05:39Z
POST https://test.immersve.com/api/cards 403
