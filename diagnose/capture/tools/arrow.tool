# What people log themselves: a method, a target, and the status after an arrow or a verb.
kind      client-error
after     tesla node-log serilog
exchange  {method} {target} -> {status}
exchange  {method} {target} => {status}
exchange  {method} {target} → {status}
exchange  {method} {target} responded {status}{? in {duration}}
exchange  {method} {target} returned {status}{? in {duration}}
exchange  {method} {target} failed with {status}
exchange  {method} {target} failed: {status}

--- sample
POST /api/cards -> 403 KYC_REQUIRED
GET https://test.immersve.com/api/currencies responded 500 in 12ms
--- reads
POST /api/cards 403
GET https://test.immersve.com/api/currencies 500 12ms

--- sample a diff and a sentence
see GET /api/cards -> about 403 lines
--- reads
