# Rails' log.
kind      log
request   Started {method} "{target}" for {address} at {time}
response  Completed {status}{? {phrase}} in {duration}
skip      Processing by {word}#{word} as
skip        Parameters: {{

--- sample
I, [2026-11-29T10:00:00.123456 #1]  INFO -- : Started POST "/api/cards" for 10.0.0.1 at 2026-11-29 10:00:00 +0000
I, [2026-11-29T10:00:00.124456 #1]  INFO -- : Processing by CardsController#create as JSON
I, [2026-11-29T10:00:00.144456 #1]  INFO -- : Completed 403 Forbidden in 22ms (Views: 0.2ms | ActiveRecord: 1.1ms)
--- reads
POST /api/cards 403 22ms at 2026-11-29T10:00:00Z

--- sample tagged by request, interleaved
[8f2a] Started POST "/api/cards" for 10.0.0.1 at 2026-11-29 10:00:00 +0000
[9c11] Started GET "/api/currencies" for 10.0.0.1 at 2026-11-29 10:00:01 +0000
[9c11] Completed 200 OK in 3ms (Views: 0.2ms)
[8f2a] Completed 403 Forbidden in 1022ms (Views: 0.2ms)
--- reads
GET /api/currencies 200 3ms at 2026-11-29T10:00:01Z
POST /api/cards 403 1.022s at 2026-11-29T10:00:00Z
