# dio's LogInterceptor.
kind      client-log
request   *** Request ***
response  *** Response ***
failure   *** DioException ***:
failure   *** DioError ***:
more(request)   uri: {url}
more      method: {verb}
more      statusCode: {status}
body(request)   data:{end}
body      Response Text:{end}
field     { }{name}: {value}

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
