# NSError of NSURLSession in any language, Alamofire, Moya.
kind      client-error
exchange  responseValidationFailed(reason: {any}unacceptableStatusCode(code: {status}))
exchange  Response status code was unacceptable: {status}.
exchange  Status Code: {status}, Headers {{
exchange  <NSHTTPURLResponse: {word}> {{ URL: {url} }} {{ Status Code: {status}
more      NSErrorFailingURLStringKey={url},
more      NSErrorFailingURLKey={url},
more      NSErrorFailingURLStringKey = "{url}"
more      NSErrorFailingURLKey = "{url}"
failure(timeout/wait)                NSURLErrorDomain Code=-1001
failure(dns-failure/dns)             NSURLErrorDomain Code=-1003
failure(connection-refused/connect)  NSURLErrorDomain Code=-1004
failure(connection-reset/transfer)   NSURLErrorDomain Code=-1005
failure(dns-failure/dns)             NSURLErrorDomain Code=-1006
failure                              NSURLErrorDomain Code=-1009
failure(tls-failure/tls)             NSURLErrorDomain Code=-1200
failure(tls-failure/tls)             NSURLErrorDomain Code=-1201
failure(tls-failure/tls)             NSURLErrorDomain Code=-1202
failure(tls-failure/tls)             NSURLErrorDomain Code=-1203
failure(tls-failure/tls)             NSURLErrorDomain Code=-1204

--- sample German
Error Domain=NSURLErrorDomain Code=-1001 "Zeitüberschreitung bei der Anforderung." UserInfo={_kCFStreamErrorCodeKey=-2102, NSUnderlyingError=0x600 {Error Domain=kCFErrorDomainCFNetwork Code=-1001 "(null)"}, NSErrorFailingURLStringKey=https://test.immersve.com/api/cards, NSErrorFailingURLKey=https://test.immersve.com/api/cards, _kCFStreamErrorDomainKey=4}
--- reads
- https://test.immersve.com/api/cards timeout

--- sample Alamofire
responseValidationFailed(reason: Alamofire.AFError.ResponseValidationFailureReason.unacceptableStatusCode(code: 403))
--- reads
- - 403

--- sample a response
<NSHTTPURLResponse: 0x600003d6c4e0> { URL: https://test.immersve.com/api/cards } { Status Code: 403, Headers {
    Date = "Sun, 29 Nov 2026 10:06:40 GMT";
} }
--- reads
- https://test.immersve.com/api/cards 403
