package check

func credentialsCheck() Check { return Check{Family: "credentials"} }
