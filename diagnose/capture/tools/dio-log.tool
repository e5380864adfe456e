# dio's LogInterceptor.
kind      client-log
request   *** Request ***
response  *** Response ***
response  *** DioException ***:
response  *** DioError ***:
more      DioError [{any}]: Http status error [{status}]
more      DioException [{any}]: {failure}{end}
more      DioError [{any}]: {failure}{end}
more      responseType: {any}
more      followRedirects: {any}
more      persistentConnection: {any}
more      connectTimeout: {any}
more      sendTimeout: {any}
more      receiveTimeout: {any}
more      receiveDataWhenStatusError: {any}
more      extra: {any}
more      headers:{end}
more(request)   uri: {url}
more      method: {verb}
more      statusCode: {status}
body(request)   data:{end}
body      Response Text:{end}
field     { }{name}: {value}

--- sample an error with its response
I/flutter (15518): *** Request ***
I/flutter (15518): uri: https://test.immersve.com/api/currencies
I/flutter (15518): method: GET
I/flutter (15518): headers:
I/flutter (15518):  accept: */*
I/flutter (15518): 
I/flutter (15518): *** DioError ***:
I/flutter (15518): uri: https://test.immersve.com/api/currencies
I/flutter (15518): DioError [DioErrorType.RESPONSE]: Http status error [403]
I/flutter (15518): uri: https://test.immersve.com/api/currencies
I/flutter (15518): statusCode: 403
I/flutter (15518): headers:
I/flutter (15518):  date: Sun, 29 Nov 2026 10:05:44 GMT
I/flutter (15518): Response Text:
I/flutter (15518): {"statusCode":403,"errorCode":"FORBIDDEN"}
--- reads
GET https://test.immersve.com/api/currencies 403
> accept: */*
< date: Sun, 29 Nov 2026 10:05:44 GMT
<< {"statusCode":403,"errorCode":"FORBIDDEN"}

--- sample
flutter: *** Request ***
flutter: uri: https://test.immersve.com/api/cards
flutter: method: POST
flutter: responseType: ResponseType.json
flutter: headers:
flutter:  content-type: application/json
flutter: data:
flutter: {"a":1}
flutter: 
flutter: *** Response ***
flutter: uri: https://test.immersve.com/api/cards
flutter: statusCode: 403
flutter: headers:
flutter:  content-type: application/json
flutter: Response Text:
flutter: {"statusCode":403,"errorCode":"KYC_REQUIRED"}
--- reads
POST https://test.immersve.com/api/cards 403
> content-type: application/json
>> {"a":1}
< content-type: application/json
<< {"statusCode":403,"errorCode":"KYC_REQUIRED"}
