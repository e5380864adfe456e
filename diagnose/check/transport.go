package check

func transportCheck() Check { return Check{Family: "transport"} }
