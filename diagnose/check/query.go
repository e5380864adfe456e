package check

func queryCheck() Check { return Check{Family: "query"} }
