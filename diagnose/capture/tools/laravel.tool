# Laravel: php artisan serve, and Octane.
kind      log
exchange  {status}  {method} {target} ....{any} {duration}

--- sample Octane
  200    GET /api/currencies ................ 12.34 ms
--- reads
GET /api/currencies 200 12.34ms
