package check

func permissionCheck() Check { return Check{Family: "permission"} }
