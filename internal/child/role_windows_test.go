package child_test

// roles are none: what they do is Unix's.
var roles map[string]func() int
