# libcurl's names of its errors, as Insomnia, R and other programs print them.
kind      client-error
failure(dns-failure/dns)             Error: Couldn't resolve host name
failure                              Error: Couldn't resolve proxy name
failure(connection-refused/connect)  Error: Couldn't connect to server
failure(timeout/wait)                Error: Timeout was reached
failure(tls-failure/tls)             Error: SSL peer certificate or SSH remote key was not OK
failure(tls-failure/tls)             Error: SSL connect error
failure(connection-reset/transfer)   Error: Failure when receiving data from the peer
failure(connection-reset/send)       Error: Failed sending data to the peer
failure(connection-reset/wait)       Error: Server returned nothing (no headers, no data)
failure(connection-reset/transfer)   Error: Transferred a partial file
failure                              Error: URL using bad/illegal format or missing URL
failure                              Error: Unsupported protocol
failure                              Error in curl::curl_fetch_memory(url, handle = handle) : {failure}{end}

--- sample Insomnia
Error: Couldn't resolve host name
--- reads
- - dns-failure

--- sample R
Error in curl::curl_fetch_memory(url, handle = handle) : Could not resolve host: test.imersve.com
--- reads
- - dns-failure
