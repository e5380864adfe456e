# Bruno's reports and its collections in JSON.
kind      bruno
document  "iterationIndex"
document  "suitename"
item      request.url response
headers(request)  request.headers
headers   response.headers
member    request.method        {verb}
member    request.url           {template}
member(request) request.data    {body}
member    response.status       {status}
member    response.data         {body}
member    error                 {failure}{end}

--- sample
[{"iterationIndex":0,"results":[
{"test":{"filename":"currencies.bru"},"request":{"method":"GET","url":"https://test.immersve.com/api/currencies","headers":{"accept":"*/*"}},"response":{"status":200,"headers":{},"data":{"items":[]}},"error":null},
{"test":{"filename":"card.bru"},"request":{"method":"POST","url":"https://test.immersve.com/api/cards","headers":{"content-type":"application/json"},"data":"{\"a\":1}"},"response":{"status":403,"statusText":"Forbidden","headers":{"date":"Sun, 29 Nov 2026 10:06:40 GMT"},"data":{"statusCode":403,"errorCode":"KYC_REQUIRED"}},"error":null}]}]
--- reads
GET https://test.immersve.com/api/currencies 200
> accept: */*
<< {"items":[]}
POST https://test.immersve.com/api/cards 403
> content-type: application/json
>> {"a":1}
< date: Sun, 29 Nov 2026 10:06:40 GMT
<< {"statusCode":403,"errorCode":"KYC_REQUIRED"}
