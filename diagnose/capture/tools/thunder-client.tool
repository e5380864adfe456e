# Thunder Client's collections.
kind      thunder-client
document  "Thunder Client"
item      url method
headers(request)  headers name value
member    method  {verb}
member    url     {template}
member(request) body.raw {body}
bearer    auth.bearer

--- sample
{"client":"Thunder Client","collectionName":"immersve","requests":[{"headers":[{"name":"Accept","value":"*/*"}],"name":"create card","url":"https://test.immersve.com/api/cards","method":"POST","body":{"type":"json","raw":"{\"a\": 1}","form":[]}}]}
--- reads
POST https://test.immersve.com/api/cards -
> Accept: */*
>> {"a": 1}
