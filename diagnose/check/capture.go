package check

func captureCheck() Check { return Check{Family: "capture"} }
