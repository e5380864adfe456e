# OpenTelemetry's traces as OTLP/JSON: spans of HTTP clients and servers.
kind      otlp
docs      https://opentelemetry.io/docs/specs/semconv/http/http-spans/
document  "resourceSpans"
document  "scopeSpans"
item      spanId attributes[http.request.method]
member    attributes[http.request.method]        {verb}
member    attributes[url.full]                   {url}
member    attributes[url.path]                   {path}
member    attributes[server.address]             {host}
member    attributes[url.scheme]                 {scheme}
member    attributes[http.response.status_code]  {status}
member    attributes[error.type]                 {failure}{end}
member    startTimeUnixNano                      {time}

--- sample
{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","kind":3,"startTimeUnixNano":"1795946739912000000","attributes":[{"key":"http.request.method","value":{"stringValue":"POST"}},{"key":"url.full","value":{"stringValue":"https://test.immersve.com/api/cards"}},{"key":"http.response.status_code","value":{"intValue":"403"}}]},{"spanId":"1","attributes":[{"key":"db.system","value":{"stringValue":"mysql"}}]}]}]}]}
--- reads
POST https://test.immersve.com/api/cards 403 at 2026-11-29T10:05:39.912Z
