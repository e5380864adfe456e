# .NET's IHttpClientFactory: System.Net.Http.HttpClient.NAME.LogicalHandler and ClientHandler.
kind      client-log
shows     headers
request   Sending HTTP request {method} {url}
response  Received HTTP response headers after {duration} - {status}
response  Received HTTP response after {duration} - {status}
skip      Start processing HTTP request {method} {url}
skip      End processing HTTP request after {duration} - {status}
skip      System.Net.Http.HttpClient.{word}.LogicalHandler[{number}]
skip      System.Net.Http.HttpClient.{word}.ClientHandler[{number}]
more(request,section)   Request Headers:{end}
more(response,section)  Response Headers:{end}
field     {name}: {value}
failure   HTTP request failed after {duration}{failure}{end}

--- sample the console logger
info: System.Net.Http.HttpClient.Cards.LogicalHandler[100]
      Start processing HTTP request POST https://test.immersve.com/api/cards
info: System.Net.Http.HttpClient.Cards.ClientHandler[100]
      Sending HTTP request POST https://test.immersve.com/api/cards
info: System.Net.Http.HttpClient.Cards.ClientHandler[101]
      Received HTTP response headers after 120.5ms - 403
info: System.Net.Http.HttpClient.Cards.LogicalHandler[101]
      End processing HTTP request after 121.3ms - 403
--- reads
POST https://test.immersve.com/api/cards 403 120.5ms

--- sample Serilog
[10:00:00 INF] Start processing HTTP request GET https://test.immersve.com/api/currencies
[10:00:00 INF] Sending HTTP request GET https://test.immersve.com/api/currencies
[10:00:00 INF] Received HTTP response headers after 22.0713ms - 200
[10:00:00 INF] End processing HTTP request after 22.3ms - 200
--- reads
GET https://test.immersve.com/api/currencies 200 22.0713ms

--- sample the level Trace, with headers
info: System.Net.Http.HttpClient.Cards.ClientHandler[100]
      Sending HTTP request GET https://test.immersve.com/api/currencies
trce: System.Net.Http.HttpClient.Cards.ClientHandler[102]
      Request Headers:
      x-account-id: 0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6
      User-Agent: cards/1.0
info: System.Net.Http.HttpClient.Cards.ClientHandler[101]
      Received HTTP response headers after 120.5ms - 401
trce: System.Net.Http.HttpClient.Cards.ClientHandler[103]
      Response Headers:
      Content-Type: application/json; charset=utf-8
--- reads
GET https://test.immersve.com/api/currencies 401 120.5ms
> x-account-id: 0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6
> User-Agent: cards/1.0
< Content-Type: application/json; charset=utf-8
