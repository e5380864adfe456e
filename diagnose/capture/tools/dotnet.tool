# Errors of .NET's HttpClient, Refit and Flurl, and of PowerShell.
kind      client-error
exchange  Response status code does not indicate success: {status} (
exchange  The remote server returned an error: ({status}){? {phrase}.}
exchange  StatusCode: {status}, ReasonPhrase: '{phrase}'
exchange  Call failed with status code {status} ({phrase}): {method} {url}
exchange  Call failed with status code {status}
field     {name}: {value}
failure(dns-failure/dns)             No such host is known. ({host})
failure(dns-failure/dns)             The remote name could not be resolved: '{host}'
failure(connection-refused/connect)  actively refused it
failure(connection-refused/connect)  Connection refused ({host})
failure(timeout/wait)                The request was canceled due to the configured HttpClient.Timeout of
failure(timeout/wait)                The operation has timed out
failure(timeout/connect)             did not properly respond after a period of time
failure                              The proxy tunnel request to proxy {failure}{end}
failure(tls-failure/tls)             The SSL connection could not be established
failure(tls-failure/tls)             Could not establish trust relationship
failure(connection-reset/wait)       The response ended prematurely
failure(connection-reset/transfer)   An existing connection was forcibly closed

--- sample
Unhandled exception. System.Net.Http.HttpRequestException: Response status code does not indicate success: 403 (Forbidden).
   at System.Net.Http.HttpResponseMessage.EnsureSuccessStatusCode()
--- reads
- - 403

--- sample HttpResponseMessage.ToString
StatusCode: 403, ReasonPhrase: 'Forbidden', Version: 1.1, Content: System.Net.Http.HttpConnectionResponseContent, Headers:
{
  Date: Fri, 27 Nov 2026 23:52:20 GMT
  Content-Type: application/json
}
{"statusCode":403,"statusName":"Forbidden","errorCode":"KYC_REQUIRED"}
--- reads
- - 403
< Date: Fri, 27 Nov 2026 23:52:20 GMT
< Content-Type: application/json
<< {"statusCode":403,"statusName":"Forbidden","errorCode":"KYC_REQUIRED"}

--- sample no connection
System.Net.Http.HttpRequestException: No such host is known. (test.imersve.com:443)
 ---> System.Net.Sockets.SocketException (11001): No such host is known.
--- reads
- https://test.imersve.com dns-failure

--- sample Flurl
Flurl.Http.FlurlHttpException: Call failed with status code 403 (Forbidden): POST https://test.immersve.com/api/cards
--- reads
POST https://test.immersve.com/api/cards 403
