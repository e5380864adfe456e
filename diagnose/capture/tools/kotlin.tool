# Errors of Kotlin's Ktor client and of Retrofit.
kind      client-error
exchange  Client request({method} {url}) invalid: {status}{? {?{phrase}}}. Text: "{?{body}}
exchange  Server error({method} {url}: {status}{? {?{phrase}}}. Text: "{?{body}}
exchange  Unhandled redirect: {method} {url}. Status: {status}
exchange  retrofit2.HttpException: HTTP {status}
exchange  retrofit2.adapter.rxjava2.HttpException: HTTP {status}
failure(timeout/wait)     Request timeout has expired [url={url}, request_timeout={any}]
failure(timeout/connect)  Connect timeout has expired [url={url}, connect_timeout={any}]
failure(timeout/wait)     Socket timeout has expired [url={url}, socket_timeout={any}]

--- sample the text over lines
    Suppressed: kotlinx.coroutines.internal.DiagnosticCoroutineContextException: [StandaloneCoroutine{Cancelling}@2dcecd7]
    Caused by: io.ktor.client.plugins.ClientRequestException: Client request(POST https://test.immersve.com/api/cards) invalid: 401 . Text: "{
    "statusCode": 401,
    "statusName": "Unauthorized"
    }
    "
    at io.ktor.client.plugins.DefaultResponseValidationKt.invokeSuspend(DefaultResponseValidation.kt:54)
--- reads
POST https://test.immersve.com/api/cards 401

--- sample
io.ktor.client.plugins.ClientRequestException: Client request(GET https://test.immersve.com/api/currencies) invalid: 403 Forbidden. Text: "{"statusCode":403,"errorCode":"FORBIDDEN"}"
--- reads
GET https://test.immersve.com/api/currencies 403
<< {"statusCode":403,"errorCode":"FORBIDDEN"}

--- sample a timeout
io.ktor.client.network.sockets.ConnectTimeoutException: Connect timeout has expired [url=https://test.immersve.com/api/cards, connect_timeout=1000 ms]
--- reads
- https://test.immersve.com/api/cards timeout
