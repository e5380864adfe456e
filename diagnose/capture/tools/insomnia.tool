# Insomnia's exports: version 4 in JSON, version 5 in YAML.
kind      insomnia
document  type: collection.insomnia.rest/5
document  "__export_format":
document  "__export_format" :
item      url method
headers(request)  headers name value
member    method  {verb}
member    url     {template}
member(request) body.text {body}
bearer    authentication.token

--- sample version 5
type: collection.insomnia.rest/5.0
name: immersve
collection:
  - name: cards
    children:
      - url: https://test.immersve.com/api/cards
        name: create card
        method: POST
        body:
          mimeType: application/json
          text: |-
            {"a": 1}
        headers:
          - name: Content-Type
            value: application/json
--- reads
POST https://test.immersve.com/api/cards -
> Content-Type: application/json
>> {"a": 1}

--- sample version 4
{"_type":"export","__export_format":4,"resources":[{"_id":"req_1","_type":"request","url":"https://test.immersve.com/api/currencies","method":"GET","headers":[{"name":"Accept","value":"*/*"}],"body":{}},{"_id":"wrk_1","_type":"workspace"}]}
--- reads
GET https://test.immersve.com/api/currencies -
> Accept: */*
