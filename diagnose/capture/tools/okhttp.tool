# OkHttp's HttpLoggingInterceptor at its levels BASIC, HEADERS and BODY, since version 2.
kind      okhttp
docs      https://square.github.io/okhttp/features/interceptors/
request   --> {method} {target}{? {proto}}{? ({size}-byte body)}{? (unknown-length body)}{end}
response(whole)  <-- {?{proto} }{status}{? {phrase}}{? {target}} ({duration}, {size}-byte body){end}
response(whole)  <-- {?{proto} }{status}{? {phrase}}{? {target}} ({duration}, unknown-length body){end}
response  <-- {?{proto} }{status}{? {phrase}}{? {target}} ({duration}){end}
failure   <-- HTTP FAILED: {failure}{end}
end(request)           --> END {method}{? ({size}-byte body)}{end}
end(request,omitted)   --> END {method} ({any}omitted){end}
end(response,omitted)  <-- END HTTP ({any}omitted){end}
end(response)          <-- END HTTP{? ({?{duration}, }{size}-byte{?, {number}-gzipped-byte} body)}{end}
skip      okhttp3.{word} log{end}
skip      okhttp3.{word} androidLog{end}
body      {end}
field     {name}: {value}

--- sample BASIC, two threads
D/OkHttp  ( 1234): --> POST https://test.immersve.com/api/cards (105-byte body)
D/OkHttp  ( 1234): <-- 403 Forbidden https://test.immersve.com/api/cards (123ms, 70-byte body)
--- reads
POST https://test.immersve.com/api/cards 403 123ms

--- sample BODY
--> POST https://test.immersve.com/api/cards http/1.1
Content-Type: application/json
Host: test.immersve.com

{"a":1}
--> END POST (7-byte body)
<-- 403 Forbidden https://test.immersve.com/api/cards (123ms)
content-type: application/json

{"statusCode":403,"errorCode":"KYC_REQUIRED"}
<-- END HTTP (45-byte body)
--- reads
POST https://test.immersve.com/api/cards 403 123ms
> Content-Type: application/json
> Host: test.immersve.com
>> {"a":1}
< content-type: application/json
<< {"statusCode":403,"errorCode":"KYC_REQUIRED"}

--- sample no connection
--> GET https://test.immersve.com/api/currencies
--> END GET
<-- HTTP FAILED: java.net.UnknownHostException: Unable to resolve host "test.immersve.com": No address associated with hostname
--- reads
GET https://test.immersve.com/api/currencies dns-failure
