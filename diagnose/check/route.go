package check

func routeCheck() Check { return Check{Family: "route"} }
