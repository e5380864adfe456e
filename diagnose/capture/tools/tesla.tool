# Elixir's Tesla.Middleware.Logger.
kind      client-log
exchange  {method} {url} -> {status} ({duration})
exchange  {method} {url} -> {status}{end}
failure   {method} {url} -> :error {failure} ({duration})
failure   {method} {url} -> error: {failure} ({duration})

--- sample
10:00:00.123 [warning] GET https://test.immersve.com/api/accounts/1/cards -> 403 (68.123 ms)
10:00:01.123 request_id=F1 [info] GET https://test.immersve.com/api/currencies -> 200 (12.1 ms)
--- reads
GET https://test.immersve.com/api/accounts/1/cards 403 68.123ms
GET https://test.immersve.com/api/currencies 200 12.1ms

--- sample no connection
10:00:00.123 [error] GET https://test.immersve.com/api/currencies -> error: :econnrefused (2.1 ms)
--- reads
GET https://test.immersve.com/api/currencies connection-refused
