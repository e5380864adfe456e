package check

func serverCheck() Check { return Check{Family: "server"} }
