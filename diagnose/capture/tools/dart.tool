# Errors of Dart's dio and http packages.
kind      client-error
exchange  DioException [bad response]: This exception was thrown because the response has a status code of {status} and
exchange  DioException [bad response]: {any}status code of {status}
exchange  DioError [DioErrorType.response]: Http status error [{status}]
exchange  DioError [bad response]: {any}status code of {status}
exchange  DioException [unknown]: {any}HttpException: {any}, uri = {url}
failure(timeout/connect)             DioException [connection timeout]
failure(timeout/wait)                DioException [receive timeout]
failure(timeout/send)                DioException [send timeout]
failure                              DioException [connection error]: {failure}{end}
failure(tls-failure/tls)             DioException [bad certificate]
failure(timeout/connect)             DioErrorType.connectTimeout
failure(timeout/wait)                DioErrorType.receiveTimeout
failure(dns-failure/dns)             SocketException: Failed host lookup: '{host}'
failure(dns-failure/dns)             Failed host lookup: '{host}'
failure(connection-refused/connect)  SocketException: Connection refused
failure(tls-failure/tls)             HandshakeException: 
failure                              ClientException with {failure}, uri={url}
failure                              ClientException: {failure}, uri={url}

--- sample dio 5
DioException [bad response]: This exception was thrown because the response has a status code of 401 and RequestOptions.validateStatus was configured to throw for this status code.
The status code of 401 has the following meaning: "Client error - the request contains bad syntax or cannot be fulfilled"
--- reads
- - 401

--- sample dio 4
DioError [DioErrorType.response]: Http status error [403]
--- reads
- - 403

--- sample no such name
DioException [connection error]: The connection errored: Failed host lookup: 'test.immersve.com' This indicates an error which most likely cannot be solved by the library.
Error: SocketException: Failed host lookup: 'test.immersve.com' (OS Error: nodename nor servname provided, or not known, errno = 8)
--- reads
- test.immersve.com dns-failure

--- sample package http
ClientException with SocketException: Connection refused (OS Error: Connection refused, errno = 111), address = test.immersve.com, port = 44312, uri=https://test.immersve.com/api/cards
--- reads
- https://test.immersve.com/api/cards connection-refused
