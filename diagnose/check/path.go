package check

func pathCheck() Check { return Check{Family: "path"} }
