# Hoppscotch's collections.
kind      hoppscotch
document  "testScript"
document  "preRequestScript"
item      endpoint method
headers(request)  headers key value
member    method   {verb}
member    endpoint {template}
member(request) body.body {body}
bearer    auth.token

--- sample
{"v":2,"name":"immersve","folders":[],"requests":[{"v":"3","auth":{"authType":"bearer","authActive":true,"token":"x"},"body":{"contentType":"application/json","body":"{\"a\": 1}"},"name":"create card","preRequestScript":"","testScript":"","method":"POST","headers":[{"key":"x-account-id","value":"1","active":true},{"key":"x-old","value":"2","active":false}],"endpoint":"https://test.immersve.com/api/cards"}]}
--- reads
POST https://test.immersve.com/api/cards -
> x-account-id: 1
> authorization: Bearer x
>> {"a": 1}
