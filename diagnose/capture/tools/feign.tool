# OpenFeign's Logger at its levels BASIC, HEADERS and FULL.
kind      client-log
docs      https://github.com/OpenFeign/feign/blob/master/core/src/main/java/feign/Logger.java
request   ---> {method} {target} HTTP/{proto}{end}
response  <--- HTTP/{proto} {status}{? {phrase}} ({duration}){end}
failure   <--- ERROR {failure} ({duration}){end}
end(request)   ---> END HTTP ({size}-byte body)
end(response)  <--- END HTTP ({size}-byte body)
end(request)   ---> END HTTP{end}
end(response)  <--- END HTTP{end}
skip      ---> RETRYING
skip      <--- END ERROR
body      {end}
field     {name}: {value}

--- sample BASIC behind Spring Boot's prefix, two threads
2026-11-29 10:00:00.123 DEBUG 1 --- [exec-1] c.e.C : [C#call] ---> POST https://test.immersve.com/api/cards HTTP/1.1
2026-11-29 10:00:00.200 DEBUG 1 --- [exec-2] c.e.C : [C#call] ---> GET https://test.immersve.com/api/currencies HTTP/1.1
2026-11-29 10:00:00.323 DEBUG 1 --- [exec-1] c.e.C : [C#call] <--- HTTP/1.1 403 (200ms)
2026-11-29 10:00:00.423 DEBUG 1 --- [exec-2] c.e.C : [C#call] <--- HTTP/1.1 200 OK (223ms)
--- reads
POST https://test.immersve.com/api/cards 403 200ms at 2026-11-29T10:00:00.123Z
GET https://test.immersve.com/api/currencies 200 223ms at 2026-11-29T10:00:00.2Z

--- sample FULL
[CardsApi#create] ---> POST https://test.immersve.com/api/cards HTTP/1.1
[CardsApi#create] Content-Type: application/json
[CardsApi#create] 
[CardsApi#create] {"a":1}
[CardsApi#create] ---> END HTTP (7-byte body)
[CardsApi#create] <--- HTTP/1.1 403 Forbidden (97ms)
[CardsApi#create] content-type: application/json
[CardsApi#create] 
[CardsApi#create] {"statusCode":403,"errorCode":"KYC_REQUIRED"}
[CardsApi#create] <--- END HTTP (45-byte body)
--- reads
POST https://test.immersve.com/api/cards 403 97ms
> Content-Type: application/json
>> {"a":1}
< content-type: application/json
<< {"statusCode":403,"errorCode":"KYC_REQUIRED"}

--- sample no connection
[CardsApi#create] ---> POST https://test.immersve.com/api/cards HTTP/1.1
[CardsApi#create] <--- ERROR SocketTimeoutException: Read timed out (5012ms)
--- reads
POST https://test.immersve.com/api/cards timeout
