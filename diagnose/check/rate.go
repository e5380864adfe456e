package check

func rateCheck() Check { return Check{Family: "rate"} }
