package check

func responseCheck() Check { return Check{Family: "response"} }
