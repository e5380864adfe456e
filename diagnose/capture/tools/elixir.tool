# Errors of Elixir's HTTP clients: HTTPoison, Finch, Mint, Req.
kind      client-error
failure(dns-failure/dns)             %HTTPoison.Error{{id: {any}reason: :nxdomain
failure(connection-refused/connect)  %HTTPoison.Error{{id: {any}reason: :econnrefused
failure(timeout/connect)             %HTTPoison.Error{{id: {any}reason: :connect_timeout
failure(timeout/wait)                %HTTPoison.Error{{id: {any}reason: :timeout
failure(dns-failure/dns)             TransportError{{reason: :nxdomain
failure(connection-refused/connect)  TransportError{{reason: :econnrefused
failure(timeout/wait)                TransportError{{reason: :timeout
failure(connection-reset/transfer)   TransportError{{reason: :closed
failure(tls-failure/tls)             TransportError{{reason: {{:tls_alert
failure(dns-failure/dns)             :nxdomain
failure(connection-refused/connect)  :econnrefused
failure(timeout/wait)                error: :timeout
failure(timeout/connect)             :connect_timeout
exchange  (Req.HTTPError) {any}status {status}
exchange  %HTTPoison.Response{{status_code: {status}
exchange  %Req.Response{{status: {status},
exchange  %Finch.Response{{status: {status},
exchange  %Tesla.Env{{method: :{verb}, url: "{url}"{any}status: {status}

--- sample
** (MatchError) no match of right hand side value: {:error, %Mint.TransportError{reason: :econnrefused}}
--- reads
- - connection-refused

--- sample HTTPoison
{:ok, %HTTPoison.Response{status_code: 403, body: "{\"errorCode\":\"KYC_REQUIRED\"}"}}
--- reads
- - 403
