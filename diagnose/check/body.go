package check

func bodyCheck() Check { return Check{Family: "body"} }
