# Postman's console, copied: a request with its headers and bodies.
kind      postman-console
exchange  {method} {template}{newline}{status}{newline}{duration}{newline}
exchange  {method} {template}{newline}Status: {status}{? {phrase}}{newline}
failure   {method} {template}{newline}Error: {failure}{newline}
more(request,section)   Request Headers{end}
more(response,section)  Response Headers{end}
body(request,section)   Request Body{end}
body(response,section)  Response Body{end}
more      Network{end}
field     {name}: {value}

--- sample
POST https://test.immersve.com/api/cards
403
312 ms
Network
Request Headers
Content-Type: application/json
Request Body
{"a":1}
Response Headers
Date: Sun, 29 Nov 2026 10:06:40 GMT
Response Body
{"statusCode":403,"errorCode":"KYC_REQUIRED"}
--- reads
POST https://test.immersve.com/api/cards 403 312ms
> Content-Type: application/json
>> {"a":1}
< Date: Sun, 29 Nov 2026 10:06:40 GMT
<< {"statusCode":403,"errorCode":"KYC_REQUIRED"}

--- sample no connection
POST https://test.immersve.com/api/cards
Error: read ECONNRESET
Request Headers
Accept: */*
--- reads
POST https://test.immersve.com/api/cards connection-reset
> Accept: */*
