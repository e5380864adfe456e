# Phoenix's log, Plug.Logger.
kind      log
request   {method} {path}{end}
response  Sent {status} in {duration}
response  Chunked {status} in {duration}
skip      Processing with {word}

--- sample
10:00:00.123 request_id=F1abc [info] POST /api/cards
10:00:00.143 request_id=F1abc [info] Sent 403 in 20ms
--- reads
POST /api/cards 403 20ms
